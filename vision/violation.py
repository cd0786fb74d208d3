"""`Violation`: what vision tells the rest of the program, and the pictures that prove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vision.detection import Detections

Phase = Literal["start", "continue", "end"]
Because = Literal["rectified", "left", "lost", "source_down"]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One frame as evidence: three JPEGs of the same moment, and what was found in it.

    `annotated` has boxes, labels and the zone; `blurred` is the same with heads made
    unrecognisable, the default for groups; `clean` is the untouched picture.
    """

    annotated: bytes
    blurred: bytes
    clean: bytes
    captured_at: float
    boxes: Detections


@dataclass(frozen=True, slots=True)
class Key:
    """What one violation is about; stable from its start to its end, and over a restart."""

    camera: str
    zone: str | None
    hazard: str
    subject: str

    def __str__(self) -> str:
        return "/".join((self.camera, self.zone or "-", self.hazard, self.subject))

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read back what `str` wrote."""
        camera, zone, hazard, subject = text.split("/")
        return cls(camera, None if zone == "-" else zone, hazard, subject)


@dataclass(frozen=True, slots=True, eq=False)
class Violation:
    """A hazard that starts, goes on or ends; times are epoch seconds of capture.

    `because` is set on an end only. `people`: how many violate at this place in the same look,
    after this change, so an end with 0 means that nobody is seen there. `best`: the clearest frame
    of the violation's first second. `after`: on an end that was seen, the frame that shows it.
    `now`: makes the evidence of this very look, some 40 ms of work; on a `continue` only.
    """

    phase: Phase
    because: Because | None
    key: Key
    first_seen: float
    last_seen: float
    confidence: float
    people: int
    best: Shot | None
    after: Shot | None = None
    now: Callable[[], Shot] | None = None

    @property
    def camera(self) -> str:
        """Id of the camera."""
        return self.key.camera

    @property
    def zone(self) -> str | None:
        """Id of the zone, None for the whole picture."""
        return self.key.zone

    @property
    def hazard(self) -> str:
        """Id of the hazard."""
        return self.key.hazard

    @property
    def subject(self) -> str:
        """`track-N`: whose violation it is."""
        return self.key.subject
