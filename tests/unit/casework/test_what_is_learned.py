"""What is learned is known once it is committed, and no reading of the past takes it away again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot.casework.people import LANGUAGE, MOVED, MUTE
from bot.domain.command import Command, Verb
from bot.domain.message import ChatRef
from tests.support.workshop import LI, Workshop

GROUP = ChatRef("telegram", "-100500")


async def test_what_is_learned_while_the_past_is_read_stays(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that began before a commit and ends after it changes nothing."""
    read = shop.store.all_learned
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(kind: str) -> Mapping[str, Mapping[str, Any]]:
        found = await read(kind)
        begun.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(shop.store, "all_learned", slowly)
    reading = asyncio.create_task(shop.core.recall())
    await begun.wait()
    async with shop.store.begin() as tx:
        await tx.learn(LANGUAGE, "telegram:7", {"language": "en"})
        await tx.learn(MUTE, "gate", {"until": 5})
    go_on.set()
    await reading
    assert shop.core.people.language_of("telegram", "7", "zh") == "en"
    assert shop.core.mutes["gate"] == 5
    await shop.core.recall()
    assert shop.core.people.language_of("telegram", "7", "zh") == "en"


async def test_what_is_rolled_back_was_never_learned(shop: Workshop) -> None:
    """Memory tells what the database tells."""

    async def fails() -> None:
        async with shop.store.begin() as tx:
            await tx.learn(MUTE, "gate", {"until": 5})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert "gate" not in shop.core.mutes


async def test_another_process_taught_it_and_took_it_back(shop: Workshop) -> None:
    """It is known, and forgotten, with the next reading."""
    heard = shop.store._listeners.copy()
    shop.store._listeners.clear()
    async with shop.store.begin() as tx:
        await tx.learn(MOVED, "telegram:-1001", {"id": GROUP.id})
    await shop.core.recall()
    assert shop.core.people.chat_config(GROUP) is not None
    async with shop.store.begin() as tx:
        await tx.forget(MOVED, "telegram:-1001")
    await shop.core.recall()
    assert shop.core.people.chat_config(GROUP) is None
    shop.store._listeners.extend(heard)


@pytest.mark.parametrize("typed", ["en", "En", "EN"])
async def test_a_language_is_learned_however_it_is_typed(shop: Workshop, typed: str) -> None:
    """A telephone begins a word with a capital by itself."""
    args = {"language": typed, "account": "telegram:111"}
    command = Command("l1", LI, Verb.LANGUAGE, shop.now, args=args)
    assert (await shop.casework.carry_out(command)).ok
    assert shop.core.people.language_of("telegram", "111", "zh") == "en"
