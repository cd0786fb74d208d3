"""Quiet hours and the cap an hour, by a clock that is moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.hazard import Severity
from bot.domain.window import parse_window
from voice.policy import Manners, SpeakerSpec
from voice.speakers.port import Outcome


def at(hour: int, minute: int = 0) -> float:
    """Epoch seconds of a UTC time on a fixed day."""
    return datetime(2026, 11, 22, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("utc_hour", "held"),
    [(13, False), (14, True), (21, True), (22, False), (3, False)],
)
def test_quiet_hours_are_the_sites_local_ones(utc_hour: int, held: bool) -> None:
    """22:00-06:00 in Shanghai is 14:00-22:00 UTC."""
    spec = SpeakerSpec("gate", "browser:", quiet_hours=(parse_window("22:00-06:00"),))
    refusal = Manners(spec).refusal(Severity.SERIOUS, at(utc_hour))
    assert refusal == (Outcome.QUIET_HOURS if held else None)


def test_emergencies_pass_quiet_hours_and_the_cap() -> None:
    spec = SpeakerSpec(
        "gate", "browser:", quiet_hours=(parse_window("00:00-24:00"),), at_most_per_hour=0
    )
    assert Manners(spec).refusal(Severity.EMERGENCY, at(3)) is None


def test_the_cap_frees_itself_an_hour_after_each_announcement() -> None:
    manners = Manners(SpeakerSpec("gate", "browser:", at_most_per_hour=2))
    manners.spoke(at(3, 0))
    manners.spoke(at(3, 30))
    assert manners.refusal(Severity.GENERAL, at(3, 59)) is Outcome.CAPPED
    assert manners.refusal(Severity.GENERAL, at(4, 0)) is None
    manners.spoke(at(4, 0))
    assert manners.refusal(Severity.GENERAL, at(4, 29)) is Outcome.CAPPED


def test_emergencies_use_up_nothing_that_other_warnings_have() -> None:
    """A fall and its rounds must not keep the next warning about a helmet from being spoken."""
    manners = Manners(SpeakerSpec("gate", "browser:", at_most_per_hour=2))
    for minute in range(5):
        manners.spoke(at(3, minute), Severity.EMERGENCY)
    manners.spoke(at(3, 6))
    assert manners.refusal(Severity.GENERAL, at(3, 7)) is None
    manners.spoke(at(3, 8))
    assert manners.refusal(Severity.GENERAL, at(3, 9)) is Outcome.CAPPED


def test_a_clock_set_back_does_not_gag_a_speaker() -> None:
    manners = Manners(SpeakerSpec("gate", "browser:", at_most_per_hour=1))
    manners.spoke(at(12))
    assert manners.refusal(Severity.GENERAL, at(3)) is None


def test_a_speakers_url_is_not_shown() -> None:
    assert "hunter2" not in repr(SpeakerSpec("gate", "axis://root:hunter2@10.0.0.9"))


NIGHT = (parse_window("22:00-06:00"),)


def test_an_emergency_by_night_only_where_that_is_allowed() -> None:
    """By day the same horn speaks; what a person forces is spoken at any time."""
    spec = SpeakerSpec("gate", "browser:", quiet_hours=NIGHT, night_emergencies=False)
    manners = Manners(spec)
    assert manners.refusal(Severity.EMERGENCY, at(15)) is Outcome.QUIET_HOURS
    assert manners.refusal(Severity.EMERGENCY, at(3)) is None
    assert manners.refusal(Severity.GENERAL, at(15), forced=True) is None


def test_emergencies_by_night_have_a_limit_of_their_own() -> None:
    """What sounded by day does not count, nor do general ones; an hour later it is free again."""
    spec = SpeakerSpec("gate", "browser:", quiet_hours=NIGHT, night_at_most_per_hour=2)
    manners = Manners(spec)
    manners.spoke(at(13, 59), Severity.EMERGENCY)
    for minute in (10, 20):
        assert manners.refusal(Severity.EMERGENCY, at(14, minute)) is None
        manners.spoke(at(14, minute), Severity.EMERGENCY)
    assert manners.refusal(Severity.EMERGENCY, at(14, 30)) is Outcome.CAPPED
    assert manners.refusal(Severity.GENERAL, at(14, 30), forced=True) is None
    assert manners.refusal(Severity.EMERGENCY, at(15, 11)) is None


@pytest.mark.parametrize(
    ("severity", "round", "hour", "gain"),
    [
        (Severity.GENERAL, 1, 3, 0.8),
        (Severity.GENERAL, 3, 15, 0.2),
        (Severity.SERIOUS, 2, 15, 0.2),
        (Severity.EMERGENCY, 1, 3, 0.8),
        (Severity.EMERGENCY, 1, 15, 0.2),
        (Severity.EMERGENCY, 2, 15, 0.5),
        (Severity.EMERGENCY, 3, 15, 0.8),
        (Severity.EMERGENCY, 9, 15, 0.8),
    ],
)
def test_it_is_as_loud_as_the_hour_and_the_hazard_ask(
    severity: Severity, round: int, hour: int, gain: float
) -> None:
    """15:00 UTC is night in Shanghai; an emergency grows with its rounds."""
    spec = SpeakerSpec("gate", "browser:", volume=0.8, night_volume=0.2, night=NIGHT)
    assert Manners(spec).gain(severity, at(hour), round) == pytest.approx(gain)


def test_a_night_that_is_louder_than_the_day_stays_so() -> None:
    """Nobody grows quieter in an emergency."""
    spec = SpeakerSpec("gate", "browser:", volume=0.3, night_volume=0.6, night=NIGHT)
    assert Manners(spec).gain(Severity.EMERGENCY, at(15), 3) == 0.6
