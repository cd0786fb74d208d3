"""Finding things in pictures: the `Detector` port and its ONNX Runtime engine.

Any engine that turns pictures into `Detections` fits the port and is held to the same
contract tests. Only pixels go in and only boxes come out: no tracking, no rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vision.detection import Detections
from vision.errors import ModelError
from vision.frame import Image
from vision.letterbox import Fit, letterbox
from vision.nms import suppress

DEFAULT_SIZE = 640


class Detector(Protocol):
    """Something that finds things in pictures; called from one thread at a time."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every name that `detect` may give."""
        ...

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """What is in each picture (height x width x 3, BGR); one answer per picture, in order."""
        ...


class OnnxDetector:
    """A YOLOv8-shaped model (output 1 x 4+classes x candidates) on ONNX Runtime, one thread.

    `classes` maps the model's class index to our name, so several indices may share a name;
    indices that are not named are ignored. Boxes of all classes suppress each other: one
    thing carries one name, the most confident one.
    """

    def __init__(
        self,
        model: Path,
        classes: Mapping[int, str],
        *,
        confidence: float = 0.25,
        iou: float = 0.6,
        size: tuple[int, int] | None = None,
    ) -> None:
        self._name = model.name
        self._session = _session(model)
        self._input = self._session.get_inputs()[0]
        self._width, self._height = size or _input_size(self._input.shape)
        self._classes = dict(classes)
        self._confidence = confidence
        self._iou = iou

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every name that `detect` may give."""
        return tuple(dict.fromkeys(self._classes.values()))

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """What is in each picture; pictures go through the model one by one (fixed batch of 1)."""
        return [self._one(image) for image in images]

    def _one(self, image: Image) -> Detections:
        blob, fit = letterbox(image, self._width, self._height)
        output = self._session.run(None, {self._input.name: blob[None]})[0]
        return self._read(np.asarray(output, np.float32), fit)

    def _read(self, output: NDArray[np.float32], fit: Fit) -> Detections:
        if output.ndim != 3 or output.shape[1] < 5:
            raise ModelError(self._name, f"its answer has the unknown shape {output.shape}")
        scores = output[0, 4:]
        best = scores.max(axis=0)
        kept = np.flatnonzero(best >= self._confidence)
        index = scores[:, kept].argmax(axis=0)
        named = np.array([int(i) in self._classes for i in index], bool)
        kept, index = kept[named], index[named]
        xyxy = fit.to_picture(_corners(output[0, :4, kept]))
        found = Detections(xyxy, best[kept], tuple(self._classes[int(i)] for i in index))
        return found.take(suppress(found.xyxy, found.confidence, self._iou))


def _corners(xywh: NDArray[np.float32]) -> NDArray[np.float32]:
    """N x (centre x, centre y, width, height) as left-top-right-bottom."""
    half = xywh[:, 2:] / 2
    joined = np.concatenate([xywh[:, :2] - half, xywh[:, :2] + half], axis=1)
    return joined.astype(np.float32)


def _input_size(shape: Sequence[Any]) -> tuple[int, int]:
    height, width = (side if isinstance(side, int) else DEFAULT_SIZE for side in shape[2:4])
    return width, height


def _session(model: Path) -> Any:
    import onnxruntime

    if not model.is_file():
        raise ModelError(model.name, f"there is no file {model}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # several threads per worker collapse on shared cores
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(model.name, f"ONNX Runtime cannot load it: {error}") from error
