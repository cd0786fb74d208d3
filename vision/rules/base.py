"""What a hazard rule is: it judges each subject of a look, and nothing else.

Dwell, proof of absence, starts and ends are the same for all hazards: `vision.lifecycle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from vision.geometry import foot, inside
from vision.look import Look
from vision.specs import ZoneSpec
from vision.tracker import Track
from vision.violation import Because

Kind = Literal["hazard", "clear", "over"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """About one subject in one look.

    `hazard`: it violates. `clear`: it is seen not to. `over`: the rule does not apply now.
    `since`: when the hazard began, if that was before this look (epoch seconds).
    """

    kind: Kind
    since: float | None = None


CLEAR = Verdict("clear")
OVER = Verdict("over")
HAZARD = Verdict("hazard")


class Rule(Protocol):
    """Judges the people of one camera, in the whole picture or in one zone."""

    hazard: ClassVar[str]
    needs_zone: ClassVar[bool]
    zone: ZoneSpec | None
    dwell_s: float
    """The hazard must last this long before it is said."""
    clear_after_s: float
    """Fresh looks must show it gone for this long before its end is said."""
    absent_after_s: float
    """A subject that is out of sight for this long ends for `absent`."""

    def __init__(self, zone: ZoneSpec | None) -> None: ...

    @property
    def zone_id(self) -> str | None:
        """Id of the zone, None for the whole picture."""
        return self.zone.id if self.zone else None

    @property
    def suspicious(self) -> bool:
        """Whether somebody looks as if a hazard began, too shortly yet for a verdict."""
        return False

    def judge(self, look: Look) -> dict[int, Verdict]:
        """A verdict by track id for everyone seen in this look."""
        ...

    def judge_resumed(self, look: Look) -> dict[int, Verdict]:
        """The same for the first looks after a break, where how it began was not seen."""
        ...

    def absent(self, track: Track | None) -> Because:
        """What it means when the subject of this track, or an unknown one, is out of sight."""
        ...


def in_zone(track: Track, look: Look, zone: ZoneSpec) -> bool:
    """Whether the person stands in the zone: bottom centre of the box in the polygon."""
    return inside(foot(track.box, look.frame.width, look.frame.height), zone.polygon)
