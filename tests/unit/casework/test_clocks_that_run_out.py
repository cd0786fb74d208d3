"""Clocks: what came due happens once, late or not, and one that fails stops no other."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from bot.clockwork import Clockwork
from bot.domain.case import Case, State, TimerKind
from bot.domain.command import Verb
from bot.domain.report import Because, Phase
from storage.wake import LocalWake
from tests.support.cases import T0
from tests.support.workshop import Workshop, running, until

SECOND, MINUTE = 1_000, 60_000


async def move(shop: Workshop, by: int) -> None:
    """Let time pass, and the clockwork serve what is due then."""
    shop.now += by
    shop.wake.ring("timers")
    async with running(shop.clockwork.run):

        async def served() -> bool:
            due = await shop.store.next_timer()
            return due is None or due > shop.now

        await until(served)


async def case_of(shop: Workshop, number: int = 1) -> Case:
    case = await shop.store.get_case(number)
    assert case is not None
    return case


async def events(shop: Workshop, number: int = 1) -> list[str]:
    """The history without deliveries."""
    history = await shop.store.history(number)
    return [row.entry.event for row in history if row.entry.event != "delivery"]


async def test_nobody_acknowledges(shop: Workshop) -> None:
    """One step up at the deadline that the card tells, not before, and only once."""
    await shop.report()
    due = (await case_of(shop)).acknowledge_due
    assert due is not None
    await move(shop, due - 1 - T0)
    assert (await case_of(shop)).state is State.OPEN
    await move(shop, 1)
    assert (await case_of(shop)).state is State.ESCALATED
    await move(shop, 1)
    assert (await events(shop)).count("escalated") == 1


async def test_who_acknowledges_stops_the_clock(shop: Workshop) -> None:
    """The deadline passes, and nothing happens."""
    await shop.report()
    due = (await case_of(shop)).acknowledge_due
    await shop.act(Verb.ACKNOWLEDGE)
    await move(shop, (due or 0) - T0)
    assert await events(shop) == ["opened", "acknowledged"]


async def test_what_came_due_while_nobody_looked_happens_once_in_its_order(
    shop: Workshop,
) -> None:
    """After a night without power: escalated, then a work order; not once for every hour."""
    await shop.report()
    await move(shop, 10 * 60 * MINUTE)
    assert await events(shop) == ["opened", "escalated", "work_order"]
    assert (await case_of(shop)).work_order == "WO-yard-7-1"


async def test_the_horn_repeats_while_nobody_takes_it(shop: Workshop) -> None:
    """So often as the response says."""
    await shop.report()
    for _ in range(5):
        await move(shop, 30 * SECOND)
    spoken = [row for row in await shop.store.deliveries(1) if row.kind == "announce"]
    assert len(spoken) == 2


async def test_an_emergency_rings_on_until_somebody_is_there(shop: Workshop) -> None:
    """Acknowledged without an arrival, it calls again and again; on arrival it stops."""
    await shop.report(hazard="fall")
    await shop.act(Verb.ACKNOWLEDGE)
    for _ in range(3):
        await move(shop, 5 * MINUTE)
    calls = [row for row in await shop.store.deliveries(1) if row.kind == "text"]
    assert len(calls) >= 3
    await shop.act(Verb.ARRIVE)
    await move(shop, 60 * MINUTE)
    after = [row for row in await shop.store.deliveries(1) if row.kind == "text"]
    assert all(row.payload["key"] != "call.arrive" for row in after[len(calls) :])


async def test_seen_gone_closes_itself_after_its_window(shop: Workshop) -> None:
    """Not a millisecond early, and not if the hazard is back before."""
    await shop.report(id="start", phase=Phase.START, subject="t")
    ended: dict[str, Any] = {"phase": Phase.END, "because": Because.RECTIFIED, "subject": "t"}
    shop.now += SECOND
    await shop.report(id="end", **ended)
    window = 20 * SECOND
    await move(shop, window - 1)
    assert (await case_of(shop)).state is State.OPEN
    await shop.report(id="back", phase=Phase.START, subject="t")
    await move(shop, window)
    assert (await case_of(shop)).state is State.OPEN
    await shop.report(id="end again", **ended)
    await move(shop, window)
    assert (await case_of(shop)).state is State.CLOSED


async def test_a_hazard_that_outlasts_a_close_and_its_cooldown_is_a_new_case(
    shop: Workshop,
) -> None:
    """It opens by itself when the cooldown ends."""
    await shop.report(id="start", phase=Phase.START, subject="t")
    await shop.act(Verb.CLOSE, reason="看过了")
    shop.now += SECOND
    await shop.report(id="still", phase=Phase.CONTINUE, subject="t")
    await move(shop, 3 * MINUTE)
    assert (await case_of(shop, 2)).state is State.OPEN
    assert await events(shop, 2) == ["opened"]


async def test_two_thousand_clocks_due_at_once_are_all_served_once(shop: Workshop) -> None:
    """By two loops that look at the same time, like two processes."""
    async with shop.store.begin() as tx:
        for number in range(2_000):
            await tx.set_timer(number + 100, TimerKind.ACKNOWLEDGE_BY, T0 - number)
    for number in range(3):
        await shop.report(id=f"r{number}", zone=f"z{number}")
    shop.now += 11 * MINUTE
    other = Clockwork(shop.core, shop.timers, LocalWake())
    async with running(shop.clockwork.run, other.run):

        async def served() -> bool:
            due = await shop.store.next_timer()
            return due is not None and due > shop.now

        await until(served, timeout=60)
    for number in range(1, 4):
        assert (await events(shop, number)).count("escalated") == 1


async def test_a_clock_that_fails_is_put_off_and_stops_no_other(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when so many fail that they fill the clockwork's whole look."""
    caplog.set_level(logging.CRITICAL)
    await shop.report(hazard="no_vest")
    async with shop.store.begin() as tx:
        for number in range(300):
            await tx.set_timer(number + 100, TimerKind.RECTIFY_BY, T0 - 1)
    due = shop.timers.due

    async def failing(*timers: Any) -> None:
        if any(timer.case >= 100 for timer in timers):
            raise ValueError("a bug")
        await due(*timers)

    shop.timers.due = failing  # type: ignore[method-assign]  # a fault deep in a decision
    shop.now += 60 * MINUTE
    async with running(shop.clockwork.run):

        async def served() -> bool:
            return (await case_of(shop)).state is not State.OPEN

        await until(served, timeout=30)
    shop.timers.due = due  # type: ignore[method-assign]
    await move(shop, 5 * SECOND)
    assert await shop.store.next_timer() is None or await shop.store.next_timer() > shop.now


async def test_a_clock_set_for_sooner_is_served_in_time(shop: Workshop) -> None:
    """The clockwork sleeps towards a later one and is woken."""
    async with shop.store.begin() as tx:
        await tx.set_timer(100, TimerKind.RECTIFY_BY, T0 + 10 * MINUTE)
    async with running(shop.clockwork.run):
        await asyncio.sleep(0.02)
        async with shop.store.begin() as tx:
            await tx.set_timer(101, TimerKind.RECTIFY_BY, T0)

        async def served() -> bool:
            return await shop.store.next_timer() == T0 + 10 * MINUTE

        await until(served, timeout=0.8)
