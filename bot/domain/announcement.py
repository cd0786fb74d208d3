"""What is said on horns at fixed times of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.domain.window import EVERY_DAY

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ScheduledAnnouncement:
    """`at` are minutes since midnight on `days` (0 is Monday), local to each speaker's site.

    `text` is by language; a speaker whose language has none says nothing.  It keeps to the quiet
    hours of its speakers unless it is to be heard `in_quiet_hours`.
    """

    id: str
    at: tuple[int, ...]
    speakers: tuple[str, ...]
    text: Mapping[str, str] = field(hash=False)
    days: frozenset[int] = EVERY_DAY
    in_quiet_hours: bool = False

    def due(self, now: int, within: int, zone: tzinfo) -> list[Occasion]:
        """The times in that zone that came at most `within` ms ago, by the clock of `now` (ms)."""
        today = datetime.fromtimestamp(now / 1000, zone).date()
        found = [one for day in (today - _DAY, today) for one in self._on(day, zone)]
        return [one for one in found if one.at <= now < one.at + within]

    def following(self, now: int, zone: tzinfo) -> Occasion | None:
        """The next time after `now` (ms); None where it has none within a week."""
        today = datetime.fromtimestamp(now / 1000, zone).date()
        coming = [one for ahead in range(9) for one in self._on(today + ahead * _DAY, zone)]
        return min((one for one in coming if one.at > now), key=lambda one: one.at, default=None)

    def _on(self, day: date, zone: tzinfo) -> list[Occasion]:
        if day.weekday() not in self.days:
            return []
        return [_occasion(day, minute, zone) for minute in self.at]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time: `at` in epoch ms, `name` as the wall shows it, `2026-11-22T07:30`."""

    at: int
    name: str


def _occasion(day: date, minute: int, zone: tzinfo) -> Occasion:
    """Of a time that the clocks show twice, the first; one that they skip is an hour later."""
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    at = round(local.astimezone(UTC).timestamp() * 1000)
    return Occasion(at, local.strftime("%Y-%m-%dT%H:%M"))
