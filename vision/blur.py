"""Making heads unrecognisable, and leaving the rest: how somebody lies must stay visible.

Whoever decides about an emergency judges by the picture. So only the parts of a box are blurred in
which the head can be: the top of an upright person, the end away from the feet of a lying one, and
more where it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from vision.detection import Detections
from vision.frame import Image
from vision.geometry import Box, size

UPRIGHT = 0.34  # of the height, from the top: the head and a margin for bent necks
LONG = 1.6  # sides' ratio from which a fallen body surely lies along the longer one
END = 0.38  # of the length: arms stretched over the head make the box longer than the body
CROUCHED = 0.45  # of the height, from the top, where somebody sits or kneels
SURE = 0.25  # of the length: feet so far from the middle tell at which end the head is
CELLS = 6  # across the blurred part: no face can be read from it, nor restored by sharpening


def blur_heads(image: Image, found: Detections, feet: Mapping[int, float] | None = None) -> Image:
    """A copy in which the likely heads are blurred.

    `feet`: track id -> where that person's feet were when last seen upright, pixels from the left.
    """
    canvas = image.copy()
    for index, name in enumerate(found.class_name):
        left, top, right, bottom = (float(value) for value in found.xyxy[index])
        track = -1 if found.track_id is None else int(found.track_id[index])
        stood = (feet or {}).get(track)
        for part in _heads((left, top, right, bottom), name == "fallen", stood):
            _blur(canvas, part)
    return canvas


def _heads(box: Box, fallen: bool, stood: float | None) -> Iterator[Box]:
    """The parts of a person's box in which the head may be."""
    left, top, right, bottom = box
    width, height = size(box)
    if width > LONG * height:
        yield from _ends(box, stood)
    elif fallen and height > LONG * width:  # along the line of sight, head near or far
        yield left, top, right, top + height * END
        yield left, bottom - height * END, right, bottom
    elif fallen or width > height:
        yield left, top, right, top + height * CROUCHED
        yield left, top, left + width * END, bottom
        yield right - width * END, top, right, bottom
    else:
        yield left, top, right, top + height * UPRIGHT


def _ends(box: Box, stood: float | None) -> Iterator[Box]:
    left, top, right, bottom = box
    width = right - left
    away = 0.0 if stood is None else (stood - (left + right) / 2) / width
    if away > -SURE:
        yield left, top, left + width * END, bottom
    if away < SURE:
        yield right - width * END, top, right, bottom


def _blur(canvas: Image, part: Box) -> None:
    import cv2

    x1, y1, x2, y2 = (max(0, round(value)) for value in part)
    sharp = canvas[y1:y2, x1:x2]
    if not sharp.size:
        return
    rows, columns = sharp.shape[:2]
    cell = max(min(rows, columns) / CELLS, 4)
    coarse = (max(1, round(columns / cell)), max(1, round(rows / cell)))
    small = cv2.resize(sharp, coarse, interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)
    canvas[y1:y2, x1:x2] = np.asarray(blurred, np.uint8)
