"""How reports meet cases: merging, ringing again, being gone, coming back, arriving late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import machine, presence
from bot.domain.case import Case, Event, Outcome, State, TimerKind
from bot.domain.change import Change
from bot.domain.hazard import Severity
from bot.domain.report import Because, Phase
from bot.domain.response import MergeBy, Verify
from bot.domain.sighting import Meeting, meet
from tests.support.cases import LI, MINUTE, SECOND, T0, WANG, report, response
from tests.support.place import Place

RECTIFIED, LEFT, LOST, DOWN = (
    Because.RECTIFIED,
    Because.LEFT,
    Because.LOST,
    Because.SOURCE_DOWN,
)
BAREHEADED = [f"track-{number}" for number in range(1, 6)]


def place(hazard: str = "no_helmet", **keys) -> Place:
    return Place(response(hazard, **keys))


def closed_by_li(case: Case, at: int) -> Change:
    return machine.close(case, LI, T0 + at * SECOND, "已整改")


def acknowledge(case: Case) -> Change:
    return machine.acknowledge(case, LI, case.last_seen)


# --- opening and merging -------------------------------------------------------------------------


def test_a_first_report_opens_a_case() -> None:
    """With its clocks, a ring, both times, and nobody's eyes on it yet."""
    gate = place()
    assert gate.start("track-1", delay=3) is Meeting.OPENED
    case = gate.case
    assert (case.state, case.seq, case.first_seen, case.opened_at) == (
        State.OPEN,
        1,
        T0,
        T0 + 3 * SECOND,
    )
    assert case.live_key == case.place_key == "yard-7/gate/-/no_helmet"
    assert case.suspected
    assert gate.rings == [1]
    assert gate.timers == {
        (1, TimerKind.ACKNOWLEDGE_BY): T0 + 3 * SECOND + 10 * MINUTE,
        (1, TimerKind.RECTIFY_BY): T0 + 3 * SECOND + 30 * MINUTE,
    }
    assert case.acknowledge_due == T0 + 3 * SECOND + 10 * MINUTE
    assert case.rectify_due == T0 + 3 * SECOND + 30 * MINUTE


def test_without_a_number_the_need_for_a_new_case_is_said() -> None:
    """Numbers are drawn only when one is needed."""
    sighting = meet(report(), None, None, None, response())
    assert (sighting.meeting, sighting.change) == (Meeting.OPENED, None)


def test_five_bareheaded_people_are_one_case() -> None:
    """One card, one ring, five people."""
    gate = place()
    met = [gate.start(name, at) for at, name in enumerate(BAREHEADED)]
    assert met == [Meeting.OPENED] + [Meeting.ATTACHED] * 4
    assert (gate.case.people, gate.case.count) == (5, 5)
    assert gate.rings == [1]
    assert gate.case.seq == 1
    assert gate.case.version == 5


def test_fifty_new_track_ids_are_one_case() -> None:
    """A tracker that loses people over and over does not ring over and over; it stays bounded."""
    gate = place()
    for at in range(200):
        gate.start(f"track-{at}", at)
    assert len(gate.cases) == 1
    assert gate.rings == [1]
    assert len(gate.case.subjects) <= 64


def test_a_headcount_counts_whatever_the_names_are() -> None:
    """One person under four numbers is one person; two at once are two, also when one has left."""
    gate = place()
    for at, name in enumerate(BAREHEADED):
        gate.start(name, at, headcount=True)
    assert gate.case.people == 1
    gate.goes_on(BAREHEADED[0], 10, people=2, headcount=True)
    gate.goes_on(BAREHEADED[0], 20, headcount=True)
    assert gate.case.people == 2
    gate.act(lambda case: closed_by_li(case, 30))
    gate.goes_on(BAREHEADED[0], 40, headcount=True)
    gate.wait(200)
    assert (len(gate.cases), gate.case.people) == (2, 2)


def test_merging_by_subject_makes_one_case_a_person() -> None:
    """`merge_by = "subject"`."""
    gate = place(merge_by=MergeBy.SUBJECT)
    for name in BAREHEADED:
        gate.start(name)
    assert [case.live_key for case in gate.cases.values()] == [
        f"yard-7/gate/-/no_helmet/{name}" for name in BAREHEADED
    ]
    gate.goes_on("track-2", at=5)
    assert gate.cases[2].last_seen == T0 + 5 * SECOND
    assert gate.cases[1].last_seen == T0


def test_another_place_or_hazard_is_another_case() -> None:
    """A vest alert never silences an intrusion."""
    keys = {
        report(**given).live_key("place")
        for given in (
            {},
            {"camera": "yard"},
            {"camera": None},
            {"zone": "pit"},
            {"site": "yard-8"},
            {"hazard": "zone_intrusion"},
        )
    }
    assert len(keys) == 6


def test_a_trial_never_swallows_a_live_alarm() -> None:
    """An installer's case is still open when the camera goes live: the alarm opens its own."""
    gate = place()
    gate.start("track-1", trial=True)
    assert gate.start("track-2", at=9) is Meeting.OPENED
    assert not gate.case.trial
    assert gate.rings == [1, 2]


def test_going_on_is_not_counted_but_seen() -> None:
    """`continue` moves last_seen; a new person in it counts."""
    gate = place()
    gate.start("track-1")
    gate.goes_on("track-1", at=7)
    assert (gate.case.count, gate.case.last_seen) == (1, T0 + 7 * SECOND)
    gate.goes_on("track-2", at=8)
    assert (gate.case.count, gate.case.people) == (2, 2)


def test_a_persons_report_takes_the_suspicion_away() -> None:
    """Somebody has looked: from the start, or where they join what a machine saw."""
    by_hand = place()
    by_hand.start(by="li")
    assert not by_hand.case.suspected
    joined = place()
    joined.start("track-1")
    joined.tell(report(Phase.EVENT, 5, by="li"))
    assert joined.case.reviewed_by == "li"
    assert not joined.case.suspected


def test_a_sources_own_words_cannot_pass_for_ours() -> None:
    """Attributes stand apart in the history."""
    gate = place()
    gate.start("t", attributes={"report": "forged", "because": "rectified", "speed": 31})
    assert gate.last is not None
    assert gate.last.data["report"] == "box:start-t-0"
    assert "because" not in gate.last.data
    assert gate.last.data["attributes"]["speed"] == 31


# --- ringing again -------------------------------------------------------------------------------


def test_a_graver_severity_rings_again_and_shortens_the_wait() -> None:
    """The response was raised to an emergency: its deadlines run from now on."""
    gate = place()
    gate.start("track-1")
    gate.response = response(severity=Severity.EMERGENCY, acknowledge_within=60, arrive_within=300)
    gate.goes_on("track-1", at=10)
    now = T0 + 10 * SECOND
    assert gate.rings == [1, 1]
    assert gate.case.severity is Severity.EMERGENCY
    assert gate.timers[1, TimerKind.ACKNOWLEDGE_BY] == now + MINUTE == gate.case.acknowledge_due
    assert gate.timers[1, TimerKind.ARRIVE_BY] == now + 5 * MINUTE
    gate.goes_on("track-1", at=11)
    assert gate.rings == [1, 1]


def test_a_milder_severity_does_not_lower_the_case() -> None:
    """What it was opened as stands."""
    gate = place(severity=Severity.SERIOUS)
    gate.start("track-1")
    gate.response = response()
    gate.goes_on("track-1", at=1)
    assert gate.case.severity is Severity.SERIOUS


@pytest.mark.parametrize(("gap", "rings"), [(29, 1), (30, 2)])
@pytest.mark.parametrize("phase", [Phase.START, Phase.CONTINUE, Phase.EVENT])
def test_an_emergency_unseen_for_half_a_minute_rings_again(gap, rings, phase) -> None:
    """Also when somebody has acknowledged it and is there: it may be another fall."""
    gate = place("fall")
    gate.start("track-1")
    gate.act(lambda case: machine.arrive(case, LI, T0 + 1))
    gate.tell(report(phase, gap, subject="track-1", hazard="fall"))
    assert len(gate.rings) == rings


@pytest.mark.parametrize(("gap", "rings"), [(119, 1), (120, 2)])
def test_an_acknowledged_case_unseen_for_the_cooldown_rings_again(gap, rings) -> None:
    """Two minutes as shipped."""
    gate = place()
    gate.start("track-1")
    gate.act(acknowledge)
    gate.start("track-2", at=gap)
    assert len(gate.rings) == rings


def test_an_open_case_does_not_ring_again() -> None:
    """It has its deadline; nobody answered yet, and the chain will."""
    gate = place()
    gate.start("track-1")
    gate.start("track-2", at=500)
    assert gate.rings == [1]


@pytest.mark.parametrize("cooldown", [0, 5])
def test_a_hazard_that_goes_on_is_not_unseen_however_short_the_cooldown(cooldown) -> None:
    """`cooldown = "0s"` must not ring at every look."""
    gate = place(cooldown=cooldown)
    gate.start("track-1")
    gate.act(acknowledge)
    for at in range(10, 100, 10):
        gate.goes_on("track-1", at=at)
    assert gate.rings == [1]
    gate.start("track-2", at=100)
    assert gate.rings == [1, 1]


# --- gone needs proof ----------------------------------------------------------------------------


def test_seen_rectified_closes_it_after_the_window() -> None:
    """Twenty seconds as shipped; the key is free again."""
    gate = place()
    gate.start("track-1")
    assert gate.end(RECTIFIED, "track-1", at=10) is Meeting.GONE
    gate.wait(29)
    assert gate.case.live
    gate.wait(30)
    assert (gate.case.outcome, gate.case.live_key) == (Outcome.SELF_CLOSED, None)


def test_without_a_window_it_closes_at_once() -> None:
    """`self_close_after = "0s"`, and the history keeps what the end said."""
    gate = place(self_close_after=0)
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    assert gate.case.outcome is Outcome.SELF_CLOSED
    assert gate.last is not None
    assert gate.last.data["because"] == "rectified"
    assert gate.last.data["outcome"] == "self_closed"


@pytest.mark.parametrize("because", [LOST, DOWN])
@pytest.mark.parametrize("subject", ["track-1", None])
def test_nobody_looking_closes_nothing(because, subject) -> None:
    """A lost track, a dead camera: not gone, only unseen."""
    gate = place()
    gate.start("track-1")
    gate.end(because, subject, at=10)
    gate.wait(1000)
    assert gate.case.state is State.OPEN
    assert gate.case.live_key is not None
    assert gate.case.gone_at is None


def test_an_end_without_a_reason_is_no_proof() -> None:
    """As if lost."""
    gate = place()
    gate.start("track-1")
    gate.tell(report(Phase.END, 10, subject="track-1"))
    gate.wait(1000)
    assert gate.case.state is State.OPEN


def test_left_closes_a_general_case_as_left() -> None:
    """Counted apart, not as rectified."""
    gate = place()
    gate.start("track-1")
    assert gate.end(LEFT, "track-1", at=10) is Meeting.GONE
    assert gate.case.outcome is Outcome.LEFT


def test_left_does_not_close_a_serious_one() -> None:
    """It stays with its key and its deadlines."""
    gate = place("zone_intrusion")
    gate.start("track-1")
    gate.end(LEFT, "track-1", at=10)
    assert gate.case.state is State.OPEN
    assert gate.case.live_key is not None


def test_all_must_be_gone() -> None:
    """Four of five put their hats on; the fifth closes it."""
    gate = place()
    for name in BAREHEADED:
        gate.start(name)
    for name in BAREHEADED[:4]:
        assert gate.end(RECTIFIED, name, at=10) is Meeting.ATTACHED
    gate.wait(100)
    assert gate.case.live
    assert gate.end(RECTIFIED, "track-5", at=100) is Meeting.GONE
    gate.wait(120)
    assert gate.case.outcome is Outcome.SELF_CLOSED


@pytest.mark.parametrize(("other", "outcome"), [(LEFT, Outcome.LEFT), (LOST, None), (DOWN, None)])
def test_the_weakest_proof_counts(other, outcome) -> None:
    """One was seen with the hat on, the other was not."""
    gate = place()
    gate.start("track-1")
    gate.start("track-2")
    gate.end(other, "track-2", at=5)
    gate.end(RECTIFIED, "track-1", at=10)
    gate.wait(100)
    assert gate.case.outcome is outcome


def test_an_end_without_a_subject_speaks_for_all() -> None:
    """The zone is seen empty: whoever was lost before is not in it."""
    gate = place()
    gate.start("track-1")
    gate.start("track-2")
    gate.end(LOST, "track-2", at=5)
    assert gate.end(RECTIFIED, None, at=10) is Meeting.GONE


def test_walking_off_after_being_seen_rectified_is_no_news() -> None:
    """The hat was seen on; that the track ends then proves nothing against it."""
    gate = place()
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    gate.end(LOST, "track-1", at=15)
    gate.end(LEFT, "track-1", at=16)
    gate.wait(30)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_the_window_stops_when_the_camera_dies_in_it() -> None:
    """It runs on fresh frames only."""
    gate = place()
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    gate.end(DOWN, None, at=15)
    gate.wait(1000)
    assert gate.case.state is State.OPEN
    assert gate.end(RECTIFIED, None, at=1000) is Meeting.GONE
    gate.wait(1020)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_the_window_starts_anew_when_it_is_seen_again() -> None:
    """The hat came off once more."""
    gate = place()
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    gate.start("track-1", at=15)
    assert gate.case.gone_at is None
    gate.wait(40)
    assert gate.case.live
    gate.end(RECTIFIED, "track-1", at=50)
    gate.wait(69)
    assert gate.case.live
    gate.wait(70)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_an_end_said_over_and_over_does_not_prolong_the_window() -> None:
    """Some boxes repeat it every second."""
    gate = place()
    gate.start("track-1")
    for at in range(10, 30):
        gate.end(RECTIFIED, "track-1", at=at)
    gate.wait(30)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_an_event_is_never_seen_gone_by_itself() -> None:
    """Nor does another subject's end reach it; one for all does."""
    gate = place()
    gate.tell(report(Phase.EVENT))
    gate.end(RECTIFIED, "track-9", at=5)
    gate.wait(100)
    assert gate.case.live
    assert gate.end(RECTIFIED, None, at=101) is Meeting.GONE


def test_an_end_without_a_case_is_nothing() -> None:
    """Nothing to close, nothing to open."""
    gate = place()
    assert gate.end(RECTIFIED, "track-1") is Meeting.NOTHING
    assert gate.last is None


@pytest.mark.parametrize("because", Because)
def test_no_end_ever_closes_an_emergency(because) -> None:
    """Seen gone it waits for people, free for the next one to ring."""
    gate = place("fall")
    gate.start("track-1")
    gate.end(because, "track-1", at=10)
    gate.wait(100)
    assert gate.case.live
    assert gate.case.state is (State.RECTIFIED if because is RECTIFIED else State.OPEN)
    assert (1, TimerKind.ARRIVE_BY) in gate.timers


def test_a_fall_after_one_that_was_seen_over_rings() -> None:
    """The same case, back to where it was, with its key."""
    gate = place("fall")
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    gate.wait(40)
    assert (gate.case.state, gate.case.live_key) == (State.RECTIFIED, None)
    assert gate.start("track-2", at=50) is Meeting.ATTACHED
    assert (gate.case.state, gate.case.live_key) == (State.OPEN, gate.case.place_key)
    assert gate.rings == [1, 1]
    assert (1, TimerKind.ACKNOWLEDGE_BY) in gate.timers


# --- what a person said is rectified -------------------------------------------------------------


def said_rectified(verify: Verify = Verify.CAMERA) -> Place:
    gate = place(verify=verify)
    gate.start("track-1")
    gate.act(lambda case: machine.rectify(case, LI, T0 + 5 * SECOND, gate.response))
    return gate


def test_a_camera_that_has_not_looked_away_does_not_contradict() -> None:
    """The person has just said it; but it may not go on for ever."""
    gate = said_rectified()
    gate.goes_on("track-1", at=6)
    gate.goes_on("track-1", at=100)
    assert gate.case.state is State.RECTIFIED
    gate.goes_on("track-1", at=126)
    assert gate.case.state is State.OPEN
    assert gate.rings == [1, 1]


def test_somebody_new_contradicts_at_once() -> None:
    """Seen again: the state before, and the history says which report it was."""
    gate = said_rectified()
    gate.start("track-2", at=7)
    assert gate.case.state is State.OPEN
    assert gate.last is not None
    assert gate.last.event is Event.SEEN_AGAIN
    assert gate.last.data["subject"] == "track-2"


def test_the_camera_confirms_and_that_closes_it() -> None:
    """`verify = "camera"`."""
    gate = said_rectified()
    gate.end(RECTIFIED, "track-1", at=10)
    gate.wait(30)
    assert (gate.case.state, gate.case.outcome) == (State.CLOSED, Outcome.RECTIFIED)


def test_a_second_person_is_still_waited_for() -> None:
    """The camera's look frees the key, no more."""
    gate = said_rectified(Verify.SECOND_PERSON)
    gate.end(RECTIFIED, "track-1", at=10)
    gate.wait(30)
    assert (gate.case.state, gate.case.live_key) == (State.RECTIFIED, None)
    assert gate.case.last is not None
    assert gate.case.last.actor == "li"


def test_a_window_that_runs_does_not_close_what_is_seen_again() -> None:
    """Said rectified, seen gone, seen again within the window: nothing may close it now."""
    gate = said_rectified()
    gate.end(RECTIFIED, "track-1", at=10)
    gate.start("track-1", at=15)
    gate.wait(1000)
    assert gate.case.state is State.OPEN


# --- coming back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("because", [RECTIFIED, LEFT])
def test_within_the_cooldown_the_same_case_reopens(because) -> None:
    """After a self-close, with fresh clocks, a ring and its key."""
    gate = place(self_close_after=0)
    gate.start("track-1")
    gate.end(because, "track-1", at=10)
    assert gate.start("track-2", at=129) is Meeting.REOPENED
    assert list(gate.cases) == [1]
    assert (gate.case.state, gate.case.outcome) == (State.OPEN, None)
    assert gate.case.live_key == gate.case.place_key
    assert gate.rings == [1, 1]
    assert gate.case.reviewed_by is None
    assert gate.timers[1, TimerKind.ACKNOWLEDGE_BY] == T0 + 129 * SECOND + 10 * MINUTE


def test_after_the_cooldown_it_is_a_new_case() -> None:
    """At its very end already."""
    gate = place(self_close_after=0)
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    assert gate.start("track-2", at=130) is Meeting.OPENED
    assert list(gate.cases) == [1, 2]


def test_a_cooldown_of_nothing_makes_every_visit_a_case() -> None:
    """Six visits with gaps of three seconds: six cases, each closed by itself."""
    gate = place("zone_intrusion", cooldown=0, self_close_after=2)
    for visit in range(6):
        at = visit * 13
        assert gate.start(f"track-{visit}", at=at) is Meeting.OPENED
        for look in range(1, 10):
            gate.goes_on(f"track-{visit}", at=at + look)
        gate.end(RECTIFIED, f"track-{visit}", at=at + 10)
    gate.wait(1000)
    assert [case.outcome for case in gate.cases.values()] == [Outcome.SELF_CLOSED] * 6
    assert gate.rings == [1, 2, 3, 4, 5, 6]


def test_a_persons_close_keeps_the_report_for_the_cooldown() -> None:
    """No ring, no reopening against the person's word; the report is on the case."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: closed_by_li(case, 10))
    assert gate.goes_on("track-1", at=11) is Meeting.KEPT
    assert gate.start("track-2", at=12) is Meeting.KEPT
    assert (gate.case.state, gate.case.live_key, gate.case.count) == (State.CLOSED, None, 2)
    assert gate.case.outcome is Outcome.RECTIFIED
    assert gate.rings == [1]
    assert gate.timers == {(1, TimerKind.COOLDOWN): T0 + 130 * SECOND}


def test_still_there_when_the_cooldown_ends() -> None:
    """Then the clock opens a new case, with a ring; the next report attaches to it."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: closed_by_li(case, 10))
    gate.goes_on("track-1", at=100)
    gate.wait(129)
    assert len(gate.cases) == 1
    gate.wait(130)
    assert gate.case.number == 2
    assert gate.case.live_key == gate.cases[1].place_key
    assert gate.rings == [1, 2]
    assert gate.goes_on("track-1", at=131) is Meeting.ATTACHED


@pytest.mark.parametrize("because", Because)
def test_ended_before_the_cooldown_does(because) -> None:
    """Whatever the end says, nothing tells that it is still there."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: closed_by_li(case, 10))
    gate.goes_on("track-1", at=20)
    gate.end(because, "track-1", at=30)
    gate.wait(130)
    assert len(gate.cases) == 1


def test_one_of_two_ended_before_the_cooldown_does() -> None:
    """The other one is still bareheaded."""
    gate = place()
    gate.start("track-1")
    gate.start("track-2")
    gate.act(lambda case: closed_by_li(case, 10))
    gate.goes_on("track-1", at=20)
    gate.goes_on("track-2", at=20)
    gate.end(RECTIFIED, "track-1", at=30)
    gate.wait(130)
    assert len(gate.cases) == 2


def test_a_case_that_goes_on_takes_over_only_who_is_there() -> None:
    """Somebody lost to the old case must not keep the new one from closing itself."""
    gate = place()
    gate.start("track-1")
    gate.start("track-2")
    gate.end(LOST, "track-2", at=5)
    gate.act(lambda case: closed_by_li(case, 10))
    gate.goes_on("track-1", at=100)
    gate.wait(130)
    assert gate.case.people == 1
    gate.end(RECTIFIED, "track-1", at=140)
    gate.wait(160)
    assert gate.case.number == 2
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_without_the_clock_the_next_report_opens_it() -> None:
    """The cooldown's clock is a help, not the only way."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: closed_by_li(case, 10))
    assert gate.goes_on("track-1", at=130) is Meeting.OPENED


def test_seen_only_before_the_close_is_not_still_there() -> None:
    """A report that was on its way when the person closed it."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: closed_by_li(case, 10))
    gate.goes_on("track-1", at=9, delay=5)
    gate.wait(130)
    assert len(gate.cases) == 1


def test_an_event_within_the_cooldown_is_not_dropped() -> None:
    """Seen once after the close, never seen gone: it is told when the cooldown ends."""
    gate = place()
    gate.tell(report(Phase.EVENT))
    gate.act(lambda case: closed_by_li(case, 10))
    assert gate.tell(report(Phase.EVENT, 20)) is Meeting.KEPT
    gate.wait(130)
    assert len(gate.cases) == 2


@pytest.mark.parametrize("phase", [Phase.START, Phase.EVENT])
def test_a_new_emergency_passes_at_once(phase) -> None:
    """Cooldown never stands before an emergency."""
    gate = place("fall")
    gate.start("track-1")
    gate.act(lambda case: machine.false_alarm(case, WANG, T0 + 10 * SECOND))
    assert gate.tell(report(phase, 11, subject="track-1", hazard="fall")) is Meeting.OPENED
    assert gate.rings == [1, 2]


def test_the_emergency_that_was_just_closed_is_no_new_one() -> None:
    """Else no false alarm could be ended while the camera stares at it; another one passes."""
    gate = place("fall")
    gate.start("track-1")
    gate.act(lambda case: machine.false_alarm(case, WANG, T0 + 10 * SECOND))
    assert gate.goes_on("track-1", at=11) is Meeting.KEPT
    assert gate.goes_on("track-2", at=12) is Meeting.OPENED


@pytest.mark.parametrize("hazard", ["no_helmet", "fall"])
def test_what_a_person_has_called_false_stays_silent_as_long_as_it_lasts(hazard: str) -> None:
    """A mannequin must not ring every two minutes; once it has ended, the next one is heard."""
    gate = place(hazard)
    gate.start("track-1")
    gate.act(lambda case: machine.false_alarm(case, WANG, T0 + 10 * SECOND))
    for at in range(11, 1000, 10):
        assert gate.goes_on("track-1", at) is Meeting.KEPT
    gate.wait(1000)
    assert len(gate.cases) == 1
    assert gate.rings == [1]
    gate.end(LOST, "track-1", at=1001)
    assert gate.goes_on("track-1", at=1020) is Meeting.OPENED
    assert gate.rings == [1, 2]


def test_who_comes_after_a_false_alarm_is_heard_when_the_cooldown_ends() -> None:
    """The new case takes over the one of whom nobody has judged, and nobody else."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: machine.false_alarm(case, WANG, T0 + 10 * SECOND))
    gate.goes_on("track-1", at=20)
    assert gate.start("track-2", at=30) is Meeting.KEPT
    assert gate.goes_on("track-2", at=40) is Meeting.KEPT
    gate.wait(130)
    assert len(gate.cases) == 2
    assert gate.case.people == 1
    gate.end(RECTIFIED, "track-2", at=140)
    gate.wait(160)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_whoever_starts_again_after_a_false_alarm_is_a_new_matter() -> None:
    """The start says that something ended in between, though nobody heard it end."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: machine.false_alarm(case, WANG, T0 + 10 * SECOND))
    assert gate.start("track-1", at=20) is Meeting.KEPT
    gate.wait(130)
    assert len(gate.cases) == 2


def test_a_graver_hazard_is_no_longer_what_was_judged() -> None:
    """Called false as a general hazard, an emergency by now."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: machine.false_alarm(case, WANG, T0 + 10 * SECOND))
    gate.response = replace(gate.response, severity=Severity.EMERGENCY)
    assert gate.goes_on("track-1", at=20) is Meeting.OPENED


def test_a_graver_severity_passes_the_cooldown() -> None:
    """Raised since the person closed it."""
    gate = place()
    gate.start("track-1")
    gate.act(lambda case: closed_by_li(case, 10))
    gate.response = response(severity=Severity.SERIOUS)
    assert gate.goes_on("track-1", at=11) is Meeting.OPENED


def test_a_case_reopened_by_hand_takes_part_again() -> None:
    """It has no key yet: the next report gives it back, and an end finds it too."""
    for told in (True, False):
        gate = place()
        gate.start("track-1")
        gate.act(lambda case: closed_by_li(case, 10))
        gate.act(lambda case: machine.undo(case, LI, T0 + 11 * SECOND, response()))
        if told:
            assert gate.goes_on("track-1", at=12) is Meeting.ATTACHED
            assert gate.case.live_key == gate.case.place_key
        assert gate.end(RECTIFIED, "track-1", at=20) is Meeting.GONE
        gate.wait(40)
        assert gate.case.outcome is Outcome.SELF_CLOSED


# --- late and out of order -----------------------------------------------------------------------


def test_a_straggler_does_not_take_gone_back() -> None:
    """An older continue overtaken by the end: the window runs on and closes it."""
    gate = place()
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    assert gate.goes_on("track-1", at=9, delay=4) is Meeting.ATTACHED
    gate.goes_on("track-1", at=10, delay=4)
    assert gate.case.gone_at == T0 + 10 * SECOND
    gate.wait(30)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_a_straggler_does_not_reopen_what_closed_itself() -> None:
    """Nor open a new one where the cooldown is nothing."""
    for cooldown in (0, 120):
        gate = place(self_close_after=0, cooldown=cooldown)
        gate.start("track-1")
        gate.end(RECTIFIED, "track-1", at=10)
        assert gate.goes_on("track-1", at=9, delay=5) is Meeting.KEPT
        assert (len(gate.cases), gate.case.state) == (1, State.CLOSED)


def test_a_straggler_does_not_contradict_a_case_seen_gone() -> None:
    """A climber came down; the report of him climbing comes after."""
    gate = place("climbing")
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    gate.wait(40)
    assert gate.case.state is State.RECTIFIED
    gate.goes_on("track-1", at=9, delay=40)
    assert (gate.case.state, gate.case.live_key) == (State.RECTIFIED, None)
    assert gate.rings == [1]


def test_a_start_overtaken_by_the_end_for_all() -> None:
    """Somebody nobody had heard of was gone already."""
    gate = place()
    gate.start("track-1")
    gate.end(RECTIFIED, None, at=10)
    gate.start("track-2", at=8, delay=4)
    gate.wait(30)
    assert gate.case.outcome is Outcome.SELF_CLOSED


def test_an_end_overtaken_by_the_next_start_ends_nothing() -> None:
    """It speaks of the time before."""
    gate = place()
    gate.start("track-1")
    gate.start("track-1", at=20)
    gate.end(RECTIFIED, "track-1", at=10, delay=15)
    gate.wait(100)
    assert gate.case.live
    assert gate.case.gone_at is None


def test_a_newer_report_is_not_late() -> None:
    """By a second, or for a start by nothing: an alarm in the same second is an alarm."""
    for phase, at in ((Phase.CONTINUE, 11), (Phase.START, 10)):
        gate = place()
        gate.start("track-1")
        gate.end(RECTIFIED, "track-1", at=10)
        gate.tell(report(phase, at, subject="track-1", delay=2))
        gate.wait(100)
        assert gate.case.live


def test_an_emergency_that_starts_is_never_late() -> None:
    """Rather once too often."""
    gate = place("fall")
    gate.start("track-1")
    gate.end(RECTIFIED, "track-1", at=10)
    gate.wait(40)
    gate.start("track-1", at=9, delay=40)
    assert gate.case.state is State.OPEN
    assert gate.rings == [1, 1]


def test_a_source_whose_clock_was_set_back_is_heard_again() -> None:
    """Everything it says looks old; minutes after the close that is no longer believed."""
    gate = place(self_close_after=0)
    gate.start("track-1", at=7200)
    gate.end(RECTIFIED, "track-1", at=7210)
    gate.start("track-1", at=3600, delay=3610 + 200)
    assert len(gate.cases) == 1
    assert gate.start("track-1", at=3901, delay=3610) is Meeting.OPENED
    assert gate.rings == [1, 2]


def test_last_seen_never_runs_backwards() -> None:
    """A late report is counted, not believed to be the newest."""
    gate = place()
    gate.start("track-1", at=10)
    gate.start("track-2", at=5, delay=10)
    assert (gate.case.last_seen, gate.case.count) == (T0 + 10 * SECOND, 2)


# --- marks ---------------------------------------------------------------------------------------


def test_marks_are_bounded_and_the_present_are_kept() -> None:
    """Who is gone longest is forgotten first."""
    marks = presence.first(report(subject="here", at=0))
    for at in range(1, 200):
        marks = presence.seen(marks, report(subject=f"t{at}", at=at))
        gone = report(Phase.END, at, subject=f"t{at}", because=RECTIFIED)
        marks = presence.ended(marks, gone)
    assert len(marks) == 64
    assert {"here", "t199"} <= set(marks)
    assert "t1" not in marks


def test_a_case_without_marks_is_understood() -> None:
    """One that was stored before anybody was named."""
    gate = place()
    gate.start("track-1")
    gate.cases[1] = replace(gate.case, subjects={})
    assert gate.end(RECTIFIED, None, at=5) is Meeting.GONE
