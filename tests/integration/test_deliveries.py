"""`deliveries list|retry`: what was given up is found, tried again, and on record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import epoch_ms
from bot.domain.command import Verb
from bot.domain.error import Rejected, Uncertain
from tests.support.databases import sqlite_url
from tests.support.terminal import Ended, Terminal
from tests.support.workshop import Workshop, workshop

__all__ = ["sqlite_url"]

SITE = """
language = "en"
[[sites]]
id = "yard-7"
"""


class Desk:
    """A workshop, and a terminal beside it."""

    def __init__(self, shop: Workshop, terminal: Terminal) -> None:
        self.shop = shop
        self._terminal = terminal

    async def __call__(self, *arguments: str) -> Ended:
        return await asyncio.to_thread(lambda: self._terminal("deliveries", *arguments))

    async def delivers(self) -> None:
        """What the command made due by its own clock goes out."""
        self.shop.now = epoch_ms() + 1000
        await self.shop.deliver()

    async def ids(self, *arguments: str) -> list[int]:
        ended = await self("list", "--json", *arguments)
        assert ended.code == 0, ended.err
        return [row["id"] for row in json.loads(ended.out)]


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Case 1 whose card was refused, case 2 whose card was delivered."""
    async with workshop(sqlite_url, tmp_path) as shop:
        shop.telegram.faults.append(Rejected("token 12345:SECRET-TOKEN-IN-ERROR refused"))
        await shop.report(hazard="no_helmet")
        await shop.deliver()
        await shop.report(hazard="no_vest", id="r2", camera="gate")
        await shop.deliver()
        await shop.deliver(speaks=True)
        await shop.deliver()
        yield Desk(shop, Terminal(tmp_path, SITE, DATABASE_URL=sqlite_url))


async def test_what_was_given_up_is_listed_and_can_be_narrowed(desk: Desk) -> None:
    """For people and for programs; an empty list is said, and is no fault."""
    ended = await desk("list")
    assert ended.code == 0
    assert "dead" in ended.out
    assert "refused" in ended.out
    (dead,) = await desk.ids()
    for fitting in (("--state", "dead"), ("--chat", "telegram:-1001"), ("--case", "1")):
        assert await desk.ids(*fitting) == [dead]
    for other in (("--state", "waiting"), ("--chat", "telegram:-10"), ("--case", "2")):
        assert await desk.ids(*other) == []
    ended = await desk("list", "--case", "2")
    assert (ended.code, ended.out) == (0, "Nothing waits, nothing was lost.\n")
    for wrong in (("--case", "0"), ("--state", "lost"), ("--limit", "0")):
        assert (await desk("list", *wrong)).code == 2


async def test_a_card_that_is_retried_tells_what_is_true_now(desk: Desk) -> None:
    """By its number, by its chat or with all others; its case remembers by whom."""
    shop = desk.shop
    (dead,) = await desk.ids()
    await shop.act(Verb.ACKNOWLEDGE, 1)
    ended = await desk("retry", str(dead))
    assert (ended.code, ended.out) == (0, "1 will be tried again\n")
    await desk.delivers()
    assert any("已确认" in text and "#1" in text for text in shop.telegram.texts("-1001"))
    assert await desk.ids() == []
    noted = [row.entry for row in await shop.store.history(1) if row.entry.event == "retried"]
    assert [entry.data["was"] for entry in noted] == ["dead"]
    assert noted[0].private["by"]
    assert await shop.store.verify_audit() == (2, [])


async def test_what_cannot_be_retried_is_said(desk: Desk) -> None:
    """Exit code 1 and the number; the others are tried all the same."""
    (dead,) = await desk.ids()
    ended = await desk("retry", str(dead), "9999")
    assert ended.code == 1
    assert "9999" in ended.err
    assert "1 will be tried again" in ended.out
    assert (await desk("retry")).code == 0, "nothing is left, and that is fine"
    assert (await desk("retry", "one")).code == 2


async def test_only_one_chats_letters(desk: Desk) -> None:
    """The others stay dead."""
    assert "0 will" in (await desk("retry", "--chat", "telegram:-1008")).out
    assert len(await desk.ids("--state", "dead")) == 1
    assert "1 will" in (await desk("retry", "--chat", "telegram:-1001")).out


async def test_old_words_about_a_closed_case_stay(desk: Desk) -> None:
    """Its card tells how it ended; nobody is called to it any more."""
    shop = desk.shop
    shop.telegram.faults.extend([None, Rejected("no")])
    await shop.act(Verb.ESCALATE, 2)
    await shop.deliver()
    await shop.act(Verb.CLOSE, 2, reason="fixed")
    await shop.deliver()
    words = [row for row in await shop.store.undelivered() if row.case == 2 and row.kind == "text"]
    assert words, "the test has nothing to show"
    ended = await desk("retry", "--case", "2")
    assert ended.code == 1
    assert "closed cases" in ended.out


async def test_what_is_uncertain_says_that_it_may_be_a_repeat(desk: Desk) -> None:
    """It is retried only where it is asked for."""
    shop = desk.shop
    shop.telegram.faults.extend([None, Uncertain("reset")])
    await shop.act(Verb.ESCALATE, 2)
    await shop.deliver()
    (row,) = await desk.ids("--state", "uncertain")
    assert "0 will" not in (await desk("retry")).out
    assert await desk.ids("--state", "uncertain") == [row]
    assert (await desk("retry", "--state", "uncertain")).code == 0
    await desk.delivers()
    assert any("可能重复" in text for text in shop.telegram.texts("-1001"))
