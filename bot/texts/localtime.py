"""Times and spans as people on a site read them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

HOUR = 60
DAY = 24 * HOUR


def local(at: int, zone: ZoneInfo) -> datetime:
    """Epoch milliseconds as the site's wall clock."""
    return datetime.fromtimestamp(at / 1000, zone)


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
