"""What may happen to a case, one rule at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.domain import machine
from bot.domain.case import LIVE, Case, Event, Outcome, State, TimerKind
from bot.domain.change import Change
from bot.domain.command import CASE_VERBS, SYSTEM, Command, Verb
from bot.domain.error import Refused
from bot.domain.response import Verify
from tests.support.cases import LI, MINUTE, T0, WANG, opened, response

R = response()
NOW = T0 + MINUTE
ACK, RECTIFY, ARRIVE = TimerKind.ACKNOWLEDGE_BY, TimerKind.RECTIFY_BY, TimerKind.ARRIVE_BY


def key_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.key


def acknowledged(hazard: str = "no_helmet") -> Case:
    return machine.acknowledge(opened(hazard), LI, NOW).case


def rectified(hazard: str = "climbing") -> Case:
    return machine.rectify(opened(hazard), LI, NOW, response(hazard)).case


# --- acknowledge, arrive -------------------------------------------------------------------------


def test_acknowledging_takes_the_case_and_stops_its_clock() -> None:
    """Open becomes acknowledged; the time to put it right goes on."""
    change = machine.acknowledge(opened(), LI, NOW)
    case = change.case
    assert (case.state, case.acknowledged_by, case.acknowledged_at) == (
        State.ACKNOWLEDGED,
        "li",
        NOW,
    )
    assert change.timers == {ACK: None}
    assert case.acknowledge_due is None
    assert case.rectify_due == T0 + 30 * MINUTE
    assert case.reviewed_by == "li"
    assert not case.suspected


def test_the_second_to_acknowledge_hears_who_was_first() -> None:
    """Even where somebody else did something in between."""
    case = machine.assign(acknowledged(), WANG, NOW + 5, "zhao").case
    with pytest.raises(Refused) as refused:
        machine.acknowledge(case, WANG, NOW + 9)
    assert refused.value.key == "refused.already_acknowledged"
    assert refused.value.params["who"] == "li"
    assert refused.value.params["at"] == NOW
    assert refused.value.params["state"] is State.ACKNOWLEDGED


def test_an_escalated_case_stays_escalated_when_acknowledged() -> None:
    """The state tells how far it went; the name tells that somebody has it."""
    change = machine.escalate(acknowledged(), LI, NOW, R, has_party=True)
    case = machine.acknowledge(change.case, WANG, NOW).case
    assert (case.state, case.acknowledged_by) == (State.ESCALATED, "wang")


def test_a_work_order_is_acknowledged_anew_by_the_party() -> None:
    """Who had it before it was overdue has not taken the order."""
    order = machine.rectify_overdue(acknowledged(), NOW, R, True, SYSTEM)
    assert order is not None
    assert order.case.state is State.WORK_ORDER
    case = machine.acknowledge(order.case, WANG, NOW).case
    assert (case.state, case.acknowledged_by) == (State.WORK_ORDER, "wang")


def test_arriving_counts_as_acknowledging() -> None:
    """One press is enough for who is there already."""
    change = machine.arrive(opened("fall"), LI, NOW)
    case = change.case
    assert (case.state, case.acknowledged_by, case.arrived_by) == (State.ACKNOWLEDGED, "li", "li")
    assert change.timers == {ACK: None, ARRIVE: None}


def test_arriving_does_not_take_the_case_from_who_has_it() -> None:
    """The first name stays."""
    case = machine.arrive(acknowledged("fall"), WANG, NOW + 1).case
    assert (case.acknowledged_by, case.arrived_by) == ("li", "wang")


def test_acknowledging_an_emergency_leaves_the_wait_for_an_arrival() -> None:
    """It only stops the ringing."""
    assert machine.acknowledge(opened("fall"), LI, NOW).timers == {ACK: None}


def test_an_arrival_at_a_rectified_case_is_kept_when_the_hazard_is_seen_again() -> None:
    """It must not fall back to open under the name of somebody who has it."""
    case = machine.arrive(rectified(), WANG, NOW).case
    again = machine.seen_again(case, NOW, response("climbing"), SYSTEM)
    assert (again.case.state, again.case.acknowledged_by) == (State.ACKNOWLEDGED, "wang")
    assert ACK not in again.timers


# --- rectified, verify ---------------------------------------------------------------------------


def test_rectified_closes_where_nobody_need_look() -> None:
    """`verify = "none"`: a person's word ends a general case."""
    change = machine.rectify(opened(), LI, NOW, R, "戴好了")
    case = change.case
    assert (case.state, case.outcome, case.rectified_by) == (
        State.CLOSED,
        Outcome.RECTIFIED,
        "li",
    )
    assert change.event is Event.RECTIFIED
    assert change.stop_all
    assert case.live_key is None


@pytest.mark.parametrize("verify", [Verify.CAMERA, Verify.SECOND_PERSON])
def test_rectified_waits_to_be_verified(verify: Verify) -> None:
    """The deadlines stop, the horn too; the live key is held, the hazard has not been seen gone."""
    case = opened()
    change = machine.rectify(case, LI, NOW, response(verify=verify))
    assert change.case.state is State.RECTIFIED
    assert change.case.live_key == case.live_key
    assert change.timers == {ACK: None, RECTIFY: None, TimerKind.SPEAK_AGAIN: None}
    assert (change.case.acknowledge_due, change.case.rectify_due) == (None, None)


def test_an_emergency_is_never_closed_by_the_word_rectified() -> None:
    """Not even where a site file says that nobody need look."""
    change = machine.rectify(opened("fall"), LI, NOW, response("fall", verify=Verify.NONE))
    assert change.case.state is State.RECTIFIED
    assert ARRIVE not in change.timers


def test_a_persons_word_completes_what_the_camera_saw() -> None:
    """Both have spoken: with `verify = "camera"` that is the end, in either order."""
    answer = response("climbing", verify=Verify.CAMERA)
    seen = machine.seen_gone(opened("climbing"), NOW, answer, SYSTEM, left=False)
    assert seen is not None
    assert seen.case.state is State.RECTIFIED
    assert machine.rectify(seen.case, LI, NOW, answer).case.state is State.CLOSED
    said = machine.rectify(opened("climbing"), LI, NOW, answer).case
    confirmed = machine.seen_gone(said, NOW, answer, SYSTEM, left=False)
    assert confirmed is not None
    assert (confirmed.event, confirmed.case.outcome) == (Event.VERIFIED, Outcome.RECTIFIED)


def test_a_camera_does_not_confirm_itself() -> None:
    """Seen gone twice is still only a machine's word where a case may not close itself."""
    answer = response("climbing", verify=Verify.CAMERA)
    seen = machine.seen_gone(opened("climbing"), NOW, answer, SYSTEM, left=False)
    assert seen is not None
    held = replace(seen.case, live_key=seen.case.place_key)
    assert machine.seen_gone(held, NOW, answer, SYSTEM, left=False) is None


def test_who_said_it_first_may_not_verify_after_a_second_word() -> None:
    """Another person's 已整改 does not turn the first one into a second person."""
    answer = response("fatigue")
    case = machine.rectify(rectified("fatigue"), WANG, NOW, answer).case
    assert case.rectified_by == "li"
    assert key_of(lambda: machine.verify(case, LI, NOW, answer, True)) == "refused.second_person"


def test_a_second_word_does_not_forget_where_it_was() -> None:
    """Another 已整改, and the case still goes back to its work order."""
    order = machine.issue_work_order(opened("fatigue"), WANG, NOW).case
    once = machine.rectify(order, LI, NOW, response("fatigue")).case
    twice = machine.rectify(once, WANG, NOW, response("fatigue")).case
    assert twice.state_before is State.WORK_ORDER


def test_verifying_ends_it_as_rectified() -> None:
    """复查通过."""
    change = machine.verify(rectified(), WANG, NOW, response("climbing"), passed=True)
    assert (change.event, change.case.outcome) == (Event.VERIFIED, Outcome.RECTIFIED)
    assert change.stop_all


def test_a_failed_verification_goes_back_with_its_clocks() -> None:
    """Back to open, nobody has it: both deadlines run again, a self-close window does not."""
    case = replace(rectified(), gone_at=NOW)
    change = machine.verify(case, WANG, NOW, response("climbing"), False, "还在上面")
    assert (change.event, change.reason) == (Event.VERIFY_FAILED, "还在上面")
    assert change.case.state is State.OPEN
    assert change.case.rectified_by is None
    assert change.timers == {
        ACK: NOW + 5 * MINUTE,
        RECTIFY: NOW + 20 * MINUTE,
        TimerKind.SELF_CLOSE: None,
    }
    assert change.case.rectify_due == NOW + 20 * MINUTE


def test_a_work_order_that_fails_goes_back_without_a_deadline_of_ours() -> None:
    """It is the party's already; nothing is left to become overdue."""
    order = machine.issue_work_order(opened("climbing"), WANG, NOW).case
    case = machine.rectify(order, LI, NOW, response("climbing")).case
    change = machine.verify(case, WANG, NOW, response("climbing"), passed=False)
    assert change.case.state is State.WORK_ORDER
    assert change.timers == {}


# --- closing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(LIVE))
def test_any_live_case_can_be_closed(state: State) -> None:
    """By a person, with or without a reason."""
    change = machine.close(opened(state=state), LI, NOW)
    assert change.case.state is State.CLOSED
    assert change.case.closed_at == NOW
    assert change.case.live_key is None
    assert change.stop_all
    assert change.data == {"outcome": change.case.outcome}


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("已整改", Outcome.RECTIFIED),
        ("fixed", Outcome.RECTIFIED),
        ("All Done.", Outcome.RECTIFIED),
        ("没问题了，已整改", Outcome.RECTIFIED),
        ("已整改，无隐患", Outcome.RECTIFIED),
        ("", Outcome.OTHER),
        ("重复", Outcome.OTHER),
        ("未整改", Outcome.OTHER),
        ("还没有整改", Outcome.OTHER),
        ("人走了，尚未整改", Outcome.OTHER),
        ("无法整改", Outcome.OTHER),
        ("整改不了", Outcome.OTHER),
        ("限期整改未完成", Outcome.OTHER),
        ("not fixed", Outcome.OTHER),
        ("it is still not done", Outcome.OTHER),
        ("wasn't fixed", Outcome.OTHER),
        ("unsolved", Outcome.OTHER),
        ("abandoned", Outcome.OTHER),
    ],
)
def test_the_outcome_is_rectified_only_if_somebody_said_so(reason: str, outcome: Outcome) -> None:
    """A doubtful word counts as nothing: statistics must not flatter."""
    assert machine.close(opened(), LI, NOW, reason).case.outcome is outcome


def test_closing_what_is_said_to_be_rectified() -> None:
    """The state has said it, unless the reason takes it back."""
    assert machine.close(rectified(), WANG, NOW).case.outcome is Outcome.RECTIFIED
    assert machine.close(rectified(), WANG, NOW, "没弄好").case.outcome is Outcome.OTHER


@pytest.mark.parametrize("reason", ["", " ", "已送医"])
def test_an_emergency_is_not_closed_before_somebody_was_there(reason: str) -> None:
    """Whatever the reason."""
    case = acknowledged("fall")
    assert (
        key_of(lambda: machine.close(case, WANG, NOW, reason)) == "refused.emergency_arrive_first"
    )


def test_an_emergency_is_closed_with_a_reason() -> None:
    """After an arrival, and not with blanks."""
    case = machine.arrive(opened("fall"), LI, NOW).case
    assert key_of(lambda: machine.close(case, WANG, NOW, " ")) == "refused.emergency_reason"
    assert machine.close(case, WANG, NOW, "已送医").case.state is State.CLOSED


def test_verifying_is_no_way_round_that() -> None:
    """整改 and 复查 by two people in the office do not end an emergency either."""
    answer = response("fall")
    case = machine.rectify(opened("fall"), LI, NOW, answer).case
    verify = lambda case, reason: machine.verify(case, WANG, NOW, answer, True, reason)  # noqa: E731
    assert key_of(lambda: verify(case, "好")) == "refused.emergency_arrive_first"
    there = machine.arrive(case, LI, NOW).case
    assert key_of(lambda: verify(there, "")) == "refused.emergency_reason"
    assert verify(there, "人没事").case.state is State.CLOSED


def test_a_false_alarm_is_a_persons_look() -> None:
    """For an emergency the right to say so is what protects it."""
    change = machine.false_alarm(opened("fall"), WANG, NOW)
    assert (change.case.outcome, change.case.reviewed_by) == (Outcome.FALSE_ALARM, "wang")


# --- escalation and deadlines --------------------------------------------------------------------


def test_escalating_goes_one_step_at_a_time_and_then_to_the_party() -> None:
    """Two steps in the chain, then the work order."""
    case, events = opened(), list[tuple[Event, int]]()
    for _ in range(3):
        change = machine.escalate(case, LI, NOW, R, has_party=True)
        case = change.case
        events.append((change.event, case.level))
        assert change.call
    assert events == [(Event.ESCALATED, 1), (Event.ESCALATED, 2), (Event.WORK_ORDER, 2)]
    assert key_of(lambda: machine.escalate(case, LI, NOW, R, True)) == "refused.state"


@pytest.mark.parametrize(("party", "work_order"), [(False, "overdue"), (True, "never")])
def test_past_the_end_without_anybody_to_order(party: bool, work_order: str) -> None:
    """The person hears that there is nobody above."""
    case = opened(state=State.ESCALATED, level=2)
    answer = response(work_order=work_order)
    act = lambda: machine.escalate(case, LI, NOW, answer, party)  # noqa: E731
    assert key_of(act) == "refused.top_of_chain"


def test_escalating_leaves_the_time_to_put_it_right() -> None:
    """Only the wait for somebody to take it ends."""
    change = machine.escalate(opened(), LI, NOW, R, has_party=True)
    assert change.timers == {ACK: None}
    assert change.case.rectify_due == T0 + 30 * MINUTE


@pytest.mark.parametrize("state", State)
def test_nobody_took_it(state: State) -> None:
    """The acknowledge-by clock moves an open case only; late for any other it does nothing."""
    change = machine.acknowledge_overdue(opened(state=state), NOW, SYSTEM)
    if state is not State.OPEN:
        assert change is None
        return
    assert change is not None
    assert (change.case.state, change.case.level, change.reason) == (State.ESCALATED, 1, "overdue")
    assert change.case.suspected


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("party", [True, False])
def test_not_put_right_in_time(state: State, party: bool) -> None:
    """A work order where there is a party, one step up where there is none."""
    change = machine.rectify_overdue(opened(state=state), NOW, R, party, SYSTEM)
    if state not in (State.OPEN, State.ACKNOWLEDGED, State.ESCALATED):
        assert change is None
        return
    assert change is not None
    assert change.case.state is (State.WORK_ORDER if party else State.ESCALATED)


def test_an_overdue_case_with_no_chain_at_all_still_shows_it() -> None:
    """`escalate_to = []` and no party: escalated once, and no further."""
    answer = response(escalate_to=())
    change = machine.rectify_overdue(opened(), NOW, answer, False, SYSTEM)
    assert change is not None
    assert change.case.state is State.ESCALATED
    assert machine.rectify_overdue(change.case, NOW, answer, False, SYSTEM) is None


# --- seen gone -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(LIVE))
def test_seen_rectified(state: State) -> None:
    """Quiet cases close themselves, those that went further wait to be verified."""
    change = machine.seen_gone(opened(state=state), NOW, R, SYSTEM, left=False)
    if state is State.RECTIFIED:
        assert change is None
        return
    assert change is not None
    quiet = state in (State.OPEN, State.ACKNOWLEDGED)
    assert change.case.state is (State.CLOSED if quiet else State.RECTIFIED)
    assert change.case.outcome is (Outcome.SELF_CLOSED if quiet else None)
    assert change.case.live_key is None
    assert change.case.reviewed_by is None


@pytest.mark.parametrize("hazard", ["fall", "smoke_fire", "overheat", "sos"])
def test_an_emergency_never_closes_itself(hazard: str) -> None:
    """Seen gone or left, even where a response claims that it may."""
    answer = replace(response(hazard), may_self_close=True)
    gone = machine.seen_gone(opened(hazard), NOW, answer, SYSTEM, left=False)
    assert gone is not None
    assert gone.case.state is State.RECTIFIED
    assert ARRIVE not in gone.timers
    assert machine.seen_gone(opened(hazard), NOW, answer, SYSTEM, left=True) is None


def test_left_is_told_apart() -> None:
    """A general hazard whose people left closes as left; a graver one does not close."""
    left = machine.seen_gone(opened(), NOW, R, SYSTEM, left=True)
    assert left is not None
    assert left.case.outcome is Outcome.LEFT
    intrusion = opened("zone_intrusion")
    answer = response("zone_intrusion")
    assert machine.seen_gone(intrusion, NOW, answer, SYSTEM, left=True) is None


def test_seen_again_takes_the_key_back_and_stops_the_window() -> None:
    """A window that goes on running would close a case whose hazard is in the picture."""
    case = replace(rectified(), gone_at=NOW, live_key=None)
    change = machine.seen_again(case, NOW, response("climbing"), SYSTEM)
    assert change.case.live_key == case.place_key
    assert change.case.gone_at is None
    assert change.timers[TimerKind.SELF_CLOSE] is None
    assert change.ring


# --- reopen, undo --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_reopening(state: State) -> None:
    """Closed and rectified open anew, with fresh clocks and nobody's name on them."""
    case = opened("fall", state=state, acknowledged_by="li", arrived_by="li", level=2)
    if state not in (State.CLOSED, State.RECTIFIED):
        assert key_of(lambda: machine.reopen(case, WANG, NOW, R)) == "refused.state"
        return
    change = machine.reopen(case, WANG, NOW, response("fall"))
    assert (change.case.state, change.case.level) == (State.OPEN, 0)
    assert (change.case.acknowledged_by, change.case.arrived_by) == (None, None)
    assert change.stop_all
    assert change.timers == {
        ACK: NOW + MINUTE,
        RECTIFY: NOW + 30 * MINUTE,
        ARRIVE: NOW + 5 * MINUTE,
    }
    assert change.case.acknowledge_due == NOW + MINUTE


def test_undoing_a_close_gives_it_back_to_who_had_it_with_fresh_clocks() -> None:
    """The time that passed closed is nobody's fault, and whose work it is was not undone."""
    closed = machine.close(acknowledged(), LI, NOW).case
    change = machine.undo(replace(closed, gone_at=NOW), LI, NOW + MINUTE, R)
    assert change.event is Event.UNDONE
    back = change.case
    assert (back.state, back.outcome, back.closed_at) == (State.ACKNOWLEDGED, None, None)
    assert (back.acknowledged_by, back.acknowledged_at) == ("li", acknowledged().acknowledged_at)
    assert back.gone_at is None
    assert change.stop_all
    assert change.timers == {RECTIFY: NOW + 31 * MINUTE}
    assert back.rectify_due == NOW + 31 * MINUTE


def test_undoing_the_close_of_an_open_case_starts_both_clocks() -> None:
    """Nobody had it, so it waits to be acknowledged again."""
    change = machine.undo(machine.close(opened(), LI, NOW).case, LI, NOW + MINUTE, R)
    assert (change.case.state, change.case.acknowledged_by) == (State.OPEN, None)
    assert change.timers == {ACK: NOW + 11 * MINUTE, RECTIFY: NOW + 31 * MINUTE}


def test_undoing_a_close_keeps_arrival_and_level() -> None:
    """An emergency that had risen stays with the supervisor, and who is there is there."""
    answer = response("fall")
    risen = machine.escalate(opened("fall"), LI, NOW, answer, has_party=False).case
    there = machine.arrive(risen, WANG, NOW).case
    closed = machine.close(there, WANG, NOW, "送医院了").case
    back = machine.undo(closed, WANG, NOW + 1, answer).case
    assert (back.state, back.level, back.arrived_by) == (State.ESCALATED, risen.level, "wang")


def test_undoing_what_said_rectified_gives_the_work_back() -> None:
    """Back to who works on it, and the time to put it right starts anew."""
    answer = response("climbing")
    said = machine.rectify(acknowledged("climbing"), WANG, NOW, answer).case
    change = machine.undo(said, WANG, NOW + 1, answer)
    back = change.case
    assert (back.state, back.acknowledged_by, back.rectified_by) == (State.ACKNOWLEDGED, "li", None)
    assert set(change.timers) == {RECTIFY}


def test_undoing_an_arrival_keeps_who_had_it_before() -> None:
    """And the wait for somebody to arrive runs again."""
    case = machine.arrive(acknowledged("fall"), WANG, NOW + 1).case
    change = machine.undo(case, WANG, NOW + 2, response("fall"))
    assert (change.case.state, change.case.acknowledged_by) == (State.ACKNOWLEDGED, "li")
    assert change.case.arrived_by is None
    assert change.timers == {ARRIVE: NOW + 2 + 5 * MINUTE}


def test_undoing_a_second_arrival_keeps_the_first() -> None:
    """Wang was not there after all, Li was."""
    case = machine.arrive(machine.arrive(opened("fall"), LI, NOW).case, WANG, NOW).case
    assert key_of(lambda: machine.undo(case, WANG, NOW, response("fall"))) == (
        "refused.nothing_to_undo"
    )
    assert case.arrived_by == "li"


def test_undoing_an_acknowledgement_does_not_stretch_the_deadline() -> None:
    """Only what it stopped starts again: 确认, 撤销, 确认, 撤销 gains no time to put it right."""
    change = machine.undo(acknowledged(), LI, NOW, R)
    assert change.case.state is State.OPEN
    assert change.timers == {ACK: NOW + 10 * MINUTE}
    assert change.case.rectify_due == T0 + 30 * MINUTE


def test_undoing_an_escalation_gives_it_back_to_who_had_it() -> None:
    """State, level and name as before."""
    before = acknowledged()
    change = machine.undo(machine.escalate(before, LI, NOW, R, True).case, LI, NOW, R)
    assert (change.case.state, change.case.level, change.case.acknowledged_by) == (
        State.ACKNOWLEDGED,
        0,
        "li",
    )


def test_undoing_a_failed_verification_remembers_whose_work_it_is() -> None:
    """Else the one who did it could verify it."""
    case = machine.verify(rectified(), WANG, NOW, response("climbing"), passed=False).case
    change = machine.undo(case, WANG, NOW, response("climbing"))
    assert (change.case.state, change.case.rectified_by) == (State.RECTIFIED, "li")
    assert change.timers == {ACK: None, RECTIFY: None, TimerKind.SPEAK_AGAIN: None}


def test_undoing_a_reopening_closes_it_as_it_was() -> None:
    """With its outcome, without a live key, without clocks."""
    closed = machine.close(opened(), LI, NOW, "已整改").case
    again = replace(machine.reopen(closed, WANG, NOW, R).case, live_key=closed.place_key)
    change = machine.undo(again, WANG, NOW, R)
    assert (change.case.state, change.case.outcome) == (State.CLOSED, Outcome.RECTIFIED)
    assert (change.case.live_key, change.case.rectify_due) == (None, None)
    assert change.stop_all


@pytest.mark.parametrize(
    ("who", "after", "key"),
    [(WANG, 0, "refused.undo_other"), (LI, 10 * MINUTE + 1, "refused.undo_late")],
)
def test_undo_is_for_ones_own_last_change_within_ten_minutes(who, after, key) -> None:
    """Another's is theirs; later it is a reopening."""
    case = acknowledged()
    assert key_of(lambda: machine.undo(case, who, NOW + after, R)) == key
    machine.undo(case, LI, NOW + 10 * MINUTE, R)


def test_undo_is_not_undone() -> None:
    """And an opened case has nothing to undo."""
    undone = machine.undo(acknowledged(), LI, NOW, R).case
    for case in (undone, opened()):
        assert key_of(lambda case=case: machine.undo(case, LI, NOW, R)) == "refused.nothing_to_undo"


def test_the_memory_of_undo_survives_being_stored_as_json() -> None:
    """What comes back from a database are plain words."""
    case = machine.escalate(acknowledged(), LI, NOW, R, True).case
    assert case.last is not None
    plain = {
        name: value if isinstance(value, int) or value is None else str(value)
        for name, value in case.last.before.items()
    }
    stored = replace(case, last=replace(case.last, before=plain))
    back = machine.undo(stored, LI, NOW, R).case
    assert back == machine.undo(case, LI, NOW, R).case
    assert isinstance(back.state, State)


# --- the rest ------------------------------------------------------------------------------------


def test_assigning_names_a_member() -> None:
    """In any live state; the person is called."""
    change = machine.assign(opened(), WANG, NOW, "li")
    assert (change.case.assigned_to, change.case.state) == ("li", State.OPEN)
    assert change.call
    assert key_of(lambda: machine.assign(opened(), WANG, NOW, "")) == "refused.assign_whom"
    closed = machine.close(opened(), LI, NOW).case
    assert key_of(lambda: machine.assign(closed, WANG, NOW, "li")) == "refused.state"


def test_a_dispute_keeps_its_words_and_changes_nothing() -> None:
    """Also after the close; what can be undone stays what it was."""
    closed = machine.close(opened(), LI, NOW).case
    change = machine.dispute(closed, WANG, NOW + 1, "不是我们的人")
    assert (change.event, change.reason) == (Event.DISPUTED, "不是我们的人")
    assert change.case.state is State.CLOSED
    assert change.case.last == closed.last
    assert key_of(lambda: machine.dispute(closed, WANG, NOW, " ")) == "refused.dispute_reason"


def test_a_refusal_names_state_person_and_time() -> None:
    """What stands against the wish, and since when."""
    closed = machine.close(opened(), LI, NOW, "已整改").case
    with pytest.raises(Refused) as refused:
        machine.acknowledge(closed, WANG, NOW + 5)
    assert dict(refused.value.params) == {
        "case": 12,
        "state": State.CLOSED,
        "outcome": Outcome.RECTIFIED,
        "who": "li",
        "event": Event.CLOSED,
        "at": NOW,
    }


@pytest.mark.parametrize("verb", sorted(CASE_VERBS))
def test_every_verb_that_changes_a_case_is_decided(verb: Verb) -> None:
    """Each makes a change in some state; none falls through."""
    command = Command("c1", LI, verb, NOW, (12,), reason="好", args={"member": "wang"})
    cases = [opened(), acknowledged(), rectified(), machine.close(opened(), WANG, NOW).case]
    changes = list[Change]()
    for case in cases:
        with suppress(Refused):
            changes.append(machine.decide(case, command, NOW, response("climbing"), True))
    assert changes
    assert all(isinstance(change, Change) for change in changes)


def test_a_verb_that_changes_no_case_is_a_mistake_of_ours() -> None:
    """The executor never hands one over."""
    with pytest.raises(ValueError, match="does not change a case"):
        machine.decide(opened(), Command("c1", LI, Verb.HELP, NOW), NOW, R, True)


def test_assign_without_a_member_is_refused_not_an_error() -> None:
    """By HTTP a command may come without its argument."""
    command = Command("c1", LI, Verb.ASSIGN, NOW, (12,))
    assert key_of(lambda: machine.decide(opened(), command, NOW, R, True)) == "refused.assign_whom"
