"""A still picture seen by a camera that moves over it: motion without a video file."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi, sin
from pathlib import Path
from typing import ClassVar

import numpy as np

from vision.frame import Frame, Image
from vision.sources.base import Rate
from vision.sources.still import read_picture

SIDE = 720  # pixels of the square view
WINDOW = 0.8  # of the picture's shorter side
ZOOM = 0.03  # how much the window breathes
HEIGHT = 0.69  # where the window lies between the top (0) and the bottom (1): street level
PERIOD_S = 30.0  # there and back again

ZONE = ((0.33, 0.6), (0.7, 0.6), (0.7, 1.0), (0.33, 1.0))
"""A danger zone for the street picture (`sample-street`): the middle of the pavement. A person
walks in within 2 s, stays for about 12 s, then it is empty for about 17 s, again and again."""


class PanSource:
    """Shows a square window of the picture that swings from side to side; endless."""

    recorded: ClassVar[bool] = True

    def __init__(self, camera: str, path: Path, start: float) -> None:
        self._camera = camera
        self._path = path
        self._start = start
        self._closed = False

    def frames(self, rate: Rate) -> Iterator[Frame]:
        """Views at the wanted rate, until closed."""
        picture = read_picture(self._path)
        seconds = 0.0
        while not self._closed:
            yield Frame(self._camera, self._start + seconds, view(picture, seconds))
            seconds += 1 / rate()

    def close(self) -> None:
        """Stop at the next frame."""
        self._closed = True


def view(picture: Image, seconds: float) -> Image:
    """What the moving camera shows: it starts in the middle and swings to the left first."""
    import cv2

    rows, columns = picture.shape[:2]
    phase = 2 * pi * seconds / PERIOD_S
    side = int(WINDOW * min(rows, columns) * (1 + ZOOM * sin(2 * phase)))
    left = (columns - side) * (1 - sin(phase)) / 2
    top = (rows - side) * HEIGHT
    shift = np.array([[1, 0, -left], [0, 1, -top]], np.float64) * (SIDE / side)
    turned = cv2.warpAffine(
        picture, shift, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned, np.uint8)
