"""Boxes and polygons: pixels for boxes, fractions of the picture for polygons."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""


def foot(box: Box, width: int, height: int) -> Point:
    """Where a standing person touches the ground: bottom centre, as fractions of the picture."""
    left, _, right, bottom = box
    return (left + right) / 2 / width, bottom / height


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Whether the point lies in the polygon (even-odd rule; lower and left borders count)."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


def area(polygon: Sequence[Point]) -> float:
    """Area of a simple polygon, as a fraction of the picture."""
    pairs = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def size(box: Box) -> tuple[float, float]:
    """Width and height, pixels."""
    return box[2] - box[0], box[3] - box[1]


def centre(box: Box) -> Point:
    """The middle of a box, pixels."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def diagonal(box: Box) -> float:
    """Corner to corner, pixels."""
    return hypot(*size(box))


def touches_edge(box: Box, width: int, height: int, margin: float = 0.01) -> bool:
    """Whether the box comes within `margin` (a fraction) of any edge of the picture."""
    return touches_side(box, width, margin) or (
        box[1] <= height * margin or box[3] >= height * (1 - margin)
    )


def touches_side(box: Box, width: int, margin: float = 0.01) -> bool:
    """Whether the box comes within `margin` of the left or right edge of the picture."""
    return box[0] <= width * margin or box[2] >= width * (1 - margin)
