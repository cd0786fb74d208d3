"""Which clocks run on a case: said once, by where it stands, so that no decision forgets one.

Every decision starts the clocks that its new state needs and stops those that it no longer does.
How often the horn repeats itself, and when a closed case's cooldown ends, is set where it happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.case import UNRECTIFIED, Case, State, TimerKind
from bot.domain.response import Response

_WAITS_FOR_REPAIR = frozenset({State.OPEN, State.ACKNOWLEDGED, State.ESCALATED})


def ms(duration: timedelta) -> int:
    """A duration in whole milliseconds."""
    return round(duration.total_seconds() * 1000)


def running(case: Case) -> frozenset[TimerKind]:
    """The deadlines that run on a case as it stands."""
    holds = {
        TimerKind.ACKNOWLEDGE_BY: case.state is State.OPEN,
        TimerKind.RECTIFY_BY: case.state in _WAITS_FOR_REPAIR,
        TimerKind.ARRIVE_BY: case.live and case.emergency and case.arrived_by is None,
    }
    return frozenset(kind for kind, runs in holds.items() if runs)


def fresh_timers(case: Case, response: Response, now: int) -> dict[TimerKind, int | None]:
    """The clocks of a case that opens, or opens anew, at `now`."""
    return _started(running(case), response, now)


def changed_timers(
    before: Case, after: Case, response: Response | None, now: int
) -> dict[TimerKind, int | None]:
    """What a decision starts and stops; without a `response` it can only stop."""
    stopped = running(before) - running(after)
    timers: dict[TimerKind, int | None] = dict.fromkeys(stopped)
    if before.state in UNRECTIFIED and after.state not in UNRECTIFIED:
        timers[TimerKind.SPEAK_AGAIN] = None
    if before.gone_at is not None and after.gone_at is None:
        timers[TimerKind.SELF_CLOSE] = None
    if response is not None:
        timers |= _started(running(after) - running(before), response, now)
    return timers


def with_deadlines(
    case: Case, timers: Mapping[TimerKind, int | None], stop_all: bool = False
) -> Case:
    """The case with the deadlines that its card tells, kept in step with its clocks."""
    if stop_all:
        case = replace(case, acknowledge_due=None, rectify_due=None)
    return replace(
        case,
        acknowledge_due=timers.get(TimerKind.ACKNOWLEDGE_BY, case.acknowledge_due),
        rectify_due=timers.get(TimerKind.RECTIFY_BY, case.rectify_due),
    )


def _started(
    kinds: frozenset[TimerKind], response: Response, now: int
) -> dict[TimerKind, int | None]:
    within = {
        TimerKind.ACKNOWLEDGE_BY: response.acknowledge_within,
        TimerKind.RECTIFY_BY: response.rectify_within,
        TimerKind.ARRIVE_BY: response.arrive_within,
    }
    return {kind: now + ms(within[kind]) for kind in within if kind in kinds and within[kind]}
