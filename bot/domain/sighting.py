"""How a report meets the cases that are there: a new one, the live one, one just closed, or none.

Merging rests on one rule for all processes and databases: a live key may be held by one case only.
Cooldown never drops a report; it decides whether the hazard rings again.  Gone needs proof: only an
end that says `rectified` starts the self-close window, `left` closes a general hazard as left,
`lost` and `source_down` end nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain import machine
from bot.domain.case import Case, Event, LastChange, Outcome, State, TimerKind
from bot.domain.command import SYSTEM, Actor
from bot.domain.hazard import Severity
from bot.domain.machine import Change, ms
from bot.domain.report import Because, Phase, Report
from bot.domain.response import Response

EMERGENCY_UNSEEN_MS = 30_000
"""An emergency that was unseen for this long rings again when it is seen again."""

_MAX_SUBJECTS = 64
_PRESENT = "present"
_ALL = "*"


class Meeting(StrEnum):
    """What a report turned out to be."""

    OPENED = "opened"
    ATTACHED = "attached"
    REOPENED = "reopened"
    KEPT = "kept"
    GONE = "gone"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Sighting:
    """The meeting, and the change it makes (None: nothing to write but the report itself)."""

    meeting: Meeting
    change: Change | None = None


def meet(
    report: Report, number: int | None, holder: Case | None, latest: Case | None, response: Response
) -> Sighting:
    """What `report` means for `holder` (holds its live key) or `latest` (the place's last case).

    `number` is the number of the new case if one must be opened; when it is None and a new one is
    needed, the meeting says `opened` without a change and is asked again with a number.
    """
    if report.phase is Phase.END:
        return _end(report, holder, latest, response)
    if holder is not None:
        return _attach(report, holder, response)
    if latest is not None and (sighting := _again(report, latest, response)):
        return sighting
    if number is None:
        return Sighting(Meeting.OPENED)
    return Sighting(Meeting.OPENED, open_case(report, number, response))


def open_case(report: Report, number: int, response: Response) -> Change:
    """A new case; its clocks start when it was received."""
    merge_by = response.merge_by
    by = Actor(report.by, report.by or "system")
    case = Case(
        number=number,
        site=report.site,
        hazard=report.hazard,
        severity=response.severity,
        place_key=report.live_key(merge_by),
        live_key=report.live_key(merge_by),
        camera=report.camera,
        zone=report.zone,
        opened_at=report.received_at,
        received_at=report.received_at,
        first_seen=report.at,
        last_seen=report.at,
        people=report.people,
        subjects={report.subject or _ALL: _PRESENT},
        note=report.note,
        trial=report.trial,
        reported_by=report.by,
        last=LastChange(Event.OPENED, by.id, by.name, report.received_at),
    )
    timers = machine.fresh_timers(case, response, report.received_at)
    return Change(case, Event.OPENED, report.note, _said(report), timers=timers, ring=True)


def cooldown_over(case: Case, now: int, response: Response) -> bool:
    """Whether a hazard that a person closed is still being seen when the cooldown ends."""
    if case.state is not State.CLOSED or case.closed_at is None or case.gone_at is not None:
        return False
    still_there = any(state == _PRESENT for state in case.subjects.values())
    return (
        still_there
        and case.last_seen >= case.closed_at
        and now - case.closed_at >= ms(response.cooldown)
    )


def _attach(report: Report, case: Case, response: Response) -> Sighting:
    """The hazard goes on: count, last seen, no new message unless it must ring again."""
    if case.state is State.RECTIFIED and _counts_as_again(report, case):
        case = _seen(case, report)
        change = machine.seen_again(case, report.received_at, response, SYSTEM)
        return Sighting(Meeting.ATTACHED, change)
    risen = response.severity > case.severity
    ring = risen or _rings_again(report, case, response)
    seen = replace(_seen(case, report), severity=max(case.severity, response.severity))
    stop: dict[TimerKind, int | None] = {TimerKind.SELF_CLOSE: None}
    change = Change(
        replace(seen, version=case.version + 1),
        Event.ATTACHED,
        report.note,
        _said(report),
        timers=stop if case.gone_at is not None else {},
        ring=ring,
    )
    return Sighting(Meeting.ATTACHED, change)


def _again(report: Report, latest: Case, response: Response) -> Sighting | None:
    """No case holds the key: is this the last one coming back?"""
    if latest.state is State.RECTIFIED:
        back = replace(_seen(latest, report), live_key=latest.place_key)
        change = machine.seen_again(back, report.received_at, response, SYSTEM)
        return Sighting(Meeting.ATTACHED, change)
    if latest.live:
        return _attach(report, replace(latest, live_key=latest.place_key), response)
    if latest.closed_at is None:
        return None
    if report.received_at - latest.closed_at >= ms(response.cooldown):
        return None
    if latest.outcome in (Outcome.SELF_CLOSED, Outcome.LEFT):
        change = machine.reopen(
            _seen(latest, report), SYSTEM, report.received_at, response, "seen again"
        )
        return Sighting(
            Meeting.REOPENED,
            replace(change, case=replace(change.case, live_key=latest.place_key), ring=True),
        )
    if response.severity is Severity.EMERGENCY or response.severity > latest.severity:
        return None
    kept = _seen(latest, report)
    due = latest.closed_at + ms(response.cooldown)
    change = Change(
        replace(kept, version=latest.version + 1),
        Event.ATTACHED,
        report.note,
        _said(report),
        timers={TimerKind.COOLDOWN: due},
    )
    return Sighting(Meeting.KEPT, change)


def _end(report: Report, holder: Case | None, latest: Case | None, response: Response) -> Sighting:
    case = holder or latest
    if case is None:
        return Sighting(Meeting.NOTHING)
    because = report.because or Because.LOST
    subjects = _without(case, report.subject, because)
    ended = replace(case, subjects=subjects)
    if holder is None or any(state == _PRESENT for state in subjects.values()):
        gone_at = case.gone_at if holder else (report.at if not case.live else case.gone_at)
        return _noted(case, replace(ended, gone_at=gone_at), report)
    reasons = set(subjects.values())
    if reasons & {Because.LOST.value, Because.SOURCE_DOWN.value}:
        return _noted(case, ended, report)
    now = report.received_at
    if Because.LEFT.value in reasons:
        change = machine.seen_gone(ended, now, response, SYSTEM, left=True)
        if change is None:
            return _noted(case, ended, report)
        return Sighting(Meeting.GONE, change)
    gone = replace(ended, gone_at=report.at)
    wait = ms(response.self_close_after)
    if wait <= 0 and (change := machine.seen_gone(gone, now, response, SYSTEM, left=False)):
        return Sighting(Meeting.GONE, change)
    return _noted(case, gone, report, {TimerKind.SELF_CLOSE: now + wait})


def _noted(
    case: Case, ended: Case, report: Report, timers: dict[TimerKind, int | None] | None = None
) -> Sighting:
    """An end that does not change the state: kept, with what it said."""
    change = Change(
        replace(ended, version=case.version + 1),
        Event.ATTACHED,
        report.note,
        _said(report),
        timers=timers or {},
    )
    return Sighting(Meeting.GONE if timers else Meeting.ATTACHED, change)


def _seen(case: Case, report: Report) -> Case:
    """The case with the report counted in."""
    subjects = dict(case.subjects)
    name = report.subject or _ALL
    fresh = name not in subjects
    subjects[name] = _PRESENT
    present = [state for state in subjects.values() if state == _PRESENT]
    counted = report.phase is not Phase.CONTINUE or fresh
    return replace(
        case,
        count=case.count + (1 if counted else 0),
        last_seen=max(case.last_seen, report.at),
        people=max(case.people, report.people, len(present)),
        subjects=_bounded(subjects),
        gone_at=None,
    )


def _without(case: Case, subject: str | None, because: Because) -> dict[str, str]:
    """Who is left after an end; one without a subject speaks for all."""
    if subject is None:
        return dict.fromkeys(case.subjects, because.value) or {_ALL: because.value}
    return {**case.subjects, subject: because.value}


def _bounded(subjects: dict[str, str]) -> dict[str, str]:
    """At most `_MAX_SUBJECTS`; those gone longest are forgotten first."""
    for name in [name for name, state in subjects.items() if state != _PRESENT]:
        if len(subjects) <= _MAX_SUBJECTS:
            break
        del subjects[name]
    while len(subjects) > _MAX_SUBJECTS:
        del subjects[next(iter(subjects))]
    return subjects


def _counts_as_again(report: Report, case: Case) -> bool:
    """A camera that has not looked away yet does not contradict the person who put it right."""
    return report.phase is not Phase.CONTINUE or case.gone_at is not None


def _rings_again(report: Report, case: Case, response: Response) -> bool:
    unseen = report.at - case.last_seen
    if case.emergency:
        return case.arrived_by is None and unseen >= EMERGENCY_UNSEEN_MS
    return case.state is State.ACKNOWLEDGED and unseen >= ms(response.cooldown)


def _said(report: Report) -> dict[str, object]:
    """What the history keeps of a report."""
    said: dict[str, object] = {"report": report.key, "phase": report.phase.value, "at": report.at}
    optional = {
        "because": report.because.value if report.because else None,
        "confidence": report.confidence,
        "subject": report.subject,
        "picture": report.shot.annotated.sha256 if report.shot else None,
        **report.attributes,
    }
    return said | {name: value for name, value in optional.items() if value is not None}
