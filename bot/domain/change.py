"""A change of a case: what a decision makes of it, and what must follow.

Every change is counted, signed and timed here; `bot.domain.machine` says which ones there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.case import LIVE, UNRECTIFIED, Case, Event, LastChange, State, TimerKind
from bot.domain.clocks import changed_timers, fresh_timers, with_deadlines
from bot.domain.command import Actor
from bot.domain.error import Refused
from bot.domain.response import Response

ALLOWED: Mapping[Event, frozenset[State]] = {
    Event.ACKNOWLEDGED: frozenset({State.OPEN, State.ESCALATED, State.WORK_ORDER}),
    Event.ARRIVED: LIVE,
    Event.RECTIFIED: LIVE,
    Event.VERIFIED: frozenset({State.RECTIFIED}),
    Event.VERIFY_FAILED: frozenset({State.RECTIFIED}),
    Event.CLOSED: LIVE,
    Event.ESCALATED: frozenset({State.OPEN, State.ACKNOWLEDGED, State.ESCALATED}),
    Event.WORK_ORDER: frozenset({State.OPEN, State.ACKNOWLEDGED, State.ESCALATED}),
    Event.REOPENED: frozenset({State.CLOSED, State.RECTIFIED}),
    Event.SEEN_AGAIN: frozenset({State.RECTIFIED}),
    Event.SEEN_GONE: UNRECTIFIED,
    Event.UNDONE: frozenset(State),
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


CONFIRMING = frozenset({Event.ARRIVED, Event.ESCALATED})
"""By these a person says that it is so: they are there, or call for more help."""

PUT_BACK = (
    "state",
    "outcome",
    "state_before",
    "level",
    "acknowledged_by",
    "acknowledged_at",
    "arrived_by",
    "arrived_at",
    "rectified_by",
    "rectified_at",
    "closed_at",
    "assigned_to",
    "work_order",
    "confirmed_by",
)
"""What a decision writes and undo puts back; what cameras saw meanwhile stays."""


def require(case: Case, event: Event) -> None:
    if case.state not in ALLOWED[event]:
        raise refusal(case, "refused.state")


def refusal(case: Case, key: str, who: str | None = None, at: int | None = None) -> Refused:
    """A refusal that names the state, the person and the time standing against the wish."""
    last = case.last
    return Refused(
        key,
        case=case.number,
        state=case.state,
        outcome=case.outcome,
        who=who or (last.actor if last else None),
        event=last.event if last else Event.OPENED,
        at=at or (last.at if last else case.opened_at),
    )


def decided(
    before: Case,
    after: Case,
    event: Event,
    actor: Actor,
    now: int,
    reason: str = "",
    *,
    response: Response | None = None,
    stop_all: bool = False,
    keep_last: bool = False,
    **follow: Any,
) -> Change:
    """Counts, signs and times a decision; `response` is needed where clocks may start again."""
    if event in CONFIRMING and after.confirmed_by is None:
        after = replace(after, confirmed_by=actor.member)
    old = {name: getattr(before, name) for name in PUT_BACK}
    wrote = {name: value for name, value in old.items() if getattr(after, name) != value}
    undoable = wrote if event is not Event.UNDONE else {}
    last = LastChange(event, actor.id, actor.name, now, before.state, undoable)
    changed = replace(
        after,
        seq=before.seq + 1,
        version=before.version + 1,
        reviewed_by=after.reviewed_by or actor.member,
        last=before.last if keep_last else last,
    )
    if stop_all:
        timers = fresh_timers(changed, response, now) if response else {}
    else:
        timers = changed_timers(before, changed, response, now)
    changed = with_deadlines(changed, timers, stop_all)
    return Change(changed, event, reason, timers=timers, stop_all=stop_all, **follow)
