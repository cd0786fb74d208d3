"""One camera's way from a frame to violations; synchronous, one thread at a time.

The live service and the replay of a recorded file both run exactly this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from vision.detection import Detections
from vision.detector import Detector
from vision.errors import SpecError
from vision.frame import Frame
from vision.gate import MotionGate
from vision.lifecycle import Lifecycle
from vision.look import PERSON, Look
from vision.rules import rules_for
from vision.specs import CameraSpec
from vision.tracker import Tracker
from vision.violation import Key, Violation


class Pipeline:
    """Gate, detectors, tracker and rules of one camera, with their memory."""

    def __init__(self, spec: CameraSpec, detectors: Mapping[str, Detector]) -> None:
        missing = [name for name in spec.models if name not in detectors]
        if missing:
            raise SpecError("models", f"camera {spec.id!r} wants {missing[0]!r}, which is not here")
        self._detectors = [detectors[name] for name in spec.models]
        self._spec = spec
        self._gate = MotionGate()
        self._tracker = Tracker()
        rules = rules_for(spec) if spec.models else ()  # unseen is no proof that nobody is there
        self._lives = [Lifecycle(spec.id, rule) for rule in rules]
        self._last_look: Look | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being decided or lasts, so that looks should come faster."""
        return any(life.busy for life in self._lives)

    @property
    def last_look(self) -> Look | None:
        """The newest frame that the detector saw, with what it found."""
        return self._last_look

    def take(self, frame: Frame) -> list[Violation]:
        """Take in the next frame; what starts, goes on or ends with it, in that order."""
        always = self.busy or bool(self._tracker.tracks)
        if not self._gate.passes(frame.image, frame.captured_at, always=always):
            return []
        look = self._look(frame)
        self._last_look = look
        return [violation for life in self._lives for violation in life.look(look)]

    def source_down(self) -> list[Violation]:
        """The source ended, broke or went stale: nothing more can be proved for now."""
        self._tracker.forget()
        self._gate = MotionGate()
        return [violation for life in self._lives for violation in life.source_down()]

    def resume(self, keys: Iterable[Key]) -> None:
        """Violations that lasted before a restart: each will be continued or ended."""
        keys = [key for key in keys if key.camera == self._spec.id]
        for life in self._lives:
            life.resume(keys)
        numbers = [int(n) for key in keys if (n := key.subject.rpartition("-")[2]).isdigit()]
        self._tracker.number_from(max(numbers, default=0) + 1)

    def _look(self, frame: Frame) -> Look:
        found = _joined([detector.detect([frame.image])[0] for detector in self._detectors])
        people = [i for i, name in enumerate(found.class_name) if name in PERSON]
        tracked = self._tracker.update(found.take(people), frame.captured_at, frame.width)
        tracks = self._tracker.tracks
        seen = tuple(track for track in tracks if track.last_seen == frame.captured_at)
        return Look(frame, tracked, seen, frozenset(track.id for track in tracks))


def _joined(parts: Sequence[Detections]) -> Detections:
    if not parts:
        return Detections.none()
    if len(parts) == 1:
        return parts[0]
    return Detections(
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.confidence for part in parts]),
        tuple(name for part in parts for name in part.class_name),
    )
