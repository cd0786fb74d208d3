"""The motion gate: whether a picture is worth a detector's time at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vision.frame import Image

WIDTH, HEIGHT = 320, 180
STEP = 12  # of 255: less is sensor noise after the blur
LEAST_SHARE = 0.0008  # of the small picture: 46 pixels, a person 1/20 of the picture high
IDLE_S = 10.0  # even a still scene is looked at this often


class MotionGate:
    """Compares each picture with the last one that was let through, small, grey and blurred.

    The reference moves on only when something passed, so a slow change adds up and is seen.
    """

    def __init__(self) -> None:
        self._reference: NDArray[np.uint8] | None = None
        self._passed_at = 0.0

    def passes(self, image: Image, at: float, *, always: bool = False) -> bool:
        """Whether this picture should be looked at; `always` opens the gate."""
        small = _small(image)
        if always or self._is_due(at) or _moved(self._reference, small):
            self._reference, self._passed_at = small, at
            return True
        return False

    def _is_due(self, at: float) -> bool:
        return self._reference is None or at - self._passed_at >= IDLE_S


def _small(image: Image) -> NDArray[np.uint8]:
    import cv2

    grey = cv2.cvtColor(
        cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), cv2.COLOR_BGR2GRAY
    )
    return np.asarray(cv2.GaussianBlur(grey, (5, 5), 0), np.uint8)


def _moved(reference: NDArray[np.uint8] | None, small: NDArray[np.uint8]) -> bool:
    import cv2

    if reference is None:
        return True
    changed = int(np.count_nonzero(cv2.absdiff(reference, small) > STEP))
    return changed >= LEAST_SHARE * small.size
