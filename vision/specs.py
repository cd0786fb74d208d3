"""What vision is told about a camera: plain values, checked when they are made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vision.errors import SpecError
from vision.geometry import Point, area

SMALLEST_ZONE = 0.0005  # of the picture: 22 x 22 pixels of 1280 x 720
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """A daily window of local time, minutes since midnight; it may run over midnight."""

    start: int
    end: int
    timezone: str = "UTC"

    @classmethod
    def parse(cls, text: str, timezone: str = "UTC") -> Hours:
        """Read `HH:MM-HH:MM`; an end at or before the start lies on the next day."""
        found = _HOURS.fullmatch(text.strip())
        if not found:
            raise SpecError("active", f"{text!r} is not of the form HH:MM-HH:MM")
        a, b, c, d = (int(part) for part in found.groups())
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SpecError("timezone", f"{timezone!r} is not known") from error
        return cls(a * 60 + b, c * 60 + d, timezone)

    def contain(self, at: float) -> bool:
        """Whether the moment (epoch seconds) falls into the window; the end is excluded."""
        local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(self.timezone))
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    """An area of the picture with a hazard of its own.

    `polygon`: corners as fractions of the picture. `dwell_s`: wall-clock seconds inside before
    it counts. `clear_after_s`: seconds for which fresh looks must show the hazard gone before
    its end is said. `active`: `HH:MM-HH:MM` in `timezone`, None for always.
    """

    id: str
    hazard: str
    polygon: tuple[Point, ...]
    dwell_s: float = 0.0
    active: str | None = None
    timezone: str = "UTC"
    clear_after_s: float = 1.5
    hours: Hours | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        _check_polygon(self.polygon)
        if self.dwell_s < 0 or self.clear_after_s < 0:
            raise SpecError("dwell", "seconds cannot be negative")
        if self.active:
            object.__setattr__(self, "hours", Hours.parse(self.active, self.timezone))

    def active_at(self, at: float) -> bool:
        """Whether the zone is watched at this moment (epoch seconds)."""
        return self.hours is None or self.hours.contain(at)


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera: where its pictures come from, what looks at them, and its zones.

    `models`: names of the detectors that look. `looks_per_second`: pictures analysed in calm;
    `deciding_per_second`: while something is being decided. `mode`: passed through.
    """

    id: str
    source: str
    models: tuple[str, ...] = ("person-fall",)
    loop: bool = False
    mode: Literal["live", "trial"] = "live"
    zones: tuple[ZoneSpec, ...] = ()
    looks_per_second: float = 4.0
    deciding_per_second: float = 6.0
    stale_after_s: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.looks_per_second <= self.deciding_per_second:
            raise SpecError("looks_per_second", "must be over 0, and not over deciding_per_second")
        if len({zone.id for zone in self.zones}) < len(self.zones):
            raise SpecError("zones", f"camera {self.id!r} has two zones of the same id")

    def rate(self, *, deciding: bool) -> float:
        """Pictures a second that are wanted now."""
        return self.deciding_per_second if deciding else self.looks_per_second


def _check_polygon(polygon: tuple[Point, ...]) -> None:
    if len(polygon) < 3:
        raise SpecError("polygon", "needs three corners or more")
    for corner in polygon:
        if not all(0 <= value <= 1 for value in corner):
            raise SpecError("polygon", f"corner {list(corner)} is not in fractions from 0 to 1")
    if area(polygon) < SMALLEST_ZONE:
        raise SpecError("polygon", "has hardly any area")
