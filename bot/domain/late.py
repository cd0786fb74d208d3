"""Whether what is told is old: a card that comes late says so, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.domain.case import Case
from bot.domain.hazard import Severity

LATE_MS = 60_000
"""Told longer than this after the event, it is late."""

_TOLD_WHEN_IT_LASTED = frozenset({"speaker_down", "site_offline"})
"""Hazards that become a case only once they have lasted: that wait is no delay of the report."""

Cause = Literal["site", "chat", ""]
"""The report itself came late (the site was offline), the chat did not take it, or it waited."""


@dataclass(frozen=True, slots=True)
class Late:
    """How late (ms after the event), and because of what."""

    ms: int
    cause: Cause


def lateness(case: Case, waited: int = 0, *, failed: bool = False) -> Late | None:
    """How late something about a case is told; None when it is in time.

    `waited` are the ms from when it was asked for to its delivery, `failed` whether a try in
    between went wrong.  What is told about an old case on purpose is not late: the time before it
    was asked for counts only as far as the report itself came late.
    """
    reported = max(case.received_at - case.first_seen, 0) if case.received_at else 0
    if case.hazard in _TOLD_WHEN_IT_LASTED:
        reported = 0
    late = reported + max(waited, 0)
    if late <= LATE_MS:
        return None
    if reported > LATE_MS:
        return Late(late, "site")
    return Late(late, "chat" if failed else "")


def over_before_told(case: Case | None, now: int) -> bool:
    """Whether a card would tell, late, of a general case that is over: a line says as much."""
    if case is None or case.live or case.severity is not Severity.GENERAL:
        return False
    return now - case.first_seen > LATE_MS
