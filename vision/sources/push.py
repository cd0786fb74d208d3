"""Frames that somebody hands in: an AI box, a helmet, a test."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
from typing import ClassVar

from vision.frame import Frame
from vision.sources.base import Rate

WAITING = 4  # frames; older ones are dropped, so a burst cannot fill the memory


class PushSource:
    """A short queue of frames; the newest wins, and frames of the past are refused."""

    recorded: ClassVar[bool] = False

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._frames: queue.Queue[Frame | None] = queue.Queue()
        self._newest = float("-inf")
        self._closed = False

    def push(self, frame: Frame) -> bool:
        """Hand in a frame; False where it is not newer than the one before, or after closing."""
        if self._closed or frame.captured_at <= self._newest:
            return False
        self._newest = frame.captured_at
        while self._frames.qsize() >= WAITING:
            with contextlib.suppress(queue.Empty):  # the reader may have been quicker
                self._frames.get_nowait()
        self._frames.put(frame)
        return True

    def frames(self, rate: Rate) -> Iterator[Frame]:
        """What was handed in; whoever pushes keeps the rate."""
        while (frame := self._frames.get()) is not None:
            yield frame

    def close(self) -> None:
        """End `frames`."""
        self._closed = True
        self._frames.put(None)
