"""The one thread that runs the detector, for all cameras in turn.

Several inference threads on shared cores collapse, so there is one; each camera has its turn,
and always with its newest frame.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from vision.camera import Camera
from vision.violation import Key, Violation

log = logging.getLogger(__name__)

WATCHDOG_S = 1.0


class Looker:
    """Takes cameras' frames through their pipelines and hands on what follows."""

    def __init__(self, hand_on: Callable[[Violation], None]) -> None:
        self._hand_on = hand_on
        self._cameras: Sequence[Camera] = ()
        self._awake = threading.Event()
        self._stop = threading.Event()
        self._resumed: list[Key] = []
        self._lock = threading.Lock()
        self._checked_at = 0.0
        self._thread = threading.Thread(target=self._run, name="looker", daemon=True)

    def start(self, cameras: Sequence[Camera]) -> None:
        """Begin to look at these cameras."""
        self._cameras = cameras
        self._thread.start()

    def wake(self) -> None:
        """Say that a frame is waiting; from any thread."""
        self._awake.set()

    def resume(self, keys: Sequence[Key]) -> None:
        """Violations that lasted before; taken up before the next frame is looked at."""
        with self._lock:
            self._resumed += keys
        self._awake.set()

    def stop(self) -> None:
        """Ask the thread to end after the frame it is looking at."""
        self._stop.set()
        self._awake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread; False if it did not end in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._awake.wait(WATCHDOG_S)
            self._awake.clear()
            self._take_up()
            for camera in self._cameras:
                if not self._stop.is_set():
                    self._serve(camera)
            self._watch()

    def _serve(self, camera: Camera) -> None:
        frame, down = camera.take()
        try:
            if frame is not None:
                self._hand_on_all(camera.pipeline.take(frame))
                camera.looked()
            if down:
                self._hand_on_all(camera.pipeline.source_down())
        except Exception:  # boundary: one camera's broken frame must not blind all the others
            log.exception("looking at a frame of camera %s failed", camera.spec.id)

    def _hand_on_all(self, violations: list[Violation]) -> None:
        for violation in violations:
            self._hand_on(violation)

    def _take_up(self) -> None:
        with self._lock:
            keys, self._resumed = self._resumed, []
        for camera in self._cameras if keys else ():
            camera.pipeline.resume(keys)

    def _watch(self) -> None:
        now = time.monotonic()
        if now - self._checked_at >= WATCHDOG_S:
            self._checked_at = now
            for camera in self._cameras:
                camera.check_age()
