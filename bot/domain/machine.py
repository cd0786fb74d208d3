"""The state machine: what may happen to a case in which state, and what follows.

Pure and synchronous.  Every function takes a `Case`, the actor and `now` (epoch milliseconds) and
returns a `Change` or raises `Refused` with the state, the person and the time standing against it.
Rights are not looked at here (`bot.domain.rights`); what counts as seen gone is decided in
`bot.domain.sighting`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.case import UNRECTIFIED, Case, Event, Outcome, State
from bot.domain.change import ALLOWED, Change, decided, refusal, require
from bot.domain.command import SYSTEM, Actor, Command, Verb
from bot.domain.error import Refused
from bot.domain.hazard import Severity
from bot.domain.response import Response

UNDO_WITHIN_MS = 10 * 60_000

_SAYS_RECTIFIED = re.compile(r"整改|弄好|搞定|\b(fixed|rectified|done|solved)\b")
_SAYS_NOT = re.compile(r"[未没不无待需别]|n['’]t\b|\b(not|never|cannot|nobody|no one|to be)\b")
_CLAUSE_ENDS = re.compile(r"[，,。.；;！!]")


def acknowledge(case: Case, actor: Actor, now: int) -> Change:
    """Someone takes the case; chain and chase stop, in escalated and work_order the state stays."""
    if case.state in UNRECTIFIED and case.acknowledged_by is not None:
        raise refusal(
            case, "refused.already_acknowledged", case.acknowledged_by, case.acknowledged_at
        )
    require(case, Event.ACKNOWLEDGED)
    changed = _taken(case, actor, now)
    return decided(case, changed, Event.ACKNOWLEDGED, actor, now)


def arrive(case: Case, actor: Actor, now: int) -> Change:
    """Someone is on the scene; counts as acknowledging."""
    require(case, Event.ARRIVED)
    if case.arrived_by == actor.id:
        raise refusal(case, "refused.already_arrived", case.arrived_by, case.arrived_at)
    taken = case if case.acknowledged_by else _taken(case, actor, now)
    changed = taken if case.arrived_by else replace(taken, arrived_by=actor.id, arrived_at=now)
    return decided(case, changed, Event.ARRIVED, actor, now)


def rectify(case: Case, actor: Actor, now: int, response: Response, reason: str = "") -> Change:
    """A person says it is put right; where nothing is left to be verified that closes the case.

    Who said so first stays on the case: a second word does not let the first one verify.
    """
    require(case, Event.RECTIFIED)
    said = _rectified_by_person(case)
    done = case if said else replace(case, rectified_by=actor.id, rectified_at=now)
    if not case.emergency and _needs_no_look(case, response):
        return _closed(case, done, actor, now, Outcome.RECTIFIED, reason, event=Event.RECTIFIED)
    changed = replace(done, state=State.RECTIFIED, state_before=case.state_before or case.state)
    return decided(case, changed, Event.RECTIFIED, actor, now, reason)


def verify(
    case: Case, actor: Actor, now: int, response: Response, passed: bool, reason: str = ""
) -> Change:
    """Someone looks whether it really is put right: closed, or back to where it was."""
    require(case, Event.VERIFIED)
    if response.verify == "second_person" and case.rectified_by == actor.id:
        raise Refused("refused.second_person", case=case.number)
    if passed:
        _require_proof(case, reason)
        return _closed(case, case, actor, now, Outcome.RECTIFIED, reason, event=Event.VERIFIED)
    return decided(
        case, _unrectified(case), Event.VERIFY_FAILED, actor, now, reason, response=response
    )


def close(case: Case, actor: Actor, now: int, reason: str = "") -> Change:
    """A person ends the case; an emergency only after an arrival and with a reason."""
    require(case, Event.CLOSED)
    _require_proof(case, reason)
    return _closed(case, case, actor, now, _outcome_of(case, reason), reason)


def false_alarm(case: Case, actor: Actor, now: int, reason: str = "") -> Change:
    """A person has looked, and there was no hazard."""
    require(case, Event.CLOSED)
    return _closed(case, case, actor, now, Outcome.FALSE_ALARM, reason)


def escalate(
    case: Case, actor: Actor, now: int, response: Response, has_party: bool, reason: str = ""
) -> Change:
    """One step up the chain; past its end a work order for the responsible party."""
    require(case, Event.ESCALATED)
    if case.level < len(response.escalate_to):
        return _escalated(case, actor, now, reason)
    if has_party and response.work_order != "never":
        return issue_work_order(case, actor, now, reason)
    raise refusal(case, "refused.top_of_chain")


def acknowledge_overdue(case: Case, now: int, system: Actor) -> Change | None:
    """Nobody took it in time: up one step."""
    if case.state is not State.OPEN:
        return None
    return _escalated(case, system, now, "overdue")


def rectify_overdue(
    case: Case, now: int, response: Response, has_party: bool, system: Actor
) -> Change | None:
    """Not put right in time: a work order; without a party, or if none is wanted, one step up."""
    if case.state not in ALLOWED[Event.WORK_ORDER]:
        return None
    if has_party and response.work_order != "never":
        return issue_work_order(case, system, now, "overdue")
    if case.state is State.ESCALATED and case.level >= len(response.escalate_to):
        return None
    return _escalated(case, system, now, "overdue")


def issue_work_order(case: Case, actor: Actor, now: int, reason: str = "") -> Change:
    """The case becomes the responsible party's work order, for them to acknowledge anew."""
    require(case, Event.WORK_ORDER)
    changed = replace(case, state=State.WORK_ORDER, acknowledged_by=None, acknowledged_at=None)
    return decided(case, changed, Event.WORK_ORDER, actor, now, reason, call=True)


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
        return _closed(case, case, system, now, Outcome.LEFT, "")
    if may_close:
        return _closed(case, case, system, now, Outcome.SELF_CLOSED, "")
    changed = replace(
        case,
        state=State.RECTIFIED,
        state_before=case.state,
        rectified_by=system.id,
        rectified_at=now,
        live_key=None,
    )
    return decided(case, changed, Event.SEEN_GONE, system, now)


def seen_again(case: Case, now: int, response: Response, system: Actor) -> Change:
    """What was said to be put right is seen again: back to where the case was."""
    require(case, Event.SEEN_AGAIN)
    changed = replace(_unrectified(case), live_key=case.live_key or case.place_key)
    return decided(case, changed, Event.SEEN_AGAIN, system, now, response=response, ring=True)


def reopen(case: Case, actor: Actor, now: int, response: Response, reason: str = "") -> Change:
    """Closed or rectified was wrong: open again, with fresh clocks and nobody's name on it."""
    require(case, Event.REOPENED)
    return _opened_anew(case, actor, now, response, Event.REOPENED, reason)


def undo(case: Case, actor: Actor, now: int, response: Response) -> Change:
    """One's own last change is taken back, within ten minutes: what it wrote over stands again.

    Where it ended the case, or said it was rectified, the clocks start anew.
    """
    last = case.last
    if last is None or not last.before:
        raise Refused("refused.nothing_to_undo")
    if last.actor != actor.id:
        raise refusal(case, "refused.undo_other")
    if now - last.at > UNDO_WITHIN_MS:
        raise refusal(case, "refused.undo_late")
    ended = last.event in _ENDS and "state" in last.before
    return _put_back(case, last.before, actor, now, response, anew=ended)


def assign(case: Case, actor: Actor, now: int, member: str) -> Change:
    """The case is given to a member to see to."""
    require(case, Event.ASSIGNED)
    if not member:
        raise Refused("refused.assign_whom", case=case.number)
    changed = replace(case, assigned_to=member)
    return decided(case, changed, Event.ASSIGNED, actor, now, data={"to": member}, call=True)


def dispute(case: Case, actor: Actor, now: int, reason: str) -> Change:
    """Someone does not agree; the words are kept, the state stays."""
    if not reason.strip():
        raise Refused("refused.dispute_reason", case=case.number)
    return decided(case, case, Event.DISPUTED, actor, now, reason, keep_last=True)


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
            return assign(case, actor, now, str(command.args.get("member") or ""))
        case Verb.DISPUTE:
            return dispute(case, actor, now, reason)
        case _:
            raise ValueError(f"{command.verb} does not change a case")


_ENDS = frozenset({Event.RECTIFIED, Event.VERIFIED, Event.CLOSED})


def _put_back(
    case: Case,
    before: Mapping[str, Any],
    actor: Actor,
    now: int,
    response: Response,
    *,
    anew: bool,
) -> Change:
    words = {"state": State, "state_before": State, "outcome": Outcome}
    values = {
        name: words[name](value) if name in words and value is not None else value
        for name, value in before.items()
    }
    back = replace(case, **values, gone_at=None if anew else case.gone_at)
    if back.live:
        return decided(case, back, Event.UNDONE, actor, now, response=response, stop_all=anew)
    back = replace(back, live_key=None)
    return decided(case, back, Event.UNDONE, actor, now, stop_all=True)


def _taken(case: Case, actor: Actor, now: int) -> Case:
    """The case in somebody's hands, also for when it comes back from being rectified."""
    waits = case.state_before is State.OPEN
    return replace(
        case,
        state=State.ACKNOWLEDGED if case.state is State.OPEN else case.state,
        state_before=State.ACKNOWLEDGED if waits else case.state_before,
        acknowledged_by=actor.id,
        acknowledged_at=now,
    )


def _require_proof(case: Case, reason: str) -> None:
    """An emergency ends only after somebody was there, and says why."""
    if case.emergency and case.arrived_by is None:
        raise Refused("refused.emergency_arrive_first", case=case.number)
    if case.emergency and not reason.strip():
        raise Refused("refused.emergency_reason", case=case.number)


def _closed(
    before: Case,
    case: Case,
    actor: Actor,
    now: int,
    outcome: Outcome,
    reason: str,
    event: Event = Event.CLOSED,
) -> Change:
    changed = replace(
        case, state=State.CLOSED, outcome=outcome, closed_at=now, live_key=None, state_before=None
    )
    data = {"outcome": outcome.value}
    return decided(before, changed, event, actor, now, reason, data=data, stop_all=True)


def _escalated(case: Case, actor: Actor, now: int, reason: str) -> Change:
    """One step up, to people who have yet to acknowledge it."""
    changed = replace(
        case,
        state=State.ESCALATED,
        level=case.level + 1,
        acknowledged_by=None,
        acknowledged_at=None,
    )
    data = {"level": changed.level}
    return decided(case, changed, Event.ESCALATED, actor, now, reason, data=data, call=True)


def _unrectified(case: Case) -> Case:
    return replace(
        case,
        state=case.state_before or State.OPEN,
        state_before=None,
        rectified_by=None,
        rectified_at=None,
        gone_at=None,
    )


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
        confirmed_by=case.reported_by,
    )
    return decided(case, changed, event, actor, now, reason, response=response, stop_all=True)


def _camera_confirms(case: Case, now: int, response: Response, system: Actor) -> Change | None:
    """A person said it is put right, and now the camera sees it too."""
    if not _rectified_by_person(case) or case.live_key is None:
        return None
    if response.verify == "camera" and not case.emergency:
        return _closed(case, case, system, now, Outcome.RECTIFIED, "", event=Event.VERIFIED)
    changed = replace(case, live_key=None)
    return decided(case, changed, Event.SEEN_GONE, system, now, keep_last=True)


def _rectified_by_person(case: Case) -> bool:
    """Whether the word that it is put right is a person's: a camera cannot confirm itself."""
    return case.rectified_by not in (None, SYSTEM.id)


def _needs_no_look(case: Case, response: Response) -> bool:
    """Whether a person's word is enough: nobody need look, or the camera has looked already."""
    camera_saw = case.state is State.RECTIFIED and not _rectified_by_person(case)
    return response.verify == "none" or (response.verify == "camera" and camera_saw)


def _outcome_of(case: Case, reason: str) -> Outcome:
    """Rectified only if somebody said so: by state, or in plain words of the reason."""
    clauses = _CLAUSE_ENDS.split(reason.lower())
    said = [clause for clause in clauses if _SAYS_RECTIFIED.search(clause)]
    if any(_SAYS_NOT.search(clause) for clause in said):
        return Outcome.OTHER
    return Outcome.RECTIFIED if said or case.state is State.RECTIFIED else Outcome.OTHER
