"""Someone who stood now lies on the ground.

Bending down and tying a shoe look like lying for half a second, so seconds count, not looks.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import ClassVar

from vision.geometry import size, touches_edge
from vision.look import Look
from vision.rules.base import CLEAR, Rule, Verdict, in_zone
from vision.specs import ZoneSpec
from vision.tracker import Track
from vision.violation import Because

WINDOW_S = 2.0  # lying for this long ...
LEAST_LOOKS = 4  # ... in at least so many looks ...
LEAST_SHARE = 0.8  # ... of which this share shows it
STOOD_S = 0.4  # having stood means upright in two looks at least this far apart
LEAST_SCORE = 0.5  # median over the track; real people score 0.6 and more
BODY_LENGTH = 0.6  # of the standing height: a box at the edge must show so much of a body
GAP_S = 1.5  # looks further apart than this say nothing about what was between them


@dataclass(slots=True)
class _Posture:
    """What was seen of one person: (when, lying?) of the last looks, and how tall upright."""

    looks: deque[tuple[float, bool]] = field(default_factory=deque)
    heights: deque[float] = field(default_factory=lambda: deque(maxlen=12))
    upright_first: float | None = None
    upright_last: float | None = None

    def stood(self) -> bool:
        """Whether this person was upright for a moment."""
        if self.upright_first is None or self.upright_last is None:
            return False
        return self.upright_last - self.upright_first >= STOOD_S

    def add(self, at: float, lying: bool) -> None:
        """Take in a look; a long gap starts the window anew, few looks make it longer."""
        if self.looks and at - self.looks[-1][0] > GAP_S:
            self.looks.clear()
        self.looks.append((at, lying))
        while len(self.looks) > LEAST_LOOKS and at - self.looks[1][0] >= WINDOW_S:
            self.looks.popleft()

    def is_suspected(self) -> bool:
        """Whether the next looks tell if this is a fall."""
        lies = bool(self.looks) and self.looks[-1][1]
        return lies and self.stood() and self.share(lying=True) < LEAST_SHARE

    def share(self, lying: bool) -> float:
        """Share of the window that shows this posture; 0 unless the window begins with it."""
        (began, posture), (now, _) = self.looks[0], self.looks[-1]
        if posture != lying or now - began < WINDOW_S or len(self.looks) < LEAST_LOOKS:
            return 0.0
        return sum(seen == lying for _, seen in self.looks) / len(self.looks)


class Fall(Rule):
    """Judges postures; one that cannot be judged yet is no verdict."""

    hazard: ClassVar[str] = "fall"
    needs_zone: ClassVar[bool] = False
    dwell_s = 0.0  # the window below is the dwell
    clear_after_s = 0.0
    absent_after_s = 5.0

    def __init__(self, zone: ZoneSpec | None) -> None:
        self.zone = zone
        self._postures: dict[int, _Posture] = {}

    @property
    def suspicious(self) -> bool:
        """Somebody who stood lay on the ground in the last look, and the window is not full."""
        return any(posture.is_suspected() for posture in self._postures.values())

    def judge(self, look: Look) -> dict[int, Verdict]:
        """Hazard: lying long enough after having stood. Clear: upright as long."""
        return self._judge(look, needs_standing=True)

    def judge_resumed(self, look: Look) -> dict[int, Verdict]:
        """After a break nobody can be asked to have stood before."""
        return self._judge(look, needs_standing=False)

    def absent(self, track: Track | None) -> Because:
        """Gone over the picture's edge, or just not seen any more."""
        return "left" if track and track.at_edge and track.class_name == "person" else "lost"

    def _judge(self, look: Look, *, needs_standing: bool) -> dict[int, Verdict]:
        verdicts = {}
        for track in look.tracks:
            if self.zone is not None and not in_zone(track, look, self.zone):
                continue
            posture = self._postures.setdefault(track.id, _Posture())
            self._see(posture, track, look)
            verdict = _verdict(posture, track, needs_standing)
            if verdict is not None:
                verdicts[track.id] = verdict
        self._postures = {i: p for i, p in self._postures.items() if i in look.remembered}
        return verdicts

    def _see(self, posture: _Posture, track: Track, look: Look) -> None:
        if track.last_seen != look.at or (posture.looks and posture.looks[-1][0] == look.at):
            return
        lying = track.class_name == "fallen" and _whole_body(posture, track, look)
        posture.add(look.at, lying)
        if track.class_name == "person":
            posture.heights.append(size(track.box)[1])
            if posture.upright_first is None:
                posture.upright_first = look.at
            posture.upright_last = look.at


def _verdict(posture: _Posture, track: Track, needs_standing: bool) -> Verdict | None:
    if track.score < LEAST_SCORE:
        return None
    if posture.share(lying=True) >= LEAST_SHARE and (posture.stood() or not needs_standing):
        return Verdict("hazard", since=next(at for at, lying in posture.looks if lying))
    if posture.share(lying=False) >= LEAST_SHARE and track.class_name == "person":
        return CLEAR
    return None


def _whole_body(posture: _Posture, track: Track, look: Look) -> bool:
    """False for someone cut by the picture's edge, whose remainder looks like a fallen person.

    A body on the ground that touches the edge still shows its length across the picture.
    """
    if not touches_edge(track.box, look.frame.width, look.frame.height):
        return True
    width, height = size(track.box)
    standing = median(posture.heights) if posture.heights else height
    return width > height and width >= BODY_LENGTH * standing
