"""The canary's plan: when a test of delivery flies, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

_DAY = timedelta(days=1)


class CanaryChats(StrEnum):
    """Where its card is sent: to the admins, or to every group as well (silently)."""

    ADMIN = "admin"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class CanaryPlan:
    """When it flies: `at` are minutes of the first site's day, `every` counts from the last one.

    It must be delivered `within`.
    """

    at: tuple[int, ...] = ()
    every: timedelta | None = None
    start: bool = True
    within: timedelta = timedelta(seconds=60)
    chats: CanaryChats = CanaryChats.ADMIN

    def due(self, since: int, zone: tzinfo) -> int | None:
        """When the next one flies after the one of `since`, epoch milliseconds; None: never."""
        times = [daily(minute, since, zone) for minute in self.at]
        if self.every is not None:
            times.append(since + round(self.every.total_seconds() * 1000))
        return min(times, default=None)


def daily(minute: int, since: int, zone: tzinfo) -> int:
    """The first time after `since` (ms) at which it is that minute of the day."""
    start = datetime.fromtimestamp(since / 1000, zone)
    due = start.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    if due <= start:
        due = (due + _DAY).replace(hour=minute // 60, minute=minute % 60)
    return round(due.timestamp() * 1000)
