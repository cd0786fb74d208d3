"""The small pure parts: strict JSON, times, counters, languages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rfc3339 import utc
from handlers.http.limits import Budget, SlidingCounter
from handlers.http.problem import Problem, preferred_language, printable
from handlers.http.strictjson import parse
from handlers.http.times import BadTime, moment

PLAIN = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(PLAIN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(PLAIN), inner),
    max_leaves=20,
)


@given(DOCUMENTS)
def test_sound_json_is_read_as_json_reads_it(document: object):
    assert parse(json.dumps(document).encode(), "body") == document


@given(st.binary() | st.text(st.sampled_from('{}[]":,0123456789eE+-.\\utrfalsn')).map(str.encode))
def test_anything_else_is_a_problem_and_nothing_worse(data: bytes):
    problem = None
    try:
        parse(data, "body")
    except Problem as found:
        problem = found
    assert problem is None or problem.status == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T10:00:00+08:00", "2026-11-22T02:00:00.000Z"),
        ("2026-11-22t02:00:00.1234567z", "2026-11-22T02:00:00.123Z"),
        ("2026-11-22 02:00:00.5-00:00", "2026-11-22T02:00:00.500Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("1904-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59-23:59", None),
    ],
)
def test_moments(text: str, expected: str | None):
    at = moment(text)
    if expected is not None:
        assert utc(at) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2026-11-22T10:00:00", "time_offset"),
        ("2026-11-22", "time"),
        ("2026-11-22T10:00Z", "time"),
        ("2026-11-22T10:00:00+0800", "time"),
        ("2026-11-22T24:00:00Z", "time"),
        ("2026-13-01T00:00:00Z", "time"),
        ("2026-11-22T10:00:00+25:00", "time"),
        ("２０２６-11-22T10:00:00Z", "time"),
        ("1795312800", "time"),
        ("", "time"),
    ],
)
def test_what_is_no_moment(text: str, key: str):
    with pytest.raises(BadTime) as caught:
        moment(text)
    assert caught.value.key == key


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_we_write_we_can_read(at: datetime):
    ms = int(at.timestamp()) * 1000 + at.microsecond // 1000
    assert moment(utc(ms)) == ms


def test_the_window_slides():
    counter = SlidingCounter(2, 1000)
    assert [counter.take("a", at) for at in (0, 400, 900)] == [0, 0, 100]
    assert counter.take("b", 900) == 0
    assert [counter.take("a", at) for at in (1000, 1001, 1400)] == [0, 399, 0]


def test_a_clock_that_was_set_back_locks_nobody_out():
    counter = SlidingCounter(1, 1000)
    assert counter.take("a", 1_000_000) == 0
    assert counter.take("a", 5) == 0


def test_counters_forget_the_least_recent_names():
    counter = SlidingCounter(1, 1000, names=2)
    for name in "abc":
        counter.take(name, 0)
    assert [counter.wait(name, 0) for name in "abc"] == [0, 1000, 1000]


def test_a_budget_is_given_back():
    budget = Budget(10)
    assert budget.take(6)
    assert not budget.take(5)
    budget.give_back(6)
    assert budget.take(10)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-Hant-TW", "zh"),
        ("de, EN-us;q=0.8", "en"),
        ("zh;q=0.5, en;q=0.6", "en"),
        ("en;q=nonsense, zh;q=0.1", "zh"),
        ("*", None),
        ("", None),
    ],
)
def test_preferred_language(header: str, language: str | None):
    assert preferred_language(header) == language


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, True),
        (7, 7),
        (10**400, "<int>"),
        (0.5, "0.5"),
        ({"a": 1}, "<dict, 1>"),
        ([1, 2], "<list, 2>"),
        ("\ud800", "?"),
        (None, None),
    ],
)
def test_values_in_answers_are_short_and_plain(value: object, shown: object):
    assert printable(value) == shown
