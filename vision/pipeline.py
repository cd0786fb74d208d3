"""One camera's way from a frame to violations; synchronous, one look at a time.

The live service and the replay of a recorded file both run exactly this. The gate may be asked in
another thread than the one that looks: what it needs to know of the looks is one flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from vision.detection import Detections
from vision.detector import Detector, Scalable
from vision.errors import SpecError
from vision.frame import Frame, Image
from vision.gate import MotionGate
from vision.lifecycle import Lifecycle
from vision.look import PERSON, Look
from vision.rules import rules_for
from vision.specs import CameraSpec
from vision.tracker import Tracker
from vision.urgency import Urgency
from vision.violation import Key, Violation


class Pipeline:
    """Gate, detectors, tracker and rules of one camera, with their memory."""

    def __init__(self, spec: CameraSpec, detectors: Mapping[str, Detector]) -> None:
        missing = [name for name in spec.models if name not in detectors]
        if missing:
            raise SpecError("models", f"camera {spec.id!r} wants {missing[0]!r}, which is not here")
        self._detectors = [detectors[name] for name in spec.models]
        self._hurried = [
            one.hurried() if isinstance(one, Scalable) else one for one in self._detectors
        ]
        self._spec = spec
        self._gate = MotionGate()
        self._tracker = Tracker()
        rules = rules_for(spec) if spec.models else ()  # unseen is no proof that nobody is there
        self._lives = [Lifecycle(spec.id, rule) for rule in rules]
        self._last_look: Look | None = None
        self._urgency = Urgency.CALM

    @property
    def urgency(self) -> Urgency:
        """What depends on the next look; may be read from any thread."""
        return self._urgency

    @property
    def people(self) -> bool:
        """Whether anyone is known to be in the picture."""
        return bool(self._tracker.tracks)

    @property
    def last_look(self) -> Look | None:
        """The newest frame that the detector saw, with what it found."""
        return self._last_look

    def take(self, frame: Frame) -> list[Violation]:
        """Take in the next frame; what starts, goes on or ends with it, in that order."""
        return self.look(frame) if self.wants(frame) else []

    def wants(self, frame: Frame, *, always: bool = False) -> bool:
        """Whether a frame is worth a look: cheap, while nobody is there and nothing lasts.

        `always`: one that was worth it still waits, so this newer one takes its place.
        """
        always = always or self._urgency > Urgency.CALM
        return self._gate.passes(frame.image, frame.captured_at, always=always)

    def look(self, frame: Frame, *, hurried: bool = False) -> list[Violation]:
        """Look at a frame, whatever the gate says of it.

        `hurried`: others wait; better to see less detail than to see it too late.
        """
        look = self._see(frame, hurried)
        self._last_look = look
        said = [violation for life in self._lives for violation in life.look(look)]
        self._urgency = self._weigh()
        return said

    def source_down(self) -> list[Violation]:
        """The source ended, broke or went stale: nothing more can be proved for now."""
        self._tracker.forget()
        self._gate = MotionGate()
        said = [violation for life in self._lives for violation in life.source_down()]
        self._urgency = self._weigh()
        return said

    def resume(self, keys: Iterable[Key]) -> None:
        """Violations that lasted before a restart: each will be continued or ended."""
        keys = [key for key in keys if key.camera == self._spec.id]
        for life in self._lives:
            life.resume(keys)
        numbers = [int(n) for key in keys if (n := key.subject.rpartition("-")[2]).isdigit()]
        self._tracker.number_from(max(numbers, default=0) + 1)
        self._urgency = self._weigh()

    def find_people(self, image: Image, *, hurried: bool = False) -> Detections:
        """Who is in a picture, remembered nowhere; may be asked from any thread."""
        detectors = self._hurried if hurried else self._detectors
        found = _joined([detector.detect([image])[0] for detector in detectors])
        return found.take([i for i, name in enumerate(found.class_name) if name in PERSON])

    def _weigh(self) -> Urgency:
        if any(life.deciding for life in self._lives):
            return Urgency.DECIDING
        if self.people or any(life.busy for life in self._lives):
            return Urgency.PEOPLE
        return Urgency.CALM

    def _see(self, frame: Frame, hurried: bool) -> Look:
        people = self.find_people(frame.image, hurried=hurried)
        tracked = self._tracker.update(people, frame.captured_at, frame.width)
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
