"""A camera at work: the thread that reads its source, and what is known of it.

The thread only reads, keeps pace, fills the ring and leaves the newest frame in the slot. Looking
at frames is the looker's work (`vision.looker`), so a slow detector never makes a source late:
frames that nobody had time for are replaced by newer ones.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from vision.errors import VisionError
from vision.frame import Frame
from vision.pipeline import Pipeline
from vision.ring import Ring
from vision.sources.base import Source
from vision.specs import CameraSpec
from vision.status import CameraStatus, State

log = logging.getLogger(__name__)

STATUS_S = 5.0  # the look rate is counted over this long


class Camera:
    """One source, its thread, its pipeline and its newest frames."""

    def __init__(
        self,
        spec: CameraSpec,
        open_source: Callable[[], Source],
        pipeline: Pipeline,
        wake: Callable[[], None],
        *,
        paced: bool = True,
    ) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.ring = Ring()
        self.source: Source | None = None
        self._open_source = open_source
        self._wake = wake
        self._paced = paced
        self._lock = threading.Condition()
        self._slot: Frame | None = None
        self._down = False
        self._stop = threading.Event()
        self._state: State = "starting"
        self._reason: str | None = None
        self._arrived_at: float | None = None
        self._looked: deque[float] = deque()
        self._thread = threading.Thread(target=self._run, name=f"camera-{spec.id}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._stop.set()
        with self._lock:
            self._slot = None
            self._lock.notify_all()
            if self.source is not None:
                self.source.close()

    def join(self, seconds: float) -> bool:
        """Wait for the thread; False if it did not end in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def take(self) -> tuple[Frame | None, bool]:
        """The newest frame that nobody looked at yet, and whether the source broke after it.

        Called by the looker alone. An outage is handed out once.
        """
        with self._lock:
            frame, down = self._slot, self._down
            self._slot, self._down = None, False
            self._lock.notify_all()
            return frame, down

    def looked(self) -> None:
        """Count one look."""
        now = time.monotonic()
        with self._lock:
            self._looked.append(now)
            while now - self._looked[0] > STATUS_S:
                self._looked.popleft()

    def check_age(self) -> None:
        """Mark an open source stale when its frames stay away; part of every watchdog round."""
        with self._lock:
            if self._state != "live" or self._arrived_at is None:
                return
            if time.monotonic() - self._arrived_at <= self.spec.stale_after_s:
                return
            self._state = "stale"
            self._reason = f"no frame for {self.spec.stale_after_s:g} s"
            self._down = True
        self._wake()

    def status(self) -> CameraStatus:
        """What the camera does at this moment."""
        now = time.monotonic()
        with self._lock:
            recent = sum(now - at <= STATUS_S for at in self._looked)
            age = None if self._arrived_at is None else now - self._arrived_at
            return CameraStatus(self.spec.id, self._state, self._reason, recent / STATUS_S, age)

    def _run(self) -> None:
        try:
            self._read()
        except VisionError as error:
            log.warning("camera %s failed: %s", self.spec.id, error)
            self._finish("failed", str(error))
        except Exception as error:  # boundary: a thread must not die unseen
            log.exception("camera %s failed", self.spec.id)
            self._finish("failed", f"{type(error).__name__}: {error}")
        else:
            self._finish("ended", None)

    def _read(self) -> None:
        source = self._open_source()
        with self._lock:
            self.source = source
        if self._stop.is_set():
            source.close()
            return
        for frame in source.frames(self._rate):
            if source.recorded and self._paced:
                self._stop.wait(max(0.0, frame.captured_at - time.time()))
            if self._stop.is_set():
                return
            self.ring.add(frame)
            self._offer(frame)

    def _rate(self) -> float:
        if self.pipeline.busy:
            return self.spec.deciding_per_second
        return self.spec.looks_per_second

    def _offer(self, frame: Frame) -> None:
        with self._lock:
            if not self._paced:  # nothing may be skipped: wait until the last one was taken
                self._lock.wait_for(lambda: self._slot is None or self._stop.is_set())
            self._slot = frame
            self._arrived_at = time.monotonic()
            self._state, self._reason = "live", None
        self._wake()

    def _finish(self, state: State, reason: str | None) -> None:
        with self._lock:
            self._state, self._reason = state, reason
            # a program that stops says nothing about the hazard: it will resume or ask anew
            self._down = not self._stop.is_set()
        self._wake()
