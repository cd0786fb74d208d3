"""The courier as a whole: crashes, stops, many chats at once, and cards that tell the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.courier import courier as loop_of
from bot.courier.courier import LEASE_MS
from bot.domain.command import Verb
from bot.domain.error import RetryLater, Uncertain
from bot.ports import Outgoing
from tests.support.cases import T0
from tests.support.workshop import CONFIG, GROUP, LI, Workshop, running, until, workshop

REPEAT = "可能重复"
REPEAT_MARK = f"（{REPEAT}）"


@asynccontextmanager
async def held(shop: Workshop, chat: str = "-1001"):
    """A courier whose first send into the chat hangs; killed on leaving, as by kill -9."""
    courier = shop.courier()
    shop.telegram.gate.clear()
    loop = asyncio.ensure_future(courier.run())

    async def sending() -> bool:
        return ("send", chat) in shop.telegram.calls

    await until(sending)
    yield courier
    for task in [*courier._running, loop]:  # a kill asks nobody: no outcome is written any more
        task.cancel()
    await asyncio.gather(*courier._running, loop, return_exceptions=True)
    shop.telegram.gate.set()


async def test_what_was_under_way_at_a_crash_is_sent_again_and_says_so(shop: Workshop) -> None:
    """After the lease, by the next courier."""
    await shop.report()
    async with held(shop):
        pass
    await shop.deliver()
    assert shop.telegram.texts() == []
    shop.now += LEASE_MS
    await shop.deliver()
    assert [REPEAT in text for text in shop.telegram.texts()] == [True]


async def test_a_sentence_under_way_at_a_crash_is_not_said_again(shop: Workshop) -> None:
    """It is on record as interrupted, on the case and on its card."""
    await shop.report()
    shop.announcer.gate.clear()
    courier = shop.courier(speaks=True)
    loop = asyncio.ensure_future(courier.run())

    async def speaking() -> bool:
        return bool(shop.announcer.said)

    await until(speaking)
    for task in [*courier._running, loop]:
        task.cancel()
    await asyncio.gather(*courier._running, loop, return_exceptions=True)
    shop.announcer.gate.set()
    shop.now += LEASE_MS
    await shop.deliver(speaks=True)
    assert len(shop.announcer.said) == 1
    (row,) = [row for row in await shop.store.deliveries(1) if row.kind == "announce"]
    assert row.outcome is not None
    assert row.outcome["outcome"] == "interrupted"


async def test_stopping_waits_for_what_is_under_way(shop: Workshop) -> None:
    """The send that the stop met is written down; nothing new is begun."""
    await shop.report()
    shop.telegram.gate.clear()
    courier = asyncio.ensure_future(shop.courier().run())

    async def sending() -> bool:
        return bool(shop.telegram.calls)

    await until(sending)
    courier.cancel()
    await asyncio.sleep(0)
    await shop.report(id="second", zone="pit")
    shop.telegram.gate.set()
    await asyncio.gather(courier, return_exceptions=True)
    assert len(shop.telegram.messages) == 1
    assert [copy.case for copy in await shop.store.copies(1)] == [1]
    assert (await shop.store.deliveries(1))[0].state == "done"


async def test_a_delivery_that_takes_long_keeps_its_row(shop: Workshop) -> None:
    """The lease is renewed while it lasts: nobody else sends the card."""
    await shop.report()
    shop.telegram.gate.clear()
    one, two = shop.courier(), shop.courier()
    async with running(one.run, two.run):

        async def sending() -> bool:
            return bool(shop.telegram.calls)

        await until(sending)
        for _ in range(6):
            shop.now += LEASE_MS // 2
            shop.wake.ring("outbox")

            async def renewed() -> bool:
                (row, *_) = await shop.store.deliveries(1)
                return row.due == shop.now + LEASE_MS

            await until(renewed)

        async def sent() -> bool:
            return not one.under_way + two.under_way

        shop.telegram.gate.set()
        await until(sent)
    assert len(shop.telegram.messages) == 1
    assert not any(REPEAT in text for text in shop.telegram.texts())


async def test_a_database_away_for_longer_than_a_lease_costs_no_second_card(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is under way is renewed first, once it is back."""
    away, met = False, 0

    def breaking(real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def called(*given: Any, **more: Any) -> Any:
            nonlocal met
            if away:
                met += 1
                raise OSError("disk I/O error")
            return await real(*given, **more)

        return called

    for name in ("renew", "claim", "next_due"):
        monkeypatch.setattr(shop.store, name, breaking(getattr(shop.store, name)))
    monkeypatch.setattr(loop_of, "_AFTER_FAULT_S", 0.01)
    await shop.report()
    shop.telegram.gate.clear()
    one = shop.courier()
    async with running(one.run):

        async def sending() -> bool:
            return bool(shop.telegram.calls)

        async def tried() -> bool:
            return met >= 3

        async def renewed() -> bool:
            (row, *_) = await shop.store.deliveries(1)
            return row.due == shop.now + LEASE_MS

        await until(sending)
        away = True
        shop.now += LEASE_MS + 1_000
        shop.wake.ring("outbox")
        await until(tried)
        away = False
        await until(renewed)
        shop.telegram.gate.set()
        await shop.until_idle(one)
    assert [REPEAT in text for text in shop.telegram.texts()] == [False]


async def test_a_chat_that_hangs_holds_up_no_other(shop: Workshop) -> None:
    """A hundred cards for it, and the card for another yard is there at once."""
    for n in range(100):
        await shop.report(id=f"r{n}", zone=f"z{n}")
    async with held(shop):
        shop.telegram.gate = asyncio.Event()  # those that hang go on hanging
        shop.telegram.gate.set()
        stuck = len(shop.telegram.messages)
        await shop.report(id="other", site="yard-8", camera="door")

        async def arrived() -> bool:
            return len(shop.telegram.texts("-1008")) == 1

        await until(arrived)
        assert stuck == 0


async def test_a_hundred_sentences_keep_no_card_from_its_chat(shop: Workshop) -> None:
    """What is spoken has its own courier."""
    shop.announcer.gate.clear()
    crier = shop.courier(speaks=True)
    async with running(shop.courier().run, crier.run):
        for n in range(100):
            async with shop.store.begin() as tx:
                payload = {"expires_at": T0 + 10_000, "language": "zh", "text": f"{n}"}
                await tx.send(Outgoing("announce", "horn", payload, T0))

        async def busy() -> bool:
            return len(shop.announcer.said) >= 8

        await until(busy)
        await shop.report()

        async def arrived() -> bool:
            return len(shop.telegram.messages) == 1

        await until(arrived)
        shop.announcer.gate.set()
        await shop.until_idle(crier)
    assert len(shop.announcer.said) == 101


async def test_after_the_card_its_text_and_never_before(shop: Workshop) -> None:
    """The call to the next in the chain is a reply to the card, whatever went wrong with that."""
    shop.telegram.faults.extend([RetryLater("away"), Uncertain("cut")])
    await shop.report()
    await shop.act(Verb.ESCALATE, actor=LI)
    for _ in range(3):
        await shop.deliver()
        shop.now += 5_000
    first, repeat, call = shop.telegram.messages.values()
    assert (first.reply_to, repeat.reply_to, call.reply_to) == (None, None, repeat.id)


async def test_an_outcome_that_cannot_be_written_is_not_sent_again(shop: Workshop) -> None:
    """The database fails four times while the message is out; in the end it is on record, once."""
    broken = 0
    begin = shop.store.begin

    def failing():
        nonlocal broken
        if shop.telegram.messages and broken < 4:
            broken += 1
            raise OSError("disk I/O error")
        return begin()

    await shop.report()
    shop.store.begin = failing  # the seam of the database, below everything that is tested
    await shop.deliver()
    assert broken == 4
    assert len(shop.telegram.messages) == 1
    assert [copy.shown for copy in await shop.store.copies(1)] == [1]


async def test_the_pace_of_a_chat_survives_a_restart(sqlite_url: str, tmp_path: Path) -> None:
    """Twenty a minute, whoever counts: couriers start anew between the messages."""
    chats = tuple(replace(chat, messages_per_minute=None) for chat in CONFIG.chats)
    async with workshop(sqlite_url, tmp_path, replace(CONFIG, chats=chats)) as shop:
        shop.telegram.capabilities = replace(shop.telegram.capabilities, messages_per_minute=20)
        for n in range(30):
            said = {"text": f"{n}"}
            async with shop.store.begin() as tx:
                await tx.send(Outgoing("text", GROUP.key, said, shop.now))
        for _ in range(3):
            await shop.deliver()
            shop.now += 1_000
        assert len(shop.telegram.messages) == 16
        await shop.report(id="fall", hazard="fall", zone="pit")
        await shop.deliver()
        assert len(shop.telegram.messages) == 17
        shop.now = T0 + 59_999
        await shop.deliver()
        assert len(shop.telegram.messages) == 17
        shop.now = T0 + 60_000
        await shop.deliver()
        assert len(shop.telegram.messages) > 17
