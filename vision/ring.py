"""The frames of the last seconds, compressed, so that any moment can be looked at again."""

from __future__ import annotations

import threading
from collections import deque

from vision.annotate import encode
from vision.frame import Frame

Snapshot = tuple[bytes, float]
"""JPEG, and when it was captured (epoch seconds)."""

EVERY_S = 0.5  # two pictures a second are enough for reports without one


class Ring:
    """JPEGs of one camera; filled by its thread, read by anyone."""

    def __init__(self, seconds: float = 12.0) -> None:
        self._seconds = seconds
        self._kept: deque[Snapshot] = deque()
        self._lock = threading.Lock()

    def add(self, frame: Frame) -> None:
        """Keep this frame if the last kept one is old enough; about 5 ms at 1920 x 1080."""
        with self._lock:
            last = self._kept[-1][1] if self._kept else None
        if last is not None and 0 <= frame.captured_at - last < EVERY_S:
            return
        jpeg = encode(frame.image, quality=88)
        with self._lock:
            self._kept.append((jpeg, frame.captured_at))
            while frame.captured_at - self._kept[0][1] > self._seconds:
                self._kept.popleft()

    def newest(self) -> Snapshot | None:
        """The last picture, however old."""
        with self._lock:
            return self._kept[-1] if self._kept else None

    def near(self, at: float, within: float = 5.0) -> Snapshot | None:
        """The picture nearest to a moment, None if none is within so many seconds of it."""
        with self._lock:
            best = min(self._kept, key=lambda kept: abs(kept[1] - at), default=None)
        return best if best is not None and abs(best[1] - at) <= within else None
