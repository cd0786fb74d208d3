"""A camera at work: the thread that reads its source, and what is known of it.

The thread only reads, keeps pace, fills the ring, asks the gate and leaves the newest frame that is
worth a look in the slot. Looking is the lookers' work (`vision.looker`), so a slow detector never
makes a source late: frames that nobody had time for are replaced by newer ones, and counted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from vision.errors import VisionError
from vision.frame import Frame
from vision.pace import Pace
from vision.pipeline import Pipeline
from vision.ring import Ring
from vision.sources.base import Source
from vision.specs import CameraSpec
from vision.status import CameraStatus, State
from vision.urgency import Urgency, claim
from vision.violation import Key

log = logging.getLogger(__name__)


_SHORTAGE = {
    "machine": "camera %s gets only %.1f looks a second while people are in its picture: "
    "the machine cannot keep up, and a fall may be missed",
    "camera": "camera %s sends pictures for only %.1f looks a second while people are in them: "
    "a fall may be missed",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What a looker gets: the newest frame nobody looked at, whether the source broke after it, and
    violations to be taken up before."""

    frame: Frame | None
    down: bool
    resumed: list[Key]


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
        self._looking = False
        self._resumed: list[Key] = []
        self._stop = threading.Event()
        self._state: State = "starting"
        self._reason: str | None = None
        self._arrived_at: float | None = None
        self._pace = Pace()
        self._began = time.monotonic()
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

    def resume(self, keys: Iterable[Key]) -> None:
        """Violations that lasted before; taken up before the next frame is looked at."""
        with self._lock:
            self._resumed += keys
        self._wake()

    def claim(self) -> float:
        """How much a turn of this camera is due now, 0 where there is nothing to do.

        News costs no look and goes first.
        """
        with self._lock:
            if self._looking:
                return 0.0
            if self._down or self._resumed:
                return inf
            if self._slot is None:
                return 0.0
            waited = time.monotonic() - (self._pace.looked_at or self._began)
            return max(claim(self.pipeline.urgency, waited), 1e-9)

    def take(self) -> Turn:
        """What there is to do; until it is given back to `looked` nobody gets anything more."""
        with self._lock:
            turn = Turn(self._slot, self._down, self._resumed)
            self._slot, self._down, self._resumed = None, False, []
            self._looking = True
            return turn

    def looked(self, turn: Turn) -> None:
        """A turn is over."""
        with self._lock:
            self._looking = False
            if turn.frame is not None:
                self._pace.look(time.monotonic(), people=self.pipeline.people)
            elif not self.pipeline.people:
                self._pace.forget_people()
            self._lock.notify_all()

    def check(self) -> None:
        """Every watchdog round: whether frames still come, and are looked at often enough."""
        self._check_pace()
        self._check_age()

    def _check_pace(self) -> None:
        with self._lock:
            now = time.monotonic()
            news, shortage, rate = self._pace.judge(now), self._pace.shortage, self._pace.rate(now)
        if news and shortage is None:
            log.info("camera %s is looked at often enough again", self.spec.id)
        elif news:
            log.warning(_SHORTAGE[shortage or "machine"], self.spec.id, rate)

    def _check_age(self) -> None:
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
            return CameraStatus(
                camera=self.spec.id,
                state=self._state,
                reason=self._reason,
                looks_per_second=self._pace.rate(now),
                frame_age_s=None if self._arrived_at is None else now - self._arrived_at,
                look_age_s=None if self._pace.looked_at is None else now - self._pace.looked_at,
                dropped=self._pace.dropped,
                shortage=self._pace.shortage,
            )

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
        return self.spec.rate(deciding=self.pipeline.urgency is Urgency.DECIDING)

    def _offer(self, frame: Frame) -> None:
        with self._lock:
            if not self._paced:  # nothing may be skipped: wait until the last one was looked at
                self._lock.wait_for(self._is_idle)
            waiting = self._slot is not None
            self._arrived_at = time.monotonic()
            self._state, self._reason = "live", None
        if not self.pipeline.wants(frame, always=waiting):
            return
        with self._lock:
            if self._slot is not None:
                self._pace.drop(time.monotonic())
            self._slot = frame
        self._wake()

    def _is_idle(self) -> bool:
        return self._stop.is_set() or (self._slot is None and not self._looking)

    def _finish(self, state: State, reason: str | None) -> None:
        with self._lock:
            self._state, self._reason = state, reason
            # a program that stops says nothing about the hazard: it will resume or ask anew
            self._down = not self._stop.is_set()
        self._wake()
