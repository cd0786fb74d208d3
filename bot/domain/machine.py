"""The state machine: what may happen to a case in which state, and what follows.

Pure and synchronous.  Every function takes a `Case`, the actor and `now` (epoch milliseconds) and
returns a `Change` or raises `Refused` with the state, the person and the time that stand against it.
Rights are not looked at here (`bot.domain.rights`); what counts as seen gone is decided in
`bot.domain.sighting`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.domain.case import LIVE, UNRECTIFIED, Case, Event, LastChange, Outcome, State, TimerKind
from bot.domain.command import Actor, Command, Verb
from bot.domain.error import Refused
from bot.domain.hazard import Severity
from bot.domain.response import Response

UNDO_WITHIN_MS = 10 * 60_000

_RECTIFIED_WORDS = ("已整改", "整改", "弄好", "搞定", "fixed", "rectified", "done", "solved")

ALLOWED: Mapping[Event, frozenset[State]] = {
    Event.ACKNOWLEDGED: frozenset({State.OPEN, State.ESCALATED, State.WORK_ORDER}),
    Event.ARRIVED: LIVE,
    Event.RECTIFIED: UNRECTIFIED,
    Event.VERIFIED: frozenset({State.RECTIFIED}),
    Event.VERIFY_FAILED: frozenset({State.RECTIFIED}),
    Event.CLOSED: LIVE,
    Event.ESCALATED: frozenset({State.OPEN, State.ACKNOWLEDGED, State.ESCALATED}),
    Event.WORK_ORDER: frozenset({State.OPEN, State.ACKNOWLEDGED, State.ESCALATED}),
    Event.REOPENED: frozenset({State.CLOSED, State.RECTIFIED}),
    Event.SEEN_AGAIN: frozenset({State.RECTIFIED}),
    Event.SEEN_GONE: UNRECTIFIED,
    Event.UNDONE: frozenset(State) - {State.OPEN},
    Event.ASSIGNED: LIVE,
    Event.DISPUTED: frozenset(State),
}
"""Event -> the states in which it may happen; the table of the manual, walked by the tests."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision does: the new case, the entry for its history, and what must follow.

    `timers` maps a clock to its due time, or to None where it stops; `stop_all` stops every clock
    first.  `call` asks for the people of the case's level, `ring` for the horn.
    """

    case: Case
    event: Event
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    timers: Mapping[TimerKind, int | None] = field(default_factory=dict[TimerKind, int | None])
    stop_all: bool = False
    ring: bool = False
    call: bool = False


def ms(duration: timedelta) -> int:
    """A duration in whole milliseconds."""
    return round(duration.total_seconds() * 1000)


def fresh_timers(case: Case, response: Response, now: int) -> dict[TimerKind, int | None]:
    """The clocks of a case that opens, or opens anew, at `now`."""
    timers: dict[TimerKind, int | None] = {}
    if response.acknowledge_within:
        timers[TimerKind.ACKNOWLEDGE_BY] = now + ms(response.acknowledge_within)
    if response.rectify_within:
        timers[TimerKind.RECTIFY_BY] = now + ms(response.rectify_within)
    if case.emergency and response.arrive_within:
        timers[TimerKind.ARRIVE_BY] = now + ms(response.arrive_within)
    return timers


def acknowledge(case: Case, actor: Actor, now: int) -> Change:
    """Someone takes the case; chain and chase stop, in escalated and work_order the state stays."""
    _require(case, Event.ACKNOWLEDGED)
    if case.acknowledged_by is not None:
        raise _refusal(case, "refused.already_acknowledged", who=case.acknowledged_by)
    state = State.ACKNOWLEDGED if case.state is State.OPEN else case.state
    changed = replace(case, state=state, acknowledged_by=actor.id, acknowledged_at=now)
    return _decided(
        case, changed, Event.ACKNOWLEDGED, actor, now, timers={TimerKind.ACKNOWLEDGE_BY: None}
    )


def arrive(case: Case, actor: Actor, now: int) -> Change:
    """Someone is on the scene; counts as acknowledging."""
    _require(case, Event.ARRIVED)
    if case.arrived_by == actor.id:
        raise _refusal(case, "refused.already_arrived", who=case.arrived_by)
    changed = replace(
        case,
        state=State.ACKNOWLEDGED if case.state is State.OPEN else case.state,
        acknowledged_by=case.acknowledged_by or actor.id,
        acknowledged_at=case.acknowledged_at or now,
        arrived_by=case.arrived_by or actor.id,
        arrived_at=case.arrived_at or now,
    )
    stop: dict[TimerKind, int | None] = {
        TimerKind.ACKNOWLEDGE_BY: None,
        TimerKind.ARRIVE_BY: None,
    }
    return _decided(case, changed, Event.ARRIVED, actor, now, timers=stop)


def rectify(case: Case, actor: Actor, now: int, response: Response, reason: str = "") -> Change:
    """A person says it is put right; where nothing is to be verified that closes the case."""
    _require(case, Event.RECTIFIED)
    done = replace(case, rectified_by=actor.id, rectified_at=now)
    if response.verify == "none" and not case.emergency:
        return _closed(done, actor, now, Outcome.RECTIFIED, reason, event=Event.RECTIFIED)
    changed = replace(done, state=State.RECTIFIED, state_before=case.state)
    stop: dict[TimerKind, int | None] = {
        TimerKind.ACKNOWLEDGE_BY: None,
        TimerKind.RECTIFY_BY: None,
        TimerKind.SPEAK_AGAIN: None,
    }
    return _decided(case, changed, Event.RECTIFIED, actor, now, reason, timers=stop)


def verify(
    case: Case, actor: Actor, now: int, response: Response, passed: bool, reason: str = ""
) -> Change:
    """Someone looks whether it really is put right: closed, or back to where it was."""
    _require(case, Event.VERIFIED)
    if response.verify == "second_person" and case.rectified_by == actor.id:
        raise Refused("refused.second_person", case=case.number)
    if passed:
        return _closed(case, actor, now, Outcome.RECTIFIED, reason, event=Event.VERIFIED)
    changed = _unrectified(case)
    timers = _rectify_timer(response, now)
    return _decided(case, changed, Event.VERIFY_FAILED, actor, now, reason, timers=timers)


def close(case: Case, actor: Actor, now: int, reason: str = "") -> Change:
    """A person ends the case; an emergency only after an arrival and with a reason."""
    _require(case, Event.CLOSED)
    if case.emergency and case.arrived_by is None:
        raise Refused("refused.emergency_arrive_first", case=case.number)
    if case.emergency and not reason.strip():
        raise Refused("refused.emergency_reason", case=case.number)
    return _closed(case, actor, now, _outcome_of(case, reason), reason)


def false_alarm(case: Case, actor: Actor, now: int, reason: str = "") -> Change:
    """A person has looked, and there was no hazard."""
    _require(case, Event.CLOSED)
    return _closed(case, actor, now, Outcome.FALSE_ALARM, reason)


def escalate(
    case: Case, actor: Actor, now: int, response: Response, has_party: bool, reason: str = ""
) -> Change:
    """One step up the chain; past its end a work order for the responsible party."""
    _require(case, Event.ESCALATED)
    if case.level < len(response.escalate_to):
        return _escalated(case, actor, now, reason)
    if has_party and response.work_order != "never":
        return issue_work_order(case, actor, now, reason)
    raise _refusal(case, "refused.top_of_chain")


def acknowledge_overdue(case: Case, now: int, system: Actor) -> Change | None:
    """Nobody took it in time: up one step."""
    if case.state is not State.OPEN:
        return None
    return _escalated(case, system, now, "overdue")


def rectify_overdue(
    case: Case, now: int, response: Response, has_party: bool, system: Actor
) -> Change | None:
    """Not put right in time: a work order; without a party, or where none is wanted, up one step."""
    if case.state not in ALLOWED[Event.WORK_ORDER]:
        return None
    if has_party and response.work_order != "never":
        return issue_work_order(case, system, now, "overdue")
    if case.level >= len(response.escalate_to):
        return None
    return _escalated(case, system, now, "overdue")


def issue_work_order(case: Case, actor: Actor, now: int, reason: str = "") -> Change:
    """The case becomes the responsible party's work order."""
    _require(case, Event.WORK_ORDER)
    changed = replace(case, state=State.WORK_ORDER)
    stop: dict[TimerKind, int | None] = {
        TimerKind.ACKNOWLEDGE_BY: None,
        TimerKind.RECTIFY_BY: None,
    }
    return _decided(case, changed, Event.WORK_ORDER, actor, now, reason, timers=stop, call=True)


def seen_gone(case: Case, now: int, response: Response, system: Actor, left: bool) -> Change | None:
    """The hazard was seen to be gone for long enough, or (`left`) the people were seen to leave."""
    if case.state is State.RECTIFIED and not left:
        return _camera_confirms(case, now, response, system)
    if case.state not in ALLOWED[Event.SEEN_GONE]:
        return None
    quiet = case.state in (State.OPEN, State.ACKNOWLEDGED)
    may_close = quiet and response.may_self_close and not case.emergency
    if left:
        if not may_close or case.severity > Severity.GENERAL:
            return None
        return _closed(case, system, now, Outcome.LEFT, "")
    if may_close:
        return _closed(case, system, now, Outcome.SELF_CLOSED, "")
    changed = replace(
        case,
        state=State.RECTIFIED,
        state_before=case.state,
        rectified_by=system.id,
        rectified_at=now,
        live_key=None,
    )
    stop: dict[TimerKind, int | None] = {
        TimerKind.ACKNOWLEDGE_BY: None,
        TimerKind.RECTIFY_BY: None,
        TimerKind.SPEAK_AGAIN: None,
    }
    return _decided(case, changed, Event.SEEN_GONE, system, now, timers=stop)


def seen_again(case: Case, now: int, response: Response, system: Actor) -> Change:
    """What was said to be put right is seen again: back to where the case was."""
    _require(case, Event.SEEN_AGAIN)
    changed = _unrectified(case)
    timers = _rectify_timer(response, now)
    return _decided(case, changed, Event.SEEN_AGAIN, system, now, timers=timers, ring=True)


def reopen(case: Case, actor: Actor, now: int, response: Response, reason: str = "") -> Change:
    """Closed or rectified was wrong: open again, with fresh clocks and nobody's name on it."""
    _require(case, Event.REOPENED)
    return _opened_anew(case, actor, now, response, Event.REOPENED, reason)


def undo(case: Case, actor: Actor, now: int, response: Response) -> Change:
    """One's own last change is taken back, within ten minutes."""
    last = case.last
    if last is None or last.event not in _UNDO:
        raise Refused("refused.nothing_to_undo")
    if last.actor != actor.id:
        raise _refusal(case, "refused.undo_other")
    if now - last.at > UNDO_WITHIN_MS:
        raise _refusal(case, "refused.undo_late")
    return _UNDO[last.event](case, actor, now, response)


def assign(case: Case, actor: Actor, now: int, member: str) -> Change:
    """The case is given to a member to see to."""
    _require(case, Event.ASSIGNED)
    changed = replace(case, assigned_to=member)
    return _decided(case, changed, Event.ASSIGNED, actor, now, data={"to": member}, call=True)


def dispute(case: Case, actor: Actor, now: int, reason: str) -> Change:
    """Someone does not agree; the words are kept, the state stays."""
    if not reason.strip():
        raise Refused("refused.dispute_reason", case=case.number)
    return _decided(case, case, Event.DISPUTED, actor, now, reason, keep_last=True)


def decide(case: Case, command: Command, now: int, response: Response, has_party: bool) -> Change:
    """The change that a person's command makes to this case; raises `Refused`."""
    actor, reason = command.actor, command.reason
    match command.verb:
        case Verb.ACKNOWLEDGE:
            return acknowledge(case, actor, now)
        case Verb.ARRIVE:
            return arrive(case, actor, now)
        case Verb.RECTIFIED:
            return rectify(case, actor, now, response, reason)
        case Verb.VERIFY:
            return verify(case, actor, now, response, command.passed, reason)
        case Verb.CLOSE:
            return close(case, actor, now, reason)
        case Verb.ESCALATE:
            return escalate(case, actor, now, response, has_party, reason)
        case Verb.FALSE_ALARM:
            return false_alarm(case, actor, now, reason)
        case Verb.REOPEN:
            return reopen(case, actor, now, response, reason)
        case Verb.UNDO:
            return undo(case, actor, now, response)
        case Verb.ASSIGN:
            return assign(case, actor, now, str(command.args["member"]))
        case Verb.DISPUTE:
            return dispute(case, actor, now, reason)
        case _:
            raise ValueError(f"{command.verb} does not change a case")


def _undo_to_open(case: Case, actor: Actor, now: int, response: Response) -> Change:
    return _opened_anew(case, actor, now, response, Event.UNDONE, "")


def _undo_acknowledge(case: Case, actor: Actor, now: int, response: Response) -> Change:
    state = State.OPEN if case.state is State.ACKNOWLEDGED else case.state
    changed = replace(
        case,
        state=state,
        acknowledged_by=None,
        acknowledged_at=None,
        arrived_by=None,
        arrived_at=None,
    )
    timers = fresh_timers(case, response, now) if state is State.OPEN else {}
    return _decided(case, changed, Event.UNDONE, actor, now, timers=timers)


def _undo_escalate(case: Case, actor: Actor, now: int, response: Response) -> Change:
    before = (case.last.state_before if case.last else None) or State.OPEN
    level = case.level if case.state is State.WORK_ORDER else case.level - 1
    changed = replace(case, state=before, level=max(level, 0), work_order=None)
    timers = _rectify_timer(response, now)
    if before is State.OPEN:
        timers = fresh_timers(changed, response, now)
    return _decided(case, changed, Event.UNDONE, actor, now, timers=timers)


def _undo_verify_failed(case: Case, actor: Actor, now: int, response: Response) -> Change:
    changed = replace(case, state=State.RECTIFIED, state_before=case.state, rectified_at=now)
    return _decided(case, changed, Event.UNDONE, actor, now)


_UNDO: Mapping[Event, Callable[[Case, Actor, int, Response], Change]] = {
    Event.ACKNOWLEDGED: _undo_acknowledge,
    Event.ARRIVED: _undo_acknowledge,
    Event.RECTIFIED: _undo_to_open,
    Event.VERIFIED: _undo_to_open,
    Event.CLOSED: _undo_to_open,
    Event.ESCALATED: _undo_escalate,
    Event.WORK_ORDER: _undo_escalate,
    Event.VERIFY_FAILED: _undo_verify_failed,
}


def _require(case: Case, event: Event) -> None:
    if case.state not in ALLOWED[event]:
        raise _refusal(case, "refused.state")


def _refusal(case: Case, key: str, who: str | None = None) -> Refused:
    """A refusal that names the state, the person and the time standing against the wish."""
    last = case.last
    return Refused(
        key,
        case=case.number,
        state=case.state,
        outcome=case.outcome,
        who=who or (last.actor if last else None),
        event=last.event if last else Event.OPENED,
        at=last.at if last else case.opened_at,
    )


def _decided(
    before: Case,
    after: Case,
    event: Event,
    actor: Actor,
    now: int,
    reason: str = "",
    *,
    keep_last: bool = False,
    **follow: Any,
) -> Change:
    last = LastChange(event, actor.id, actor.name, now, before.state)
    changed = replace(
        after,
        seq=before.seq + 1,
        version=before.version + 1,
        reviewed_by=after.reviewed_by or actor.member,
        last=before.last if keep_last else last,
    )
    return Change(changed, event, reason, **follow)


def _closed(
    case: Case, actor: Actor, now: int, outcome: Outcome, reason: str, event: Event = Event.CLOSED
) -> Change:
    changed = replace(
        case, state=State.CLOSED, outcome=outcome, closed_at=now, live_key=None, state_before=None
    )
    data = {"outcome": outcome.value}
    return _decided(case, changed, event, actor, now, reason, data=data, stop_all=True)


def _escalated(case: Case, actor: Actor, now: int, reason: str) -> Change:
    changed = replace(case, state=State.ESCALATED, level=case.level + 1)
    stop: dict[TimerKind, int | None] = {TimerKind.ACKNOWLEDGE_BY: None}
    data = {"level": changed.level}
    return _decided(
        case, changed, Event.ESCALATED, actor, now, reason, data=data, timers=stop, call=True
    )


def _unrectified(case: Case) -> Case:
    return replace(
        case,
        state=case.state_before or State.OPEN,
        state_before=None,
        rectified_by=None,
        rectified_at=None,
        gone_at=None,
    )


def _rectify_timer(response: Response, now: int) -> dict[TimerKind, int | None]:
    if not response.rectify_within:
        return {}
    return {TimerKind.RECTIFY_BY: now + ms(response.rectify_within)}


def _opened_anew(
    case: Case, actor: Actor, now: int, response: Response, event: Event, reason: str
) -> Change:
    changed = replace(
        case,
        state=State.OPEN,
        outcome=None,
        state_before=None,
        closed_at=None,
        level=0,
        gone_at=None,
        acknowledged_by=None,
        acknowledged_at=None,
        arrived_by=None,
        arrived_at=None,
        rectified_by=None,
        rectified_at=None,
    )
    timers = fresh_timers(changed, response, now)
    return _decided(case, changed, event, actor, now, reason, timers=timers, stop_all=True)


def _camera_confirms(case: Case, now: int, response: Response, system: Actor) -> Change | None:
    """A person said it is put right, and now the camera sees it too."""
    if response.verify == "camera" and not case.emergency:
        return _closed(case, system, now, Outcome.RECTIFIED, "", event=Event.VERIFIED)
    if case.live_key is None:
        return None
    changed = replace(case, live_key=None)
    return _decided(case, changed, Event.SEEN_GONE, system, now, keep_last=True)


def _outcome_of(case: Case, reason: str) -> Outcome:
    """Rectified only if somebody said so: by state, or in the words of the reason."""
    said = reason.strip().lower()
    negated = said.startswith(("未", "没", "不", "not "))
    if case.state is State.RECTIFIED or (
        not negated and any(word in said for word in _RECTIFIED_WORDS)
    ):
        return Outcome.RECTIFIED
    return Outcome.OTHER
