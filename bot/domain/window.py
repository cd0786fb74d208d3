"""Times of day and days of the week, as people write them on a rota."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MINUTES_A_DAY = 24 * 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the day, in minutes since local midnight; start included, end not.

    An end before the start means over midnight: 18:30-03:00. An end of 1440 is midnight.
    """

    start: int
    end: int

    @property
    def over_midnight(self) -> bool:
        return self.end < self.start

    def holds(self, local: datetime) -> bool:
        """Whether the window is open at that local time."""
        minute = local.hour * 60 + local.minute
        if self.over_midnight:
            return minute >= self.start or minute < self.end
        return self.start <= minute < self.end

    def holds_on(self, days: frozenset[int], local: datetime) -> bool:
        """The same on certain days (0 is Monday); after midnight it is still the day before's."""
        if not self.holds(local):
            return False
        minute = local.hour * 60 + local.minute
        began_yesterday = self.over_midnight and minute < self.end
        return (local.weekday() - began_yesterday) % 7 in days

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def open_at(windows: Iterable[Window], local: datetime) -> bool:
    """Whether any of the windows is open at that local time."""
    return any(window.holds(local) for window in windows)


def parse_window(text: str) -> Window:
    """`18:30-03:00`; ValueError for anything else and for a window of no length."""
    start, dash, end = text.partition("-")
    if not dash:
        raise ValueError(text)
    window = Window(_minute(start), _minute(end))
    if window.start == window.end or window.start == MINUTES_A_DAY:
        raise ValueError(text)
    return window


def parse_time(text: str) -> int:
    """`06:45`, as minutes since midnight; ValueError for anything else."""
    minute = _minute(text)
    if minute == MINUTES_A_DAY:
        raise ValueError(text)
    return minute


def _minute(text: str) -> int:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and len(hour) in (1, 2) and len(minute) == 2 and (hour + minute).isdecimal()):
        raise ValueError(text)
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > MINUTES_A_DAY:
        raise ValueError(text)
    return value


def parse_days(text: str) -> frozenset[int]:
    """`mon-fri`, `mon,wed,fri`, `fri-mon`: weekdays, 0 is Monday; ValueError for anything else."""
    days: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        begin = DAYS.index(first)
        end = DAYS.index(last) if dash else begin
        days.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return frozenset(days)
