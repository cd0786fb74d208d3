"""A canary's case: it goes the way of every report, and alarms nobody.

It is on trial, general whatever the site file says, has no clock and no horn; its case is numbered
below zero, so that the numbers of real cases go on counting by one.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.case import Case, Event, LastChange, Outcome, State
from bot.domain.change import Change, decided
from bot.domain.command import SYSTEM
from bot.domain.hazard import Severity
from bot.domain.report import Report

HAZARD = "other"


def flown(report: Report, number: int) -> Change:
    """The case of a canary, which is numbered below zero."""
    case = Case(
        number=number,
        site=report.site,
        hazard=HAZARD,
        severity=Severity.GENERAL,
        place_key=f"canary:{report.site}",
        opened_at=report.received_at,
        received_at=report.received_at,
        first_seen=report.at,
        last_seen=report.at,
        trial=True,
        last=LastChange(Event.OPENED, SYSTEM.id, SYSTEM.name, report.received_at),
    )
    return Change(case, Event.OPENED, data={"report": report.key})


def landed(case: Case, now: int) -> Change:
    """It is over: shown everywhere, or given up for the next one."""
    after = replace(case, state=State.CLOSED, outcome=Outcome.OTHER, closed_at=now)
    return decided(case, after, Event.CLOSED, SYSTEM, now, stop_all=True)
