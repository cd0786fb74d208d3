"""Fitting a picture into a model's input without bending it, and boxes back out of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

GREY = 114  # the padding that the YOLO family was trained with


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture was scaled and padded: model = picture * scale + offset."""

    scale: float
    left: int
    top: int
    width: int
    height: int

    def to_picture(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes of the model's input (N x 4) in pixels of the picture, clipped to it."""
        offset = np.array([self.left, self.top, self.left, self.top], np.float32)
        limit = np.array([self.width, self.height, self.width, self.height], np.float32)
        return np.clip((xyxy - offset) / np.float32(self.scale), 0, limit).astype(np.float32)


def letterbox(image: Image, width: int, height: int) -> tuple[NDArray[np.float32], Fit]:
    """The picture as 3 x height x width RGB in 0..1, and how to come back from it."""
    import cv2

    rows, columns = image.shape[:2]
    scale = min(width / columns, height / rows)
    inner = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    resized = image if inner == (columns, rows) else cv2.resize(image, inner, interpolation=how)
    canvas = np.full((height, width, 3), GREY, np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = resized
    planes = canvas[:, :, ::-1].transpose(2, 0, 1)
    blob = np.ascontiguousarray(planes, dtype=np.float32)
    blob *= 1 / 255
    return blob, Fit(scale, left, top, columns, rows)
