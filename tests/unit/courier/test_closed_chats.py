"""Chats that nothing reaches: told once, gone round, and made good when they open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.casework.reach import Reach
from bot.courier import PICTURES
from bot.domain.command import Verb
from bot.domain.error import ChatClosed, PictureRefused
from bot.domain.message import ChatRef, Picture
from bot.domain.report import Shot
from bot.domain.site import Notify
from bot.ports import Undelivered
from tests.support.cases import T0
from tests.support.workshop import ADMINS, CONFIG, GROUP, Workshop

KICKED = ChatClosed("bot was kicked from the group chat", "kicked")
MINUTE = 60_000


def told(shop: Workshop, words: str) -> list[str]:
    """What the admins read of it."""
    return [text for text in shop.console.texts(ADMINS.id) if words in text]


class Doors:
    """The platform with chats that are closed, until they are let open."""

    def __init__(self, shop: Workshop) -> None:
        self.closed: dict[str, ChatClosed] = {}
        self._send, self._edit = shop.telegram.send, shop.telegram.edit
        shop.telegram.send = self.send
        shop.telegram.edit = self.edit

    async def send(self, chat, post, **given):
        if chat.id in self.closed:
            raise self.closed[chat.id]
        return await self._send(chat, post, **given)

    async def edit(self, chat, message_id, post, **given):
        if chat.id in self.closed:
            raise self.closed[chat.id]
        await self._edit(chat, message_id, post, **given)


@pytest.fixture
def doors(shop: Workshop) -> Doors:
    """Which chats are closed."""
    return Doors(shop)


async def test_a_group_that_threw_us_out_is_told_once_and_gone_round(
    shop: Workshop, doors: Doors
) -> None:
    """However many cases come for it; who leads the site gets them in private."""
    doors.closed[GROUP.id] = KICKED
    for n in range(3):
        await shop.report(id=f"r{n}", zone=f"z{n}")
        await shop.deliver()
        await shop.deliver()
        shop.now += 20 * MINUTE
    assert len(told(shop, "拉它进群")) == 1
    assert told(shop, "已放弃") == []
    assert len(shop.telegram.texts("111")) == len(shop.telegram.texts("112")) == 3
    assert [r.state for r in await shop.store.deliveries(1) if r.target == GROUP.key] == ["dead"]


async def test_let_in_again_the_group_gets_what_it_missed(shop: Workshop, doors: Doors) -> None:
    """The cards of live cases, late as they are, and the old cards as they stand now."""
    await shop.report(id="known")
    await shop.deliver()
    doors.closed[GROUP.id] = KICKED
    await shop.report(id="missed", zone="pit")
    await shop.report(id="over", zone="roof")
    await shop.act(Verb.ACKNOWLEDGE, 1)
    await shop.deliver()
    await shop.act(Verb.CLOSE, 3, reason="好了")
    await shop.deliver()
    doors.closed.clear()
    shop.now = T0 + 30 * MINUTE
    async with shop.store.begin() as tx:
        await Reach(shop.core).open(tx, ChatRef("telegram", GROUP.id), shop.now)
    await shop.deliver()
    known, missed = shop.telegram.texts(GROUP.id)
    assert "已确认" in known
    assert "#2" in missed
    assert "⏱ 迟到 30 分钟" in missed
    assert len(told(shop, "又能收到消息了，补发 1 条")) == 1


async def test_what_gets_through_opens_a_chat_as_well(shop: Workshop, doors: Doors) -> None:
    """Nobody told us; the next card is there, and so is what was missed."""
    doors.closed[GROUP.id] = KICKED
    await shop.report(id="missed")
    await shop.deliver()
    doors.closed.clear()
    await shop.report(id="next", zone="pit")
    await shop.deliver()
    await shop.deliver()
    assert len(shop.telegram.texts(GROUP.id)) == 2
    assert not shop.core.people.closed
    doors.closed[GROUP.id] = KICKED
    await shop.report(id="again", zone="roof")
    await shop.deliver()
    await shop.deliver()
    assert len(told(shop, "拉它进群")) == 2


async def test_whom_no_private_message_reaches_is_called_in_the_group(
    shop: Workshop, doors: Doors
) -> None:
    """Once a case; the group shows it anyway."""
    li = replace(CONFIG.members[0], notify=Notify.BOTH)
    config = replace(CONFIG, members=(li, *CONFIG.members[1:]))
    shop.core.people.config = config
    doors.closed["111"] = ChatClosed("bot was blocked by the user", "blocked")
    await shop.report()
    await shop.deliver()
    await shop.deliver()
    (card, call) = shop.telegram.texts(GROUP.id)
    assert "状态" in card
    assert "@李工" in call
    assert "私聊发不到" in call
    assert len(told(shop, "李工 收不到私聊")) == 1


async def test_a_group_that_shows_no_pictures_gets_the_words(shop: Workshop) -> None:
    """Told once; once it shows some again it may be told anew."""
    shop.telegram.capabilities = replace(shop.telegram.capabilities, adds_pictures=True)
    sha = await shop.pictures.put(b"jpeg")
    for n in range(2):
        shop.telegram.refuses_pictures = True
        await shop.report(id=f"r{n}", zone=f"z{n}", shot=Shot(Picture(b"jpeg", sha)))
        await shop.deliver()
        await shop.deliver(kinds=PICTURES)
        await shop.deliver()
    assert len(told(shop, "显示不了照片")) == 1
    assert len(shop.telegram.texts(GROUP.id)) == 2
    shop.telegram.refuses_pictures = False
    await shop.store.retry(Undelivered(), shop.now)
    await shop.deliver(kinds=PICTURES)
    assert not shop.core.people.closed
    assert all(message.picture for message in shop.telegram.messages.values())


async def test_a_dead_letter_that_is_retried_says_how_late_it_is(shop: Workshop) -> None:
    """Its age is that of its first try."""
    shop.telegram.faults.extend([PictureRefused("no"), PictureRefused("no")])
    await shop.report()
    await shop.deliver()
    shop.now = T0 + 10 * MINUTE
    assert len((await shop.store.retry(Undelivered(), shop.now))[0]) == 1
    shop.telegram.faults.clear()
    await shop.deliver()
    assert "⏱ 迟到 10 分钟" in shop.telegram.texts()[0]
