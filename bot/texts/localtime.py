"""Times and spans as people on a site read them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

HOUR = 60
DAY = 24 * HOUR
_LAST_S = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


def local(at: int, zone: tzinfo) -> datetime:
    """Epoch milliseconds as the site's wall clock; one wrong time must not spoil a whole list."""
    return datetime.fromtimestamp(min(max(at / 1000, 0), _LAST_S), zone)


def clock(at: int, zone: ZoneInfo, now: int | None = None) -> str:
    """`10:44`; with the date, `11-22 10:44`, when that is not the day of `now` there."""
    when = local(at, zone)
    today = now is None or local(now, zone).date() == when.date()
    return when.strftime("%H:%M" if today else "%m-%d %H:%M")


def stamp(at: int, zone: ZoneInfo) -> str:
    """To the second and with the date, as on a card: `11-22 10:42:07`."""
    return local(at, zone).strftime("%m-%d %H:%M:%S")


def span(minutes: int, language: str) -> str:
    """`30 分钟`, `2 小时`, `1 天` / `30 min`, `2 h`, `1 d`: the largest unit that is exact."""
    for size, zh, en in ((DAY, "天", "d"), (HOUR, "小时", "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {zh if language == 'zh' else en}"
    return f"{minutes} {'分钟' if language == 'zh' else 'min'}"
