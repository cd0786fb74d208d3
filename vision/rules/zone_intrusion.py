"""Someone is in a zone where nobody may be."""

from __future__ import annotations

from typing import ClassVar

from vision.errors import SpecError
from vision.geometry import size
from vision.look import Look
from vision.rules.base import CLEAR, HAZARD, OVER, Rule, Verdict, in_zone
from vision.specs import ZoneSpec
from vision.tracker import Track
from vision.violation import Because

SMALLEST_HEIGHT = 0.05  # of the picture: below it a box says little about where the feet are
LEAST_SCORE = 0.4  # median over the track


class ZoneIntrusion(Rule):
    """Judges where people's feet are; leaving the zone is the rectification."""

    hazard: ClassVar[str] = "zone_intrusion"
    needs_zone: ClassVar[bool] = True

    def __init__(self, zone: ZoneSpec | None) -> None:
        if zone is None:
            raise SpecError("zones", f"{self.hazard} needs a zone")
        self.zone = zone
        self._zone = zone
        self.dwell_s = zone.dwell_s
        self.clear_after_s = zone.clear_after_s
        self.absent_after_s = zone.clear_after_s

    def judge(self, look: Look) -> dict[int, Verdict]:
        """Inside is a hazard while the zone is active; outside is clear.

        Someone inside who is too small or too unsure to accuse is no proof of an empty zone
        either: no verdict.
        """
        if not self._zone.active_at(look.at):
            return {track.id: OVER for track in look.tracks}
        outside = {t.id: CLEAR for t in look.tracks if not in_zone(t, look, self._zone)}
        sure = {t.id: HAZARD for t in look.tracks if t.id not in outside and _is_sure(t, look)}
        return outside | sure

    def judge_resumed(self, look: Look) -> dict[int, Verdict]:
        """The same: being inside needs no history."""
        return self.judge(look)

    def absent(self, track: Track | None) -> Because:
        """The zone was looked at and the person is not in it."""
        return "rectified"


def _is_sure(track: Track, look: Look) -> bool:
    tall = size(track.box)[1] >= SMALLEST_HEIGHT * look.frame.height
    return tall and track.score >= LEAST_SCORE
