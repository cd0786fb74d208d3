"""A clock that is set by hours: nothing is lost, put off, hurried or said twice."""

from __future__ import annotations

import asyncio

import pytest

from bot.clock import JUMP_MS, SteadyClock
from bot.clockwork import Clockwork
from bot.courier.courier import LEASE_MS
from bot.domain.case import State
from bot.domain.command import Verb
from bot.domain.error import RetryLater
from bot.domain.report import Phase
from bot.watching.clocks import ClockWatch
from tests.support.cases import MINUTE, SECOND, T0
from tests.support.workshop import ADMINS, LI, WANG, Workshop, running, until

HOUR = 60 * MINUTE
BOTH = pytest.mark.parametrize("jump", [-5 * HOUR, 5 * HOUR, 90 * 24 * HOUR], ids="{}".format)


class Times:
    """A wall clock that can be set, and time that only passes."""

    def __init__(self) -> None:
        self.wall, self.elapsed = T0, 12_345
        self.clock = SteadyClock(lambda: self.wall, lambda: self.elapsed)

    def pass_by(self, ms: float) -> None:
        self.wall += round(ms)
        self.elapsed += round(ms)


class Place:
    """A workshop that runs by a steady clock."""

    def __init__(self, shop: Workshop) -> None:
        self.shop, self.times = shop, Times()
        shop.core.clock = self.times.clock
        self.watch = self.fresh_watch()

    def fresh_watch(self, *, alone: bool = True) -> ClockWatch:
        return ClockWatch(self.shop.core, self.times.clock, alone=alone)

    def sync(self) -> None:
        """What the workshop takes for now is what the program does."""
        self.shop.now = self.times.clock()

    async def jumps(self, jump: int) -> None:
        """Somebody sets the clock, and the watch sees it."""
        self.times.wall += jump
        await self.watch.look()
        self.sync()

    async def passes(self, ms: float) -> None:
        """Time passes; what is due then is done."""
        self.times.pass_by(ms)
        self.sync()
        for timer in await self.shop.store.due_timers(self.shop.now, 100):
            await self.shop.timers.due(timer)
        await self.shop.deliver()

    async def state(self, number: int = 1) -> State:
        case = await self.shop.store.get_case(number)
        assert case is not None
        return case.state

    def told(self) -> list[str]:
        return [text for text in self.shop.console.texts(ADMINS.id) if "🕒" in text]


@pytest.fixture
async def place(shop: Workshop) -> Place:
    return Place(shop)


# -- the clock itself


def test_small_corrections_are_followed_and_jumps_are_not() -> None:
    times = Times()
    times.wall += JUMP_MS - 1
    assert times.clock() == T0 + JUMP_MS - 1
    assert times.clock.jump() == 0
    times.wall -= 5 * HOUR
    times.pass_by(1000)
    assert times.clock() == T0 + JUMP_MS - 1 + 1000
    assert times.clock.jump() == -5 * HOUR
    times.clock.adopt(times.clock.jump())
    assert times.clock() == times.wall
    assert times.clock.jump() == 0


def test_a_slow_drift_of_hours_is_no_jump() -> None:
    times = Times()
    for _ in range(5_000):
        times.pass_by(1000)
        times.wall -= 500
        times.clock()
    assert times.clock() == times.wall
    assert times.clock.jump() == 0


# -- what is relative moves along


@BOTH
async def test_deadlines_keep_the_time_that_they_had_left(place: Place, jump: int) -> None:
    """Ten minutes to acknowledge, four of them over: six are left, whatever the clock says."""
    await place.shop.report()
    await place.passes(4 * MINUTE)
    await place.jumps(jump)
    await place.passes(6 * MINUTE - SECOND)
    assert await place.state() is State.OPEN
    await place.passes(2 * SECOND)
    assert await place.state() is State.ESCALATED


@BOTH
async def test_the_card_tells_the_new_deadline_and_the_story_the_times_noted(
    place: Place, jump: int
) -> None:
    await place.shop.report()
    before = await place.shop.store.get_case(1)
    await place.jumps(jump)
    after = await place.shop.store.get_case(1)
    assert before is not None
    assert after is not None
    assert before.acknowledge_due is not None
    assert after.acknowledge_due == before.acknowledge_due + jump
    assert (after.opened_at, after.first_seen) == (before.opened_at, before.first_seen)
    assert not (await place.shop.store.verify_audit())[1]


@BOTH
async def test_a_card_that_waits_for_another_try_is_not_put_off(place: Place, jump: int) -> None:
    """The chat was away when the clock was set; the card comes with the next try, once."""
    place.shop.telegram.faults.extend([RetryLater("away")] * 3)
    await place.shop.report()
    await place.shop.deliver()
    await place.jumps(jump)
    for _ in range(4):
        await place.passes(15 * SECOND)
    assert len(place.shop.telegram.messages) == 1
    assert "可能重复" not in place.shop.telegram.texts()[0]


@BOTH
async def test_what_is_being_sent_is_sent_once(place: Place, jump: int) -> None:
    """Its lease moves along: nobody takes it for that of a process that died."""
    shop = place.shop
    await shop.report()
    shop.telegram.gate.clear()
    first, second = shop.courier(), shop.courier()

    async def sending() -> bool:
        return ("send", "-1001") in shop.telegram.calls

    async with running(first.run):
        await until(sending)
        await place.jumps(jump)
        async with running(second.run):
            await asyncio.sleep(0.1)
            shop.telegram.gate.set()
            await shop.until_idle(first, second)
    assert shop.telegram.calls.count(("send", "-1001")) == 1


@BOTH
async def test_after_a_crash_it_is_tried_again_when_its_lease_is_over(
    place: Place, jump: int
) -> None:
    """Half a minute, not five hours, and marked, for it may have arrived."""
    shop = place.shop
    await shop.report()
    await shop.store.claim(place.times.clock(), LEASE_MS, 1, kinds=["card"])
    await place.jumps(jump)
    await place.passes(LEASE_MS - SECOND)
    assert not shop.telegram.messages
    await place.passes(2 * SECOND)
    assert "可能重复" in shop.telegram.texts()[0]


@pytest.mark.parametrize("jump", [-5 * HOUR, 5 * HOUR])
async def test_the_pace_of_a_chat_goes_on(place: Place, jump: int) -> None:
    """Neither blocked for hours, nor given a second minute's messages at once."""
    pacing = place.shop.courier()._attempts._pacing
    for second in range(20):
        pacing.starts("chat")
        pacing.ends("chat", T0 + second * SECOND, counts=True)
    now = T0 + 30 * SECOND
    left = pacing.wait("chat", "emergency", 20, now)
    pacing.clock_jumped(jump)
    assert pacing.wait("chat", "emergency", 20, now + jump) == left == 30 * SECOND
    pacing.hold("chat", now + jump + 40 * SECOND)
    pacing.clock_jumped(-jump)
    assert pacing.wait("chat", "emergency", 20, now) == 40 * SECOND


@BOTH
async def test_a_mute_ends_when_it_was_to_end(place: Place, jump: int) -> None:
    """In this process and in one that starts later."""
    shop = place.shop
    answer = await shop.act(Verb.MUTE, actor=WANG, args={"place": "gate", "minutes": 60})
    assert answer.ok
    await place.jumps(jump)
    assert shop.core.mutes["gate"] == place.times.wall + 60 * MINUTE
    stored = await shop.store.all_learned("mute")
    assert stored["gate"]["until"] == place.times.wall + 60 * MINUTE
    assert stored["gate"]["by"] == "wang"


@pytest.mark.parametrize("jump", [-5 * HOUR, 5 * HOUR])
async def test_a_hazard_that_outlasts_a_close_is_not_silent_for_hours(
    place: Place, jump: int
) -> None:
    """A person closed it; it is still seen when the cooldown is over: a new case."""
    shop = place.shop
    await shop.report(phase=Phase.START, id="a", subject="s")
    place.sync()
    await shop.act(Verb.CLOSE, actor=LI, reason="已整改")
    await place.jumps(jump)
    for number in range(5):
        await place.passes(40 * SECOND)
        await shop.report(phase=Phase.CONTINUE, id=f"c{number}", subject="s")
    assert await place.state(2) is State.OPEN


@pytest.mark.parametrize("hazard", ["fall", "no_helmet"])
async def test_also_where_nothing_could_be_moved_along(place: Place, hazard: str) -> None:
    """Set back while the program was down, or on another machine: a new hazard is heard."""
    shop = place.shop
    await shop.report(phase=Phase.START, id="a", hazard=hazard, subject="s")
    for verb in (Verb.ARRIVE, Verb.CLOSE):
        answer = await shop.act(verb, actor=WANG, reason="已整改")
        assert answer.ok, answer
    place.times.wall -= 5 * HOUR
    place.times.clock.adopt(place.times.clock.jump())
    place.sync()
    await shop.report(phase=Phase.START, id="b", hazard=hazard, subject="t")
    assert await place.state(2) is State.OPEN


async def test_an_emergency_rings_again_after_the_clock_was_set_back(place: Place) -> None:
    """That it was last seen in the future is no reason to take it for seen just now; once."""
    shop = place.shop
    await shop.report(phase=Phase.START, id="a", hazard="fall", subject="s")
    await shop.deliver()
    place.times.wall -= 5 * HOUR
    place.times.clock.adopt(place.times.clock.jump())
    await place.passes(MINUTE)
    for number in range(3):
        await shop.report(phase=Phase.CONTINUE, id=f"b{number}", hazard="fall", subject="s")
        await place.passes(SECOND)
    again = [text for text in shop.telegram.texts() if "又出现" in text]
    assert len(again) == 1


# -- what is told


@BOTH
async def test_the_admins_are_told_once(place: Place, jump: int) -> None:
    await place.jumps(jump)
    await place.watch.look()
    await place.passes(SECOND)
    (told,) = place.told()
    assert ("快了" if jump > 0 else "慢了") in told
    assert "timedatectl" in told


async def test_a_step_of_seconds_is_adopted_without_a_word(place: Place) -> None:
    await place.jumps(-5 * SECOND)
    await place.passes(SECOND)
    assert place.told() == []
    assert place.times.clock() == place.times.wall


async def test_timers_do_not_run_ahead_of_the_watch(place: Place) -> None:
    """Between the jump and the look at it the program's time holds its course."""
    await place.shop.report()
    place.times.wall += 5 * HOUR
    clockwork = Clockwork(place.shop.core, place.shop.timers, place.shop.wake)
    async with running(clockwork.run):
        await asyncio.sleep(0.1)
    assert await place.state() is State.OPEN


async def test_a_jump_that_cannot_be_written_is_not_adopted(place: Place, monkeypatch) -> None:
    """The time holds its course until the database has moved along."""

    def broken(*_: object) -> None:
        raise OSError("disk full")

    await place.shop.report()
    monkeypatch.setattr("storage.clocks.rebase", broken)
    place.times.wall += 5 * HOUR
    with pytest.raises(OSError):
        await place.watch.look()
    assert place.times.clock() == T0
    monkeypatch.undo()
    await place.watch.look()
    assert place.times.clock() == place.times.wall


# -- starting with a wrong clock


async def test_a_start_in_the_past_sends_what_waits_and_moves_only_what_it_set_itself(
    place: Place,
) -> None:
    """The clock stands in last year until the network is there.

    What waited from before goes out at once; deadlines from before keep their true time, those set
    meanwhile what they had left.
    """
    shop, truth = place.shop, T0
    await shop.report(id="before")  # its deadline is 10 minutes from now, by the right clock
    year = 365 * 24 * HOUR
    place.times.wall -= year
    place.times.clock.adopt(place.times.clock.jump())
    assert await place.watch.begin() == year
    place.sync()
    await shop.deliver()
    assert len(shop.telegram.messages) == 1
    await shop.report(id="meanwhile", hazard="no_vest")
    await place.passes(MINUTE)
    await place.jumps(year + 15 * MINUTE)  # so long it was off
    assert place.times.clock() == truth + 16 * MINUTE
    await place.passes(SECOND)
    assert await place.state(1) is State.ESCALATED, "six minutes ago it was due"
    assert await place.state(2) is State.OPEN
    await place.passes(9 * MINUTE)
    assert await place.state(2) is State.ESCALATED


async def test_a_start_with_a_right_clock_says_nothing(place: Place) -> None:
    assert await place.watch.begin() == 0
    await place.shop.report()
    assert await place.watch.begin() == 0


async def test_what_other_machines_wrote_is_left_alone_but_for_what_would_wait_for_hours(
    place: Place,
) -> None:
    """Their clocks are right; a card must not wait five hours all the same."""
    place.watch = place.fresh_watch(alone=False)
    await place.shop.report()
    before = await place.shop.store.next_timer()
    await place.jumps(-5 * HOUR)
    assert await place.shop.store.next_timer() == before
    await place.passes(SECOND)
    assert len(place.shop.telegram.messages) == 1
    assert len(place.told()) == 1
