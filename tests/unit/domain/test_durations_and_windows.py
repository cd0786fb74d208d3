"""Durations, times of day and days of the week, as people write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.duration import format_duration, parse_duration
from bot.domain.window import EVERY_DAY, Window, open_at, parse_days, parse_window


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("300ms", 0.3), ("0s", 0), ("20s", 20), ("10m", 600), ("2h", 7200), ("1d", 86400)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "s",
        "1.5s",
        "-1s",
        "+1s",
        "1 s",
        "1S",
        "1m30s",
        "１s",
        "9999999999s",
        "99999d",
        "1s\n",
    ],
)
def test_anything_else_is_no_duration(text: str):
    with pytest.raises(ValueError):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**10))
def test_a_written_duration_reads_back_the_same(milliseconds: int):
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("duration", [timedelta(microseconds=1), timedelta(seconds=-1)])
def test_what_cannot_be_written_is_refused(duration: timedelta):
    with pytest.raises(ValueError):
        format_duration(duration)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A local time in the week of Monday 2026-11-16: day 0 is that Monday."""
    return datetime(2026, 11, 16 + day, hour, minute)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hour", "minute", "inside"),
    [(18, 29, False), (18, 30, True), (23, 59, True), (0, 0, True), (2, 59, True), (3, 0, False)],
)
def test_a_window_over_midnight_is_open_on_both_sides(hour: int, minute: int, inside: bool):
    assert parse_window("18:30-03:00").holds(at(0, hour, minute)) is inside


def test_a_window_by_day_includes_its_start_and_not_its_end():
    window = parse_window("06:30-18:30")
    assert window.holds(at(0, 6, 30))
    assert not window.holds(at(0, 18, 30))


def test_the_hours_after_midnight_belong_to_the_day_before():
    window = parse_window("18:30-06:30")
    friday = frozenset({4})
    assert window.holds_on(friday, at(4, 19))
    assert window.holds_on(friday, at(5, 6))
    assert not window.holds_on(friday, at(4, 6))
    assert not window.holds_on(friday, at(5, 19))


def test_sunday_night_ends_on_monday_morning():
    assert parse_window("22:00-06:00").holds_on(frozenset({6}), at(0, 5))


def test_midnight_may_be_written_24_00():
    window = parse_window("20:00-24:00")
    assert window.holds(at(0, 23, 59))
    assert not window.holds(at(0, 0))
    assert str(window) == "20:00-24:00"


@pytest.mark.parametrize(
    "text", ["", "18:30", "18-20", "25:00-26:00", "18:60-19:00", "08:00-08:00", "24:00-06:00",
             "8:0-9:0", "-1:00-2:00", "a-b", "06:00-24:01"],
)  # fmt: skip
def test_anything_else_is_no_window(text: str):
    with pytest.raises(ValueError):
        parse_window(text)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_of_two_opposite_windows_exactly_one_is_open(start: int, end: int, minute: int):
    if start != end:
        now = at(0, minute // 60, minute % 60)
        assert Window(start, end).holds(now) is not Window(end, start).holds(now)


def test_open_at_looks_at_all_windows():
    windows = (parse_window("01:00-02:00"), parse_window("12:00-13:00"))
    assert open_at(windows, at(0, 12, 30))
    assert not open_at(windows, at(0, 14))
    assert not open_at((), at(0, 14))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("Mon, wed", {0, 2}),
        ("tue", {1}),
        ("mon-sun", set(EVERY_DAY)),
    ],
)
def test_days_are_ranges_and_lists(text: str, days: set[int]):
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "monday", "mon-", "mon--fri", "mon,", "1-5"])
def test_anything_else_is_no_days(text: str):
    with pytest.raises(ValueError):
        parse_days(text)
