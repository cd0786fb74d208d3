"""Whatever happens while couriers come and go on a bad platform: every known copy ends up true."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.courier import Courier
from bot.courier.courier import LEASE_MS
from bot.domain.command import Verb
from bot.domain.error import DeliveryError, RetryLater, Uncertain
from bot.domain.report import Because, Phase
from bot.texts.cards import card
from tests.support.databases import new_sqlite
from tests.support.workshop import GROUP, WANG, Workshop, running, until, workshop

REPEAT = "可能重复"
MARK = f"（{REPEAT}）"
VERBS = [Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.CLOSE, Verb.REOPEN, Verb.ARRIVE, Verb.DISPUTE]
PLACES = st.integers(1, 3)
FAULTS = [RetryLater("away"), RetryLater("429", 1.0), Uncertain("cut")]

steps = st.one_of(
    st.tuples(st.just("seen"), PLACES, st.sampled_from([Phase.EVENT, Phase.START])),
    st.tuples(st.just("gone"), PLACES),
    st.tuples(st.just("act"), PLACES, st.sampled_from(VERBS)),
    st.tuples(st.just("trouble"), st.sampled_from(FAULTS), st.booleans()),
    st.tuples(st.just("later"), st.integers(100, 70_000)),
    st.tuples(st.just("at work"), st.sampled_from([0.0, 0.01, 0.03])),
    st.tuples(st.just("plug pulled"), st.booleans()),
)


class World:
    """A workshop in which things happen, and the courier that must keep up with them."""

    def __init__(self, shop: Workshop, stack: AsyncExitStack) -> None:
        self.shop, self._stack = shop, stack
        self._ids = count(1)
        self.courier = Courier(shop.desk, shop.wake)

    async def start(self) -> None:
        self.courier = self.shop.courier()
        await self._stack.enter_async_context(running(self.courier.run))

    async def happens(self, what: str, *given: object) -> None:
        """One step; see `steps`."""
        shop = self.shop
        shop.now += 100
        match what, *given:
            case "seen", int(place), Phase() as phase:
                await self._report(place, phase, None)
            case "gone", int(place):
                await self._report(place, Phase.END, Because.RECTIFIED)
            case "act", int(case), Verb() as verb:
                if await shop.store.get_case(case):
                    await shop.act(verb, case, WANG, reason="看过了")
            case "trouble", DeliveryError() as fault, bool(arrives):
                shop.telegram.faults.append(fault)
                shop.telegram.arrives = arrives
            case "later", int(ms):
                await self._later(ms)
            case "at work", float(seconds):
                await asyncio.sleep(seconds)
            case "plug pulled", bool(in_flight):
                await self._pull_the_plug(in_flight)

    async def _report(self, place: int, phase: Phase, because: Because | None) -> None:
        given = {"phase": phase, "because": because, "zone": f"z{place}"}
        await self.shop.intake.report(self.shop.a_report(id=f"r{next(self._ids)}", **given))

    async def _pull_the_plug(self, in_flight: bool) -> None:
        """What is being sent is never heard of again, and another courier starts."""
        if in_flight:
            self.shop.telegram.gate.clear()
            self.shop.wake.ring("outbox")
            await asyncio.sleep(0.01)
        for task in tuple(self.courier._running):
            task.cancel()
        await self._stack.aclose()
        self.shop.telegram.gate.set()
        await self._stack.enter_async_context(running(self.shop.intake.run))
        await self.start()

    async def _later(self, ms: int) -> None:
        """Time goes by between two calls: no call takes longer than its lease."""

        async def between() -> bool:
            return not self.courier.under_way

        await until(between)
        self.shop.now += ms
        self.shop.wake.ring("outbox")

    async def calm(self) -> None:
        """No trouble any more, and time for everything to be tried again."""
        self.shop.telegram.faults.clear()
        for _ in range(6):
            await self._later(LEASE_MS + 61_000)
            await self.shop.until_idle(self.courier)


async def live(story: list[tuple[object, ...]], folder: Path) -> None:
    async with workshop(new_sqlite(folder / "test.db"), folder) as shop, AsyncExitStack() as stack:
        world = World(shop, stack)
        await stack.enter_async_context(running(shop.intake.run))
        await world.start()
        for step in story:
            await world.happens(*step)
        await world.calm()
        await all_true(shop)


async def all_true(shop: Workshop) -> None:
    """Each case has a copy in its chat, and each known copy reads like a card made now.

    A message that is no known copy is a double, and the one after it says so.
    """
    known: set[str] = set()
    number = 1
    while case := await shop.store.get_case(number):
        copies = await shop.store.copies(number)
        assert copies, f"case {number} is shown nowhere"
        for copy in copies:
            known.add(copy.message_id)
            facts = await shop.desk.facts.of(case, "telegram", copy=copy)
            reads = shop.telegram.messages[copy.message_id].post.text.replace(MARK, "")
            assert reads == card(case, facts, "zh").text
            assert copy.shown >= copy.wanted
        number += 1
    cards = [one for one in shop.telegram.messages.values() if one.post.version]
    for ghost in [one for one in cards if one.id not in known]:
        later = [one for one in cards if one.post.case == ghost.post.case and one.id > ghost.id]
        assert REPEAT in later[0].history[0], "a double that does not say so"
    assert await shop.store.verify_audit() == (number - 1, [])
    assert all(message.chat == GROUP for message in cards)


@given(st.lists(steps, min_size=5, max_size=40))
@settings(max_examples=15)
def test_every_known_copy_ends_up_telling_the_truth(story: list[tuple[object, ...]]) -> None:
    """People act, hazards go and come back, calls fail before and after they took effect."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live([("seen", 1, Phase.EVENT), *story], Path(folder)))
