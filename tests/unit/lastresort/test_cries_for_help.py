"""What people send while the inbox cannot be written: kept in order, a cry for help is heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.casework import Intake
from bot.domain.command import Verb
from bot.domain.error import Unavailable
from bot.domain.message import Incoming, Sender
from bot.lastresort import LastResort
from handlers.entrance import Entrance
from storage.journal import JournalFile
from tests.support.workshop import GROUP, Workshop, running, until


class Inbox:
    """The table, which can be away; what it stored."""

    def __init__(self, shop: Workshop) -> None:
        self.away, self.hangs = False, False
        self.stored: list[str] = []
        shop.store.take_in = self._take_in  # type: ignore[method-assign]  # the seam

    async def _take_in(self, incoming: Incoming, now: int, queue: str) -> bool:
        if self.hangs:
            await asyncio.sleep(3600)
        if self.away:
            raise OSError("disk I/O error")
        self.stored.append(incoming.text)
        return True


class Door:
    def __init__(self, shop: Workshop, folder: Path) -> None:
        self.shop, self.inbox = shop, Inbox(shop)
        self.journal = JournalFile(folder, 64 * 1024)
        self.resort = LastResort(shop.desk, self.journal)
        self.entrance = Entrance(shop.core, self.resort)
        self._count = 0

    def says(self, text: str, user: str = "111", *, id: str = "") -> Incoming:
        self._count += 1
        sender = Sender(user, "somebody")
        id = id or f"message:-1001:{self._count}"
        return Incoming("telegram", id, GROUP, sender, "text", text, sent_at=self.shop.now)

    async def take(self, incoming: Incoming) -> None:
        await self.entrance.take(incoming, self.shop.now)


@pytest.fixture
async def door(
    shop: Workshop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Door]:
    caplog.set_level(logging.CRITICAL)
    opened = Door(shop, tmp_path)
    await opened.resort.open()
    yield opened
    await asyncio.to_thread(opened.journal.close)


@pytest.mark.parametrize("words", ["紧急 有人被压住", "/sos trapped", "sos"])
async def test_a_cry_for_help_goes_out_at_once(door: Door, words: str) -> None:
    """It is not acknowledged, comes again, and is the same case then."""
    shop = door.shop
    door.inbox.away = True
    cry = door.says(words)
    async with running(door.resort.run):
        with pytest.raises(OSError, match="disk"):
            await door.take(cry)

        async def told() -> bool:
            return bool(shop.telegram.texts(GROUP.id))

        await until(told)

        async def recorded() -> bool:
            return door.resort.pending == 0

        await until(recorded)
    assert "尚未入库" in shop.telegram.texts(GROUP.id)[0]
    case = await shop.store.get_case(1)
    assert case is not None
    assert (case.hazard, case.reported_by) == ("sos", "li")
    args = {"text": "有人被压住"}
    answer = await shop.act(Verb.SOS, 0, id=cry.command_id, chat=GROUP, args=args)
    assert answer.cases == (1,)
    assert await shop.store.get_case(2) is None


@pytest.mark.parametrize(
    ("words", "user"),
    [("关闭 12 已整改", "111"), ("收到", "111"), ("紧急 有人被压住", "999"), ("不紧急", "111")],
)
async def test_nothing_else_does(door: Door, words: str, user: str) -> None:
    """An ordinary word can wait; a stranger's cannot be believed."""
    door.inbox.away = True
    with pytest.raises(OSError, match="disk"):
        await door.take(door.says(words, user))
    assert door.resort.pending == 0


async def test_a_hanging_inbox_is_not_waited_for(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few seconds, and the cry goes another way."""
    monkeypatch.setattr("handlers.entrance._STORED_WITHIN_S", 0.1)
    door.inbox.hangs = True
    with pytest.raises(TimeoutError):
        await door.take(door.says("紧急 有人被压住"))
    assert door.resort.pending == 1


async def test_a_chat_is_stored_in_its_order(door: Door) -> None:
    """What follows a message that was not stored waits for it; in vain not for ever."""
    first, second = door.says("关闭 12"), door.says("撤销")
    door.inbox.away = True
    with pytest.raises(OSError, match="disk"):
        await door.take(first)
    door.inbox.away = False
    with pytest.raises(Unavailable):
        await door.take(second)
    await door.take(first)
    await door.take(second)
    assert door.inbox.stored == ["关闭 12", "撤销"]
    door.inbox.away = True
    with pytest.raises(OSError, match="disk"):
        await door.take(door.says("one that never comes again"))
    door.inbox.away = False
    door.shop.now += 61_000
    await door.take(door.says("still here"))
    assert door.inbox.stored[-1] == "still here"


async def test_intake_and_door_share_one_case(door: Door) -> None:
    """A report of a box beside the cry is another case: neither swallows the other."""
    door.inbox.away = True
    with pytest.raises(OSError, match="disk"):
        await door.take(door.says("紧急 有人被压住"))
    intake = Intake(door.shop.core, door.resort)
    async with running(intake.run, door.resort.run):
        answer = await intake.report(door.shop.a_report(id="f", hazard="fall"))
    assert answer.case == 2
    assert (await door.shop.store.get_case(1)) is not None
