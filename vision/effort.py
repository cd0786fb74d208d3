"""What looking costs on this machine."""

from __future__ import annotations

import time

import numpy as np

from vision.detector import Detector

ROUNDS = 2


def look_seconds(detector: Detector) -> float:
    """Seconds of one core for one look at a wide picture, whatever else the machine does."""
    picture = np.zeros((720, 1280, 3), np.uint8)
    detector.detect([picture])
    began = time.thread_time()
    for _ in range(ROUNDS):
        detector.detect([picture])
    return (time.thread_time() - began) / ROUNDS
