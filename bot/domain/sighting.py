"""How a report meets the cases that are there: a new one, the live one, one just closed, or none.

Merging rests on one rule for all processes and databases: a live key may be held by one case only.
Cooldown never drops a report; it decides whether the hazard rings again.  Gone needs proof: only an
end that says `rectified` starts the self-close window, `left` closes a general hazard as left,
`lost` and `source_down` end nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain import machine, presence
from bot.domain.case import Case, Event, LastChange, Outcome, State, TimerKind
from bot.domain.change import Change
from bot.domain.clocks import changed_timers, fresh_timers, ms, with_deadlines
from bot.domain.command import SYSTEM, Actor
from bot.domain.hazard import Severity
from bot.domain.report import Because, Phase, Report
from bot.domain.response import Response

EMERGENCY_UNSEEN_MS = 30_000
"""An emergency that was unseen for this long rings again when it is seen again."""

CONTINUED_UNSEEN_MS = 30_000
"""A report that a hazard goes on means a gap only from here on, however short the cooldown is."""

LATE_WITHIN_MS = 5 * 60_000
"""So long after a close a report may be a straggler; later its source's clock is not believed."""

SOURCE_LENGTH = 100

SET_BACK_MS = 10 * 60_000
"""What lies further ahead of our clock than this was written before it was set back."""


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
        subjects=presence.first(report),
        note=report.note,
        trial=report.trial,
        reported_by=report.by,
        source=report.source[:SOURCE_LENGTH],
        confirmed_by=report.by,
        last=LastChange(Event.OPENED, by.id, by.name, report.received_at),
    )
    timers = fresh_timers(case, response, report.received_at)
    case = with_deadlines(case, timers)
    return Change(case, Event.OPENED, report.note, _said(report), timers=timers, ring=True)


def cooldown_over(case: Case, now: int, response: Response) -> bool:
    """Whether a hazard that a person closed is still being seen when the cooldown ends."""
    if case.state is not State.CLOSED or case.closed_at is None:
        return False
    seen_since = case.last_seen >= case.closed_at and presence.count(_remaining(case)) > 0
    return seen_since and not _cooling(case.closed_at, now, response)


def anew_after_cooldown(closed: Case, number: int, now: int, response: Response) -> Change:
    """A new case for a hazard that outlasted a person's close and its cooldown."""
    case = Case(
        number=number,
        site=closed.site,
        hazard=closed.hazard,
        severity=response.severity,
        place_key=closed.place_key,
        live_key=closed.place_key,
        camera=closed.camera,
        zone=closed.zone,
        opened_at=now,
        received_at=now,
        first_seen=closed.last_seen,
        last_seen=closed.last_seen,
        people=max(min(presence.count(_remaining(closed)), closed.people), 1),
        subjects=_remaining(closed),
        trial=closed.trial,
        source=closed.source,
        last=LastChange(Event.OPENED, SYSTEM.id, SYSTEM.name, now),
    )
    timers = fresh_timers(case, response, now)
    case = with_deadlines(case, timers)
    data = {"goes_on_from": closed.number}
    return Change(case, Event.OPENED, data=data, timers=timers, ring=True)


def _remaining(closed: Case) -> dict[str, str]:
    """Who makes a hazard of it again; whom a person has judged does not."""
    if closed.outcome is Outcome.FALSE_ALARM:
        return presence.unjudged(closed.subjects)
    return presence.still_there(closed.subjects)


def _cooling(closed_at: int, now: int, response: Response) -> bool:
    """Whether it is still the cooldown; a close in the future is one of a clock set back since."""
    return -SET_BACK_MS < now - closed_at < ms(response.cooldown)


def _attach(report: Report, case: Case, response: Response) -> Sighting:
    """The hazard goes on: count, last seen, no new message unless it must ring again."""
    late = _is_late(report, case)
    if case.state is State.RECTIFIED and not late and _contradicts(report, case, response):
        return _seen_again(report, case, response)
    seen = _seen(case, report, response)
    ring = seen.severity > case.severity or (not late and _rings_again(report, case, response))
    timers = changed_timers(case, seen, response, report.received_at)
    if seen.severity > case.severity and seen.state is State.OPEN:
        timers |= _sooner(seen, response, report.received_at)
    return Sighting(Meeting.ATTACHED, _kept(case, seen, report, timers, ring))


def _again(report: Report, latest: Case, response: Response) -> Sighting | None:
    """No case holds the key: is this the last one coming back?"""
    late = _is_late(report, latest)
    if latest.state is State.RECTIFIED and not late:
        return _seen_again(report, latest, response)
    if latest.live:
        key = latest.live_key if late else latest.place_key
        return _attach(report, replace(latest, live_key=key), response)
    if late:
        return Sighting(Meeting.KEPT, _kept(latest, _seen(latest, report, response), report))
    if latest.closed_at is None:
        return None
    if _is_judged(report, latest, response):
        return Sighting(Meeting.KEPT, _kept(latest, _seen(latest, report, response), report))
    if not _cooling(latest.closed_at, report.received_at, response):
        return None
    if latest.outcome in (Outcome.SELF_CLOSED, Outcome.LEFT):
        return _reopened(report, latest, response)
    if _passes_cooldown(report, latest, response):
        return None
    due = latest.closed_at + ms(response.cooldown)
    seen = _seen(latest, report, response)
    return Sighting(Meeting.KEPT, _kept(latest, seen, report, {TimerKind.COOLDOWN: due}))


def _seen_again(report: Report, case: Case, response: Response) -> Sighting:
    change = machine.seen_again(case, report.received_at, response, SYSTEM)
    seen = _seen(change.case, report, response)
    return Sighting(Meeting.ATTACHED, _with(replace(change, case=seen), report))


def _reopened(report: Report, case: Case, response: Response) -> Sighting:
    seen = replace(_seen(case, report, response), live_key=case.place_key)
    change = machine.reopen(seen, SYSTEM, report.received_at, response, "seen again")
    return Sighting(Meeting.REOPENED, _with(replace(change, ring=True), report))


def _end(report: Report, holder: Case | None, latest: Case | None, response: Response) -> Sighting:
    """Somebody, or everybody, is gone; only proof that all are starts the self-close window."""
    case = holder or latest
    if case is None:
        return Sighting(Meeting.NOTHING)
    ended = replace(case, subjects=presence.ended(case.subjects, report))
    if not _awaits_end(case, holder) or presence.count(ended.subjects):
        return Sighting(Meeting.ATTACHED, _kept(case, ended, report))
    reasons = presence.reasons(ended.subjects)
    if reasons & {Because.LOST, Because.SOURCE_DOWN}:
        return _unproven(case, ended, report)
    if Because.LEFT in reasons:
        return _left(case, ended, report, response)
    return _gone(case, ended, report, response)


def _awaits_end(case: Case, holder: Case | None) -> bool:
    """Whether an end can still do something to it: it holds the key, or was opened anew by hand."""
    return holder is not None or (case.live and case.gone_at is None)


def _unproven(case: Case, ended: Case, report: Report) -> Sighting:
    """Nobody looks any more: that proves nothing, and a window that runs stops."""
    ended = replace(ended, gone_at=None)
    timers = changed_timers(case, ended, None, report.received_at)
    return Sighting(Meeting.ATTACHED, _kept(case, ended, report, timers))


def _left(case: Case, ended: Case, report: Report, response: Response) -> Sighting:
    change = machine.seen_gone(ended, report.received_at, response, SYSTEM, left=True)
    if change is None:
        return Sighting(Meeting.ATTACHED, _kept(case, ended, report))
    return Sighting(Meeting.GONE, _with(change, report))


def _gone(case: Case, ended: Case, report: Report, response: Response) -> Sighting:
    """All are seen rectified: the window starts once, repeats of the end do not prolong it."""
    if case.gone_at is not None:
        return Sighting(Meeting.ATTACHED, _kept(case, ended, report))
    now, wait = report.received_at, ms(response.self_close_after) - report.clear_ms
    gone = replace(ended, gone_at=report.at)
    if wait <= 0 and (change := machine.seen_gone(gone, now, response, SYSTEM, left=False)):
        return Sighting(Meeting.GONE, _with(change, report))
    timers: dict[TimerKind, int | None] = {TimerKind.SELF_CLOSE: now + wait}
    return Sighting(Meeting.GONE, _kept(case, gone, report, timers))


def _kept(
    case: Case,
    after: Case,
    report: Report,
    timers: dict[TimerKind, int | None] | None = None,
    ring: bool = False,
) -> Change:
    """A report that does not change the state: kept, with what it said."""
    after = with_deadlines(replace(after, version=case.version + 1), timers or {})
    return Change(after, Event.ATTACHED, report.note, _said(report), timers=timers or {}, ring=ring)


def _with(change: Change, report: Report) -> Change:
    """A decision with what the report said in its entry."""
    return replace(change, data={**change.data, **_said(report)})


def _seen(case: Case, report: Report, response: Response) -> Case:
    """The case with the report counted in; a straggler makes nobody present again."""
    late = _is_late(report, case)
    fresh = not presence.is_known(case.subjects, report)
    judged = case.outcome is Outcome.FALSE_ALARM
    subjects = case.subjects if late else presence.seen(case.subjects, report, judged=judged)
    named = 0 if report.headcount else presence.count(subjects)
    counted = report.phase is not Phase.CONTINUE or fresh
    return replace(
        case,
        count=case.count + (1 if counted else 0),
        severity=max(case.severity, response.severity),
        last_seen=report.at if _set_back(case, report) else max(case.last_seen, report.at),
        people=max(case.people, report.people, named),
        subjects=subjects,
        gone_at=case.gone_at if late else None,
        reviewed_by=case.reviewed_by or report.by,
        confirmed_by=case.confirmed_by or report.by,
    )


def _is_late(report: Report, case: Case) -> bool:
    """Whether the report is older than the end of what it saw.

    An emergency that starts is never taken for late, and long after a close nothing is: a source
    whose clock was set back must not be unheard.
    """
    if report.phase is not Phase.CONTINUE and case.emergency:
        return False
    if case.closed_at is not None:
        since = report.received_at - case.closed_at
        if not -SET_BACK_MS < since <= LATE_WITHIN_MS:
            return False
    return presence.is_late(case.subjects, report)


def _set_back(case: Case, report: Report) -> bool:
    """Whether our clock was set back since the case was last seen, so that this tells nothing."""
    ahead = case.last_seen - SET_BACK_MS
    return ahead > report.received_at and ahead > report.at


def _contradicts(report: Report, case: Case, response: Response) -> bool:
    """Whether what is said to be rectified is seen not to be.

    A camera that has not looked away yet does not contradict the person, for a cooldown's time.
    """
    if report.phase is not Phase.CONTINUE or case.gone_at is not None:
        return True
    said_at = case.rectified_at or report.received_at
    return report.received_at - said_at >= max(ms(response.cooldown), CONTINUED_UNSEEN_MS)


def _rings_again(report: Report, case: Case, response: Response) -> bool:
    unseen = report.at - case.last_seen
    if case.emergency:
        return unseen >= EMERGENCY_UNSEEN_MS or _set_back(case, report)
    if case.state is not State.ACKNOWLEDGED:
        return False
    gap = CONTINUED_UNSEEN_MS if report.phase is Phase.CONTINUE else 0
    return unseen >= max(ms(response.cooldown), gap)


def _passes_cooldown(report: Report, closed: Case, response: Response) -> bool:
    """Whether a report must not wait: graver than before, or an emergency begins.

    That the very emergency a person has just closed goes on being seen is no new one.
    """
    if response.severity > closed.severity:
        return True
    goes_on = report.phase is Phase.CONTINUE and presence.is_known(closed.subjects, report)
    return response.severity is Severity.EMERGENCY and not goes_on


def _is_judged(report: Report, closed: Case, response: Response) -> bool:
    """Whether it is the very violation of which a person has said that it is none.

    It stays silent until it has ended; what begins after that, or is graver, is heard.
    """
    if closed.outcome is not Outcome.FALSE_ALARM or response.severity > closed.severity:
        return False
    return presence.goes_on(closed.subjects, report)


def _sooner(case: Case, response: Response, now: int) -> dict[TimerKind, int | None]:
    """A graver case is to be acknowledged by its graver response, never later than it was."""
    due = fresh_timers(case, response, now).get(TimerKind.ACKNOWLEDGE_BY)
    known = [at for at in (due, case.acknowledge_due) if at is not None]
    return {TimerKind.ACKNOWLEDGE_BY: min(known)} if known else {}


def _said(report: Report) -> dict[str, object]:
    """What the history keeps of a report; a source's own attributes stay apart from our words."""
    said: dict[str, object] = {"report": report.key, "phase": report.phase.value, "at": report.at}
    optional = {
        "because": report.because.value if report.because else None,
        "confidence": report.confidence,
        "subject": report.subject,
        "picture": report.shot.annotated.sha256 if report.shot else None,
        "picture_kept": False if report.shot and not report.shot.annotated.kept else None,
        "attributes": dict(report.attributes) or None,
    }
    return said | {name: value for name, value in optional.items() if value is not None}
