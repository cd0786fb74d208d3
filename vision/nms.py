"""Overlap of boxes, and keeping the best of those that overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]


def iou(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """Intersection over union, N x M, of every box of `first` with every one of `second`."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inside = np.clip(high - low, 0, None).prod(axis=2)
    union = _area(first)[:, None] + _area(second)[None, :] - inside
    return (inside / np.maximum(union, 1e-9)).astype(np.float32)


def suppress(xyxy: Boxes, confidence: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    """Indices of the boxes to keep, best first; greedy non-maximum suppression."""
    order = np.argsort(-confidence, kind="stable")
    kept: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        overlap = iou(xyxy[best : best + 1], xyxy[rest])[0]
        order = rest[overlap <= threshold]
    return np.asarray(kept, np.int64)


def _area(boxes: Boxes) -> NDArray[np.float32]:
    return ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).astype(np.float32)
