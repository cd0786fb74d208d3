"""When an announcement is due: by the wall clock of the site, through summer time and midnight."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.announcement import ScheduledAnnouncement

MINUTE = 60_000
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def at(zone: ZoneInfo, *when: int, fold: int = 0) -> int:
    """Epoch ms of a wall clock's time."""
    return round(datetime(*when, tzinfo=zone, fold=fold).timestamp() * 1000)  # type: ignore[misc]


def daily(*times: str, days: frozenset[int] = frozenset(range(7))) -> ScheduledAnnouncement:
    minutes = tuple(int(time[:2]) * 60 + int(time[3:]) for time in times)
    return ScheduledAnnouncement("a", minutes, ("horn",), {"zh": "早"}, days)


def names(plan: ScheduledAnnouncement, now: int, zone: ZoneInfo) -> list[str]:
    return [one.name for one in plan.due(now, MINUTE, zone)]


def test_it_is_due_from_its_time_on_for_a_minute() -> None:
    plan, now = daily("07:30"), at(SHANGHAI, 2026, 11, 23, 7, 30)
    assert names(plan, now - 1, SHANGHAI) == []
    assert names(plan, now, SHANGHAI) == ["2026-11-23T07:30"]
    assert names(plan, now + MINUTE - 1, SHANGHAI) == ["2026-11-23T07:30"]
    assert names(plan, now + MINUTE, SHANGHAI) == []


def test_the_time_is_the_sites_own() -> None:
    plan = daily("07:30")
    assert names(plan, at(SHANGHAI, 2026, 11, 23, 7, 30), NEW_YORK) == []
    assert names(plan, at(NEW_YORK, 2026, 11, 23, 7, 30), NEW_YORK) == ["2026-11-23T07:30"]


def test_only_on_its_days() -> None:
    weekdays = daily("07:30", days=frozenset(range(5)))
    assert names(weekdays, at(SHANGHAI, 2026, 11, 22, 7, 30), SHANGHAI) == []  # a Sunday
    assert names(weekdays, at(SHANGHAI, 2026, 11, 23, 7, 30), SHANGHAI) != []


def test_what_was_due_just_before_midnight_is_not_forgotten_after_it() -> None:
    plan = daily("23:59", days=frozenset({6}))
    now = at(SHANGHAI, 2026, 11, 23, 0, 0) - 1
    assert names(plan, now, SHANGHAI) == ["2026-11-22T23:59"]
    assert [one.name for one in plan.due(now + 30_000, 2 * MINUTE, SHANGHAI)] == [
        "2026-11-22T23:59"
    ]


def test_an_hour_that_is_shown_twice_holds_it_once() -> None:
    plan = daily("01:30")
    first = at(NEW_YORK, 2026, 11, 1, 1, 30)
    second = at(NEW_YORK, 2026, 11, 1, 1, 30, fold=1)
    assert second - first == 60 * MINUTE
    assert names(plan, first, NEW_YORK) == ["2026-11-01T01:30"]
    assert names(plan, second, NEW_YORK) == []


def test_a_time_that_the_clocks_skip_comes_an_hour_later() -> None:
    plan = daily("02:30")
    later = at(NEW_YORK, 2026, 3, 8, 3, 30)
    assert names(plan, later, NEW_YORK) == ["2026-03-08T02:30"]
    coming = plan.following(later - 5 * MINUTE, NEW_YORK)
    assert coming is not None
    assert coming.at == later


def test_the_next_time_is_the_nearest() -> None:
    plan, now = daily("07:30", "13:00"), at(SHANGHAI, 2026, 11, 23, 7, 30)
    assert plan.following(now - 1, SHANGHAI) == plan.due(now, MINUTE, SHANGHAI)[0]
    coming = plan.following(now, SHANGHAI)
    assert coming is not None
    assert coming.name == "2026-11-23T13:00"
    weekly = daily("07:30", days=frozenset({0})).following(now, SHANGHAI)
    assert weekly is not None
    assert weekly.name == "2026-11-30T07:30"
