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


def test_a_clock_set_back_does_not_gag_a_speaker() -> None:
    manners = Manners(SpeakerSpec("gate", "browser:", at_most_per_hour=1))
    manners.spoke(at(12))
    assert manners.refusal(Severity.GENERAL, at(3)) is None


def test_a_speakers_url_is_not_shown() -> None:
    assert "hunter2" not in repr(SpeakerSpec("gate", "axis://root:hunter2@10.0.0.9"))
