"""One look at one frame, as the rules get it."""

from __future__ import annotations

from dataclasses import dataclass

from vision.detection import Detections
from vision.frame import Frame
from vision.tracker import Track

PERSON = frozenset({"person", "fallen"})
"""Class names that mean a person; `fallen` is one lying on the ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A frame that the detector has looked at, and who was seen in it.

    `tracks`: the people seen in this very look. `remembered`: ids of all people that the
    tracker still remembers, seen now or a moment ago.
    """

    frame: Frame
    found: Detections
    tracks: tuple[Track, ...]
    remembered: frozenset[int]

    @property
    def at(self) -> float:
        """When the frame was captured, epoch seconds."""
        return self.frame.captured_at

    @property
    def feet(self) -> dict[int, float]:
        """Track id -> where the feet were when last seen upright, pixels from the left."""
        return {track.id: track.stood for track in self.tracks if track.stood is not None}
