"""Finding things in pictures: the `Detector` port and its ONNX Runtime engine.

Any engine that turns pictures into `Detections` fits the port and is held to the same
contract tests. Only pixels go in and only boxes come out: no tracking, no rules.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from vision.detection import Detections
from vision.errors import ModelError
from vision.frame import Image
from vision.heads import decode
from vision.letterbox import letterbox
from vision.nms import suppress
from vision.onnx_graph import cut_at_heads

Floats = NDArray[np.float32]

LONGEST = 640  # pixels: the longer side of the model's input
HURRIED = 480  # the same where others wait: little over half the pixels, two thirds of the time
STRIDE = 32  # both sides of the input are multiples of it


class Detector(Protocol):
    """Something that finds things in pictures; called from several threads at once."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every name that `detect` may give."""
        ...

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """What is in each picture (height x width x 3, BGR); one answer per picture, in order."""
        ...


@runtime_checkable
class Scalable(Protocol):
    """A detector that can look at smaller pictures where time is short."""

    def hurried(self) -> Detector:
        """The same with less detail, and quicker; shares its memory with this one."""
        ...


class OnnxDetector:
    """A model of the YOLOv8 shape on ONNX Runtime; each call runs in its caller's thread alone.

    `classes` maps the model's class index to our name, so several indices may share a name;
    indices that are not named are ignored. Boxes of all classes suppress each other: one
    thing carries one name, the most confident one. `longest`: the longer side of the input in
    pixels; the other one follows the picture, unless the model's input cannot be freed
    (`vision.onnx_graph`), which then is used as it is. Raises `ModelError`.
    """

    def __init__(
        self,
        model: Path,
        classes: Mapping[int, str],
        *,
        confidence: float = 0.25,
        iou: float = 0.6,
        longest: int = LONGEST,
    ) -> None:
        self._name = model.name
        data = _read(model)
        cut = _cut(data)
        self._free = cut is not None
        self._session = _session(self._name, cut or data)
        self._input = self._session.get_inputs()[0]
        self._classes = dict(classes)
        self._confidence = confidence
        self._iou = iou
        self._longest = longest

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every name that `detect` may give."""
        return tuple(dict.fromkeys(self._classes.values()))

    def hurried(self) -> Self:
        """See `Scalable`; a model whose input cannot be freed stays as it is."""
        other = copy.copy(self)
        other._longest = min(self._longest, HURRIED)
        return other

    def warm_up(self) -> None:
        """Look at nothing, with all detail and in a hurry: first looks take several times longer.

        Who falls in a camera's first second must have been seen standing in it.
        """
        for one in (self, self.hurried()):
            one.detect([np.zeros((480, 640, 3), np.uint8)])

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """What is in each picture; one run each, because a batch saves nothing on a CPU."""
        return [self._one(image) for image in images]

    def _one(self, image: Image) -> Detections:
        width, height = self._size_for(image)
        blob, fit = letterbox(image, width, height)
        outputs = self._session.run(None, {self._input.name: blob[None]})
        corners, scores = self._candidates(outputs, height)
        index = scores.argmax(axis=1)
        best = scores[np.arange(len(index)), index] if len(index) else np.empty(0, np.float32)
        named = np.array([int(i) in self._classes for i in index], bool)
        sure = np.flatnonzero(named & (best >= self._confidence))
        names = tuple(self._classes[int(i)] for i in index[sure])
        found = Detections(fit.to_picture(corners[sure]), best[sure], names)
        return found.take(suppress(found.xyxy, found.confidence, self._iou))

    def _size_for(self, image: Image) -> tuple[int, int]:
        if not self._free:
            return _fixed_size(self._input.shape)
        rows, columns = image.shape[:2]
        scale = self._longest / max(rows, columns)
        width, height = (max(1, ceil(side * scale / STRIDE)) * STRIDE for side in (columns, rows))
        return width, height

    def _candidates(self, outputs: Sequence[Floats], height: int) -> tuple[Floats, Floats]:
        """N x 4 corners in pixels of the input, N x classes scores."""
        if self._free:
            return decode([head[0] for head in outputs], height, self._confidence)
        output = np.asarray(outputs[0], np.float32)
        if output.ndim != 3 or output.shape[1] < 5:
            raise ModelError(self._name, f"its answer has the unknown shape {output.shape}")
        return _corners(output[0, :4].T), output[0, 4:].T


def _corners(xywh: Floats) -> Floats:
    """N x (centre x, centre y, width, height) as left-top-right-bottom."""
    half = xywh[:, 2:] / 2
    joined = np.concatenate([xywh[:, :2] - half, xywh[:, :2] + half], axis=1)
    return joined.astype(np.float32)


def _fixed_size(shape: Sequence[Any]) -> tuple[int, int]:
    height, width = (side if isinstance(side, int) else LONGEST for side in shape[2:4])
    return width, height


def _read(model: Path) -> bytes:
    try:
        return model.read_bytes()
    except OSError as error:
        raise ModelError(model.name, f"cannot be read: {error.strerror}") from error


def _cut(data: bytes) -> bytes | None:
    try:
        return cut_at_heads(data)
    except (IndexError, StopIteration, UnicodeDecodeError):  # no ONNX file: the runtime will say so
        return None


def _session(name: str, data: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # several threads per worker collapse on shared cores
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # boundary: its errors have no base of their own
        raise ModelError(name, f"ONNX Runtime cannot load it: {error}") from error
