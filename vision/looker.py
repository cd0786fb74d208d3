"""The threads that run the detectors, for all cameras: one per core, each inference in one thread.

More threads than cores only wait for each other. There is one queue: whoever is free takes the
camera whose look is due most (`vision.urgency`), and always its newest frame. No camera is looked
at by two at once, so each sees its frames in order.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from vision.camera import Camera, Turn
from vision.violation import Violation

log = logging.getLogger(__name__)

WATCHDOG_S = 1.0


class Looker:
    """Takes cameras' frames through their pipelines and hands on what follows."""

    def __init__(self, hand_on: Callable[[Violation], None]) -> None:
        self._hand_on = hand_on
        self._cameras: Sequence[Camera] = ()
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._checked_at = time.monotonic()
        self._threads: list[threading.Thread] = []

    def start(self, cameras: Sequence[Camera], workers: int) -> None:
        """Begin to look at these cameras, with so many threads at most."""
        self._cameras = cameras
        self._threads = [
            threading.Thread(target=self._run, name=f"looker-{n}", daemon=True)
            for n in range(min(workers, len(cameras)))
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that a frame is waiting; from any thread."""
        with self._news:
            self._news.notify()

    def stop(self) -> None:
        """Ask the threads to end after the frames they are looking at."""
        self._stop.set()
        with self._news:
            self._news.notify_all()

    def join(self, seconds: float) -> bool:
        """Wait for the threads; False if one did not end in time."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while not self._stop.is_set():
            turn = self._next()
            if turn is not None:
                self._serve(*turn, hurried=self._others_wait())
            self._watch()

    def _next(self) -> tuple[Camera, Turn] | None:
        """The camera whose turn it is, with what it has; None after a while without any."""
        with self._news:
            found = self._due()
            if found is None and not self._stop.is_set():
                self._news.wait(WATCHDOG_S)
                found = self._due()
            return (found, found.take()) if found else None

    def _due(self) -> Camera | None:
        most, camera = max(
            ((camera.claim(), camera) for camera in self._cameras), key=lambda c: c[0]
        )
        return camera if most > 0 else None

    def _others_wait(self) -> bool:
        """Whether whoever is free next finds a frame waiting already."""
        return any(camera.claim() > 0 for camera in self._cameras)

    def _serve(self, camera: Camera, turn: Turn, *, hurried: bool) -> None:
        pipeline = camera.pipeline
        try:
            if turn.resumed:
                pipeline.resume(turn.resumed)
            if turn.frame is not None:
                self._hand_on_all(pipeline.look(turn.frame, hurried=hurried))
            if turn.down:
                self._hand_on_all(pipeline.source_down())
        except Exception:  # boundary: one camera's broken frame must not blind all the others
            log.exception("looking at a frame of camera %s failed", camera.spec.id)
        finally:
            camera.looked(turn)

    def _hand_on_all(self, violations: list[Violation]) -> None:
        for violation in violations:
            self._hand_on(violation)

    def _watch(self) -> None:
        now = time.monotonic()
        with self._news:
            if now - self._checked_at < WATCHDOG_S:
                return
            self._checked_at = now
        for camera in self._cameras:
            camera.check()
