"""The kinds of hazard: how grave each is, and what it means to see it rectified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

SPEAKER_DOWN = "speaker_down"
"""A kind whose case is about a speaker: it is called by that one's name."""


class Severity(IntEnum):
    """How grave a hazard is; compares by gravity."""

    GENERAL = 1
    SERIOUS = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """As written in the site file and the API: `general`, `serious`, `emergency`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """The severity written as `word`; ValueError for any other word."""
        for severity in cls:
            if severity.word == word:
                return severity
        raise ValueError(word)


class SeenRectified(StrEnum):
    """What a source must have seen before it may end a hazard with `because: rectified`."""

    WORN = "worn"
    """The missing thing is seen on the same person (hat, vest, belt)."""
    ZONE_EMPTY = "zone_empty"
    """The zone is seen empty by a working camera, while the place is in view."""
    SAFE_AGAIN = "safe_again"
    """The same person or vehicle is seen out of the danger (down, standing, slow, apart, back)."""
    READING_NORMAL = "reading_normal"
    """The sensor reads within its limits again."""
    WORKING = "working"
    """The device delivers fresh data again."""
    NOBODY_CAN = "nobody_can"
    """No machine can see it: only a person's word ends it."""


@dataclass(frozen=True, slots=True)
class HazardKind:
    """One kind of hazard. `names` (language -> name) is given for a site's own kinds only;
    the shipped ones are named in bot.texts.hazards."""

    id: str
    severity: Severity
    seen_rectified: SeenRectified
    names: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)


def _kinds(severity: Severity, **seen: SeenRectified) -> dict[str, HazardKind]:
    return {name: HazardKind(name, severity, meaning) for name, meaning in seen.items()}


SHIPPED: Mapping[str, HazardKind] = {
    **_kinds(
        Severity.EMERGENCY,
        fall=SeenRectified.SAFE_AGAIN,
        smoke_fire=SeenRectified.NOBODY_CAN,
        overheat=SeenRectified.READING_NORMAL,
        sos=SeenRectified.NOBODY_CAN,
    ),
    **_kinds(
        Severity.SERIOUS,
        climbing=SeenRectified.SAFE_AGAIN,
        zone_intrusion=SeenRectified.ZONE_EMPTY,
        roof_intrusion=SeenRectified.ZONE_EMPTY,
        vehicle_pedestrian_mix=SeenRectified.SAFE_AGAIN,
        fatigue=SeenRectified.NOBODY_CAN,
        traffic_accident=SeenRectified.NOBODY_CAN,
        thrown_object=SeenRectified.NOBODY_CAN,
    ),
    **_kinds(
        Severity.GENERAL,
        no_helmet=SeenRectified.WORN,
        no_vest=SeenRectified.WORN,
        no_seatbelt=SeenRectified.WORN,
        unregistered_person=SeenRectified.NOBODY_CAN,
        speeding=SeenRectified.SAFE_AGAIN,
        geofence=SeenRectified.SAFE_AGAIN,
        absence=SeenRectified.SAFE_AGAIN,
        reading_out_of_range=SeenRectified.READING_NORMAL,
        device_offline=SeenRectified.WORKING,
        device_frozen=SeenRectified.WORKING,
        site_offline=SeenRectified.WORKING,
        speaker_down=SeenRectified.WORKING,
        other=SeenRectified.NOBODY_CAN,
    ),
}
