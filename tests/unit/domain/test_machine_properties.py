"""Every event in every state, against the manual's table written down a second time.

The table here is read off the manual, not off the code: from each state, where each event leads.
`None` is refused; a set lists what may come of it, depending on response, severity and history.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain import machine
from bot.domain.case import Case, LastChange, Outcome, State, TimerKind
from bot.domain.change import ALLOWED, Change
from bot.domain.clocks import fresh_timers
from bot.domain.command import SYSTEM, Actor
from bot.domain.error import Refused
from bot.domain.hazard import Severity
from bot.domain.response import Response, Verify, WorkOrder
from bot.domain.role import Role
from tests.support.cases import LI, MINUTE, T0, WANG, opened, response

OPEN, ACK, RECT = "open", "acknowledged", "rectified"
ESC, ORDER, CLOSED = "escalated", "work_order", "closed"

TABLE: dict[str, dict[str, set[str]]] = {
    "acknowledge": {OPEN: {ACK}, ESC: {ESC}, ORDER: {ORDER}},
    "arrive": {OPEN: {ACK}, ACK: {ACK}, RECT: {RECT}, ESC: {ESC}, ORDER: {ORDER}},
    "rectified": {live: {RECT, CLOSED} for live in (OPEN, ACK, RECT, ESC, ORDER)},
    "verify": {RECT: {CLOSED}},
    "verify_failed": {RECT: {OPEN, ACK, ESC, ORDER}},
    "close": {live: {CLOSED} for live in (OPEN, ACK, RECT, ESC, ORDER)},
    "false_alarm": {live: {CLOSED} for live in (OPEN, ACK, RECT, ESC, ORDER)},
    "escalate": {OPEN: {ESC, ORDER}, ACK: {ESC, ORDER}, ESC: {ESC, ORDER}},
    "acknowledge_by": {OPEN: {ESC}},
    "rectify_by": {OPEN: {ORDER, ESC}, ACK: {ORDER, ESC}, ESC: {ORDER, ESC}},
    "seen_rectified": {
        OPEN: {CLOSED, RECT},
        ACK: {CLOSED, RECT},
        ESC: {RECT},
        ORDER: {RECT},
        RECT: {RECT, CLOSED},
    },
    "left": {OPEN: {CLOSED}, ACK: {CLOSED}},
    "seen_again": {RECT: {OPEN, ACK, ESC, ORDER}},
    "reopen": {CLOSED: {OPEN}, RECT: {OPEN}},
    "assign": {live: {live} for live in (OPEN, ACK, RECT, ESC, ORDER)},
    "dispute": {state: {state} for state in (OPEN, ACK, RECT, ESC, ORDER, CLOSED)},
}

PEOPLE = st.sampled_from([LI, WANG, Actor("zhao", "赵工", "console")])
REASONS = st.sampled_from(["", "  ", "已整改", "没弄好", "送医院了"])
RESPONSES = st.builds(
    lambda severity, **keys: response(severity=severity, **keys),
    severity=st.sampled_from(Severity),
    verify=st.sampled_from(Verify),
    may_self_close=st.booleans(),
    work_order=st.sampled_from(WorkOrder),
    escalate_to=st.sampled_from([(), (Role.SITE_LEAD,), (Role.SITE_LEAD, Role.SUPERVISOR)]),
    acknowledge_within=st.sampled_from([timedelta(0), timedelta(minutes=10)]),
    rectify_within=st.sampled_from([timedelta(0), timedelta(minutes=30)]),
)
CLOSES_EMERGENCY = {"close", "verify"}
PUT_BACK = ("state", "outcome", "level", "acknowledged_by", "arrived_by", "rectified_by")


class CaseWalk(RuleBasedStateMachine):
    """One case, everything that can happen to it, in any order."""

    @initialize(answer=RESPONSES, party=st.booleans())
    def open(self, answer: Response, party: bool) -> None:
        """A case opens, and its clocks start."""
        self.answer, self.party, self.now = answer, party, T0
        self.case: Case = opened(answer=answer)
        self.before: Case | None = None
        self.people: set[str] = set()
        self.timers: dict[TimerKind, int] = {}
        fresh = fresh_timers(self.case, answer, T0)
        self.timers.update({kind: due for kind, due in fresh.items() if due is not None})

    # --- what happens ----------------------------------------------------------------------------

    @rule(minutes=st.integers(0, 6))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(who=PEOPLE)
    def acknowledge(self, who: Actor) -> None:
        taken = self.case.state is not State.RECTIFIED and self.case.acknowledged_by
        self.person("acknowledge", who, bool(taken), lambda: machine.acknowledge(*self.by(who)))

    @rule(who=PEOPLE)
    def arrive(self, who: Actor) -> None:
        there = self.case.arrived_by == who.id
        self.person("arrive", who, there, lambda: machine.arrive(*self.by(who)))

    @rule(who=PEOPLE, reason=REASONS)
    def rectified(self, who: Actor, reason: str) -> None:
        act = lambda: machine.rectify(*self.by(who), self.answer, reason)  # noqa: E731
        change = self.person("rectified", who, False, act)
        if change is not None and self.answer.verify is Verify.NONE and not self.case.emergency:
            assert change.case.state is State.CLOSED

    @rule(who=PEOPLE, passed=st.booleans(), reason=REASONS)
    def verify(self, who: Actor, passed: bool, reason: str) -> None:
        own = self.answer.verify is Verify.SECOND_PERSON and self.case.rectified_by == who.id
        event = "verify" if passed else "verify_failed"
        stands = own or self.unproven(event, reason)
        act = lambda: machine.verify(*self.by(who), self.answer, passed, reason)  # noqa: E731
        self.person(event, who, stands, act)

    @rule(who=PEOPLE, reason=REASONS)
    def close(self, who: Actor, reason: str) -> None:
        stands = self.unproven("close", reason)
        self.person("close", who, stands, lambda: machine.close(*self.by(who), reason))

    @rule(who=PEOPLE)
    def false_alarm(self, who: Actor) -> None:
        self.person("false_alarm", who, False, lambda: machine.false_alarm(*self.by(who)))

    @rule(who=PEOPLE)
    def escalate(self, who: Actor) -> None:
        top = self.case.level >= len(self.answer.escalate_to)
        stands = top and (not self.party or self.answer.work_order is WorkOrder.NEVER)
        act = lambda: machine.escalate(*self.by(who), self.answer, self.party)  # noqa: E731
        change = self.person("escalate", who, stands, act)
        if change is not None:
            assert change.case.state is (State.WORK_ORDER if top else State.ESCALATED)

    @rule(who=PEOPLE)
    def reopen(self, who: Actor) -> None:
        change = self.person(
            "reopen", who, False, lambda: machine.reopen(*self.by(who), self.answer)
        )
        if change is not None:
            assert change.case.acknowledged_by is None
            assert change.case.level == 0

    @rule(who=PEOPLE)
    def assign(self, who: Actor) -> None:
        self.person("assign", who, False, lambda: machine.assign(*self.by(who), "li"))

    @rule(who=PEOPLE, reason=REASONS)
    def dispute(self, who: Actor, reason: str) -> None:
        stands = not reason.strip()
        self.person("dispute", who, stands, lambda: machine.dispute(*self.by(who), reason))

    @rule(who=PEOPLE)
    def undo(self, who: Actor) -> None:
        """One's own last change, within ten minutes: what was there before is there again."""
        before, last = self.before, self.case.last
        try:
            change = machine.undo(*self.by(who), self.answer)
        except Refused:
            late = last is not None and self.now - last.at > 10 * MINUTE
            mine = last is not None and last.actor == who.id
            assert late or not mine or self.nothing_to_undo(last)
            return
        assert last is not None
        assert last.actor == who.id
        assert self.now - last.at <= 10 * MINUTE
        assert before is not None
        assert self.shown(change.case) == self.shown(before)
        if last.event in ("rectified", "verified", "closed") and before.state != self.case.state:
            fresh = fresh_timers(change.case, self.answer, self.now)
            assert change.stop_all
            assert change.timers == fresh
        self.people.add(who.id)
        self.apply(change)

    @rule()
    def acknowledge_by(self) -> None:
        """The clock runs out; a straggling one does nothing."""
        self.clock("acknowledge_by", machine.acknowledge_overdue(self.case, self.now, SYSTEM))

    @rule()
    def rectify_by(self) -> None:
        args = (self.case, self.now, self.answer, self.party, SYSTEM)
        change = machine.rectify_overdue(*args)
        self.clock("rectify_by", change)
        if change is not None:
            ordered = self.party and self.answer.work_order is not WorkOrder.NEVER
            assert change.case.state is (State.WORK_ORDER if ordered else State.ESCALATED)

    @rule(left=st.booleans())
    def seen_gone(self, left: bool) -> None:
        seen = self.case if left else replace(self.case, gone_at=self.now)
        change = machine.seen_gone(seen, self.now, self.answer, SYSTEM, left)
        was = self.case
        self.clock("left" if left else "seen_rectified", change)
        if change is None or change.case.live:
            return
        assert not change.case.emergency
        if was.state is State.RECTIFIED:
            assert was.rectified_by in {"li", "wang", "zhao"}
        else:
            assert self.answer.may_self_close
            assert change.case.outcome is (Outcome.LEFT if left else Outcome.SELF_CLOSED)

    @precondition(lambda self: self.case.state is State.RECTIFIED)
    @rule()
    def seen_again(self) -> None:
        back = self.case.state_before
        change = machine.seen_again(self.case, self.now, self.answer, SYSTEM)
        assert change.case.state is back
        self.clock("seen_again", change)

    # --- how it is judged ------------------------------------------------------------------------

    def by(self, who: Actor) -> tuple[Case, Actor, int]:
        return self.case, who, self.now

    def unproven(self, event: str, reason: str) -> bool:
        """An emergency is ended by a person only after an arrival and with a reason."""
        lacks = self.case.arrived_by is None or not reason.strip()
        return event in CLOSES_EMERGENCY and self.case.emergency and lacks

    def person(self, event: str, who: Actor, stands: bool, act: Any) -> Change | None:
        """A person's act: refused where the table has no line, or where a rule stands against."""
        leads = TABLE[event].get(self.case.state.value)
        kept = self.case
        try:
            change = act()
        except Refused:
            assert stands or leads is None, f"{event} refused in {self.case.state}"
            assert self.case == kept
            return None
        assert leads is not None, f"{event} in {self.case.state}"
        assert not stands
        assert change.case.state.value in leads
        self.people.add(who.id)
        self.apply(change)
        return change

    def clock(self, event: str, change: Change | None) -> None:
        """What no person did: nothing where the table has no line, and nobody's eyes."""
        if change is None:
            return
        leads = TABLE[event].get(self.case.state.value)
        assert leads is not None, f"{event} in {self.case.state}"
        assert change.case.state.value in leads
        assert change.case.reviewed_by == self.case.reviewed_by
        self.apply(change)

    def apply(self, change: Change) -> None:
        assert change.case.seq == self.case.seq + 1
        assert change.case.version == self.case.version + 1
        assert change.case.number == self.case.number
        if change.stop_all:
            self.timers.clear()
        for kind, due in change.timers.items():
            self.timers.pop(kind, None)
            if due is not None:
                assert due >= self.now
                self.timers[kind] = due
        if change.case.last != self.case.last:
            self.before = self.case
        self.case = change.case

    def nothing_to_undo(self, last: LastChange | None) -> bool:
        return last is None or last.event == "undone" or not last.before

    @staticmethod
    def shown(case: Case) -> list[object]:
        return [getattr(case, name) for name in PUT_BACK]

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def closed_is_closed(self) -> None:
        """An outcome and a time exactly when closed, and then no key and no clock."""
        closed = self.case.state is State.CLOSED
        assert closed == (self.case.outcome is not None) == (self.case.closed_at is not None)
        if closed:
            assert self.case.live_key is None
            assert not self.timers

    @invariant()
    def clocks_follow_the_state(self) -> None:
        """Deadlines run where somebody is waited for, and the card tells the same."""
        case, answer = self.case, self.answer
        waits = case.state in (State.OPEN, State.ACKNOWLEDGED, State.ESCALATED)
        assert (TimerKind.ACKNOWLEDGE_BY in self.timers) == (
            case.state is State.OPEN and bool(answer.acknowledge_within)
        )
        assert (TimerKind.RECTIFY_BY in self.timers) == (waits and bool(answer.rectify_within))
        assert (TimerKind.ARRIVE_BY in self.timers) == (
            case.emergency and case.live and case.arrived_by is None
        )
        assert case.acknowledge_due == self.timers.get(TimerKind.ACKNOWLEDGE_BY)
        assert case.rectify_due == self.timers.get(TimerKind.RECTIFY_BY)

    @invariant()
    def an_open_case_is_nobodys(self) -> None:
        """Nobody's name stands on what still calls for somebody."""
        if self.case.state is State.OPEN:
            assert self.case.acknowledged_by is None
        if self.case.state is State.ACKNOWLEDGED:
            assert self.case.acknowledged_by is not None

    @invariant()
    def rectified_knows_where_it_was(self) -> None:
        """And by whose word it is."""
        rectified = self.case.state is State.RECTIFIED
        assert rectified == (self.case.state_before is not None)
        assert self.case.state_before is not State.RECTIFIED
        assert not rectified or self.case.rectified_by is not None

    @invariant()
    def only_people_have_looked(self) -> None:
        """疑似 until one of them acts."""
        assert (self.case.reviewed_by is None) == (not self.people)
        assert self.case.reviewed_by is None or self.case.reviewed_by in self.people

    @invariant()
    def an_emergency_is_ended_by_people(self) -> None:
        """Seen and reasoned, or judged a false alarm; never left or closed by itself."""
        if self.case.emergency and not self.case.live:
            if self.case.outcome is not Outcome.FALSE_ALARM:
                assert self.case.arrived_by is not None
            assert self.case.outcome not in (Outcome.SELF_CLOSED, Outcome.LEFT)


CaseWalk.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCaseWalk = CaseWalk.TestCase


def test_the_codes_table_is_the_manuals() -> None:
    """The published table of allowed states and the one above name the same states."""
    names = {
        "acknowledge": "acknowledged",
        "arrive": "arrived",
        "rectified": "rectified",
        "verify": "verified",
        "verify_failed": "verify_failed",
        "close": "closed",
        "escalate": "escalated",
        "rectify_by": "work_order",
        "seen_again": "seen_again",
        "reopen": "reopened",
        "assign": "assigned",
        "dispute": "disputed",
    }
    allowed = {event.value: {state.value for state in at} for event, at in ALLOWED.items()}
    for event, name in names.items():
        assert set(TABLE[event]) == allowed[name], event
