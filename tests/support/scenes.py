"""Scenes for the vision tests: what a detector would say, without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from vision.detection import Detections
from vision.frame import Frame, Image
from vision.pipeline import Pipeline
from vision.specs import CameraSpec, ZoneSpec
from vision.violation import Violation

WIDTH, HEIGHT = 640, 360
LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))

Person = tuple[float, float] | tuple[float, float, str] | tuple[float, float, str, float]
"""Foot x and y as fractions, class name (person), confidence (0.9)."""


def people(*persons: Person) -> Detections:
    """Upright people are 60 x 160 pixels, fallen ones 160 x 50."""
    boxes, scores, names = [], [], []
    for person in persons:
        x, y = person[0] * WIDTH, person[1] * HEIGHT
        name = person[2] if len(person) > 2 else "person"
        wide, tall = (160, 50) if name == "fallen" else (60, 160)
        boxes.append([x - wide / 2, y - tall, x + wide / 2, y])
        scores.append(person[3] if len(person) > 3 else 0.9)
        names.append(name)
    return Detections.of(boxes, scores, names)


class Scripted:
    """A detector that says what it is told, whatever the picture shows."""

    class_names = ("person", "fallen")

    def __init__(self, said: Detections | None = None) -> None:
        self.said = said or people()
        self.looks = 0

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        self.looks += len(images)
        return [self.said for _ in images]


def picture(brightness: int = 60) -> Image:
    """One grey."""
    return np.full((HEIGHT, WIDTH, 3), brightness, np.uint8)


def zone(**changes: object) -> ZoneSpec:
    """The left half of the picture, forbidden at once."""
    values: dict[str, object] = {
        "id": "pit",
        "hazard": "zone_intrusion",
        "polygon": LEFT_HALF,
        **changes,
    }
    return ZoneSpec(**values)  # type: ignore[arg-type]  # the tests' own keywords


def camera(*zones: ZoneSpec, **changes: object) -> CameraSpec:
    """A push camera called gate."""
    values: dict[str, object] = {"id": "gate", "source": "push", "zones": zones, **changes}
    return CameraSpec(**values)  # type: ignore[arg-type]  # the tests' own keywords


class Scene:
    """Plays looks into a pipeline; time moves by `step` seconds a look."""

    def __init__(self, spec: CameraSpec, step: float = 0.25, at: float = 1000.0) -> None:
        self.detector = Scripted()
        self.pipeline = Pipeline(spec, {"person-fall": self.detector})
        self.step = step
        self.at = at
        self._bright = 0

    def play(self, seconds: float, *persons: Person) -> list[Violation]:
        """The same people for so long; everything that was said meanwhile."""
        looks = max(1, round(seconds / self.step))
        return self.play_each(lambda _: people(*persons), range(looks))

    def play_each(self, said: Callable[[int], Detections], looks: Iterable[int]) -> list[Violation]:
        """One look for each number, with what `said` says to it."""
        heard = []
        for number in looks:
            self.detector.said = said(number)
            self._bright = (self._bright + 60) % 240  # so that the gate sees motion
            heard += self.pipeline.take(Frame("gate", self.at, picture(self._bright)))
            self.at += self.step
        return heard


def story(violations: Iterable[Violation]) -> list[str]:
    """`start track-1`, `end track-1 rectified`: without the continues."""
    return [
        " ".join(filter(None, (v.phase, v.subject, v.because)))
        for v in violations
        if v.phase != "continue"
    ]
