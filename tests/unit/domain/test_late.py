"""What is told late says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.case import State
from bot.domain.hazard import Severity
from bot.domain.late import Late, lateness, over_before_told
from tests.support.cases import T0, opened

MINUTE = 60_000


def test_sixty_seconds_are_not_late() -> None:
    """Neither in the report, nor on the way, nor in both together."""
    case = replace(opened(), first_seen=T0, received_at=T0 + 30_000)
    assert lateness(case, 30_000) is None
    assert lateness(case, 30_001) == Late(60_001, "")


def test_why_it_is_late() -> None:
    """The report came late, the chat did not take it, or it had to wait."""
    case = replace(opened(), first_seen=T0, received_at=T0 + 5 * MINUTE)
    assert lateness(case) == Late(5 * MINUTE, "site")
    assert lateness(case, MINUTE, failed=True) == Late(6 * MINUTE, "site")
    at_once = replace(case, received_at=T0)
    assert lateness(at_once, 2 * MINUTE, failed=True) == Late(2 * MINUTE, "chat")
    assert lateness(at_once, 2 * MINUTE) == Late(2 * MINUTE, "")


@pytest.mark.parametrize("hazard", ["speaker_down", "site_offline"])
def test_what_had_to_last_first_is_not_late(hazard: str) -> None:
    """A speaker is called dead after five minutes of silence: nobody was cut off meanwhile."""
    case = replace(opened(), hazard=hazard, first_seen=T0, received_at=T0 + 5 * MINUTE)
    assert lateness(case) is None
    assert lateness(case, 2 * MINUTE, failed=True) == Late(2 * MINUTE, "chat")


def test_a_general_case_that_is_over_is_told_in_a_line() -> None:
    """Not one that is fresh, live, or graver."""
    case = replace(opened(), first_seen=T0, severity=Severity.GENERAL, state=State.CLOSED)
    assert over_before_told(case, T0 + MINUTE + 1)
    assert not over_before_told(case, T0 + MINUTE)
    assert not over_before_told(replace(case, state=State.OPEN), T0 + 2 * MINUTE)
    assert not over_before_told(replace(case, severity=Severity.SERIOUS), T0 + 2 * MINUTE)
