"""What every chat channel owes the core, whatever the platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial

import pytest

from bot.domain.error import CopyGone
from bot.domain.message import Button, Mention, Post
from tests.support.consolerig import console_rig
from tests.support.pictures import jpeg
from tests.support.rig import GATE, PIT, Inbox, Rig, TalkingRig
from tests.support.telegramrig import posted_telegram_rig, telegram_rig
from tests.support.webhookrig import webhook_rig

TALKING: dict[str, Callable[[], AbstractAsyncContextManager[TalkingRig]]] = {
    "console": console_rig,
    "telegram": telegram_rig,
    "telegram on a thin line": partial(telegram_rig, compact=True),
    "telegram by webhook": posted_telegram_rig,
}
"""Channels where people speak; a webhook's receiver is a program, and acts by the API."""
RIGS: dict[str, Callable[[], AbstractAsyncContextManager[Rig]]] = {
    **TALKING,
    "webhook": webhook_rig,
}

BUTTONS = ((Button("确认", "1|acknowledge|12|0"), Button("关闭", "1|close|12|0")),)
CARD = Post("🟡 疑似未戴安全帽 · 大门 #12\n七号工地 · 1 人\n状态：待处理", BUTTONS)


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """The channel under test with a chat and a person."""
    async with RIGS[request.param]() as made:
        yield made


@pytest.fixture(params=TALKING)
async def talking(request: pytest.FixtureRequest) -> AsyncIterator[TalkingRig]:
    """The same, where a person can answer."""
    async with TALKING[request.param]() as made:
        yield made


@asynccontextmanager
async def receiving(rig: Rig, inbox: Inbox) -> AsyncIterator[Inbox]:
    """The channel receives meanwhile."""
    task = asyncio.create_task(rig.channel.receive(inbox.take))
    try:
        yield inbox
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_card_appears_with_words_picture_and_buttons(rig: Rig) -> None:
    """What was posted is what people see."""
    sent = await rig.channel.send(rig.chat, CARD, key="1", picture=GATE)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert shown.text == CARD.text
    assert shown.buttons == ("确认", "关闭")
    assert shown.picture == GATE.jpeg


async def test_an_edit_changes_words_and_buttons_and_keeps_the_picture(rig: Rig) -> None:
    """The card tells the new state, with the new state's buttons."""
    sent = await rig.channel.send(rig.chat, CARD, key="1", picture=GATE)
    taken = Post("🟡 #12\n状态：已确认 · 李工", ((Button("关闭", "1|close|12|1"),),))
    await rig.channel.edit(rig.chat, sent.message_id, taken, has_picture=True)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert (shown.text, shown.buttons, shown.picture) == (taken.text, ("关闭",), GATE.jpeg)


async def test_an_edit_without_buttons_takes_them_away(rig: Rig) -> None:
    """A closed case has nothing to press."""
    sent = await rig.channel.send(rig.chat, CARD, key="1", picture=GATE)
    await rig.channel.edit(rig.chat, sent.message_id, Post("#12 已关闭"), has_picture=True)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert shown.buttons == ()


async def test_an_edit_can_replace_the_picture(rig: Rig) -> None:
    """The after-picture takes the place of the first one."""
    sent = await rig.channel.send(rig.chat, CARD, key="1", picture=GATE)
    await rig.channel.edit(rig.chat, sent.message_id, CARD, has_picture=True, picture=PIT)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert (shown.text, shown.picture) == (CARD.text, PIT.jpeg)


async def test_a_text_is_edited_too(rig: Rig) -> None:
    """Messages without a picture change their words."""
    sent = await rig.channel.send(rig.chat, CARD, key="1")
    await rig.channel.edit(rig.chat, sent.message_id, Post("#12 已关闭"), has_picture=False)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert (shown.text, shown.picture) == ("#12 已关闭", None)


async def test_an_edit_that_changes_nothing_is_success(rig: Rig) -> None:
    """Repeating an edit after a crash is harmless."""
    sent = await rig.channel.send(rig.chat, CARD, key="1", picture=GATE)
    for _ in range(2):
        await rig.channel.edit(rig.chat, sent.message_id, CARD, has_picture=True)
    assert await rig.count() == 1


async def test_editing_a_message_that_is_gone_says_so(rig: Rig) -> None:
    """The courier then stops editing that copy."""
    with pytest.raises(CopyGone):
        await rig.channel.edit(rig.chat, "987654", CARD, has_picture=True)


@pytest.mark.parametrize("words", ["<b>5 < 6 & 7 > 6</b> &amp;", "_*[`~", "a\n\n  b", "🟡🔴" * 20])
async def test_what_people_wrote_is_shown_as_they_wrote_it(rig: Rig, words: str) -> None:
    """No markup is read out of names, reasons or notes."""
    sent = await rig.channel.send(rig.chat, Post(f"#12 {words}"), key="1")
    shown = await rig.shown(sent.message_id)
    assert shown
    assert shown.text == f"#12 {words}"


async def test_mentions_stand_in_the_message(rig: Rig) -> None:
    """Who is called can be read, linked to the platform or not."""
    post = Post("🔴 #31", mentions=(Mention("李工", rig.person_id), Mention("王监督")))
    sent = await rig.channel.send(rig.chat, post, key="1", picture=GATE)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert "@李工" in shown.text
    assert "@王监督" in shown.text


async def test_a_long_card_keeps_its_first_line(rig: Rig) -> None:
    """Whatever must give way, the lock-screen line stays whole."""
    post = Post("🔴 紧急 疑似人员摔倒 · 基坑东侧 #31\n" + "很长的说明\n" * 3_000, BUTTONS)
    sent = await rig.channel.send(rig.chat, post, key="1", picture=GATE)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert shown.text.startswith("🔴 紧急 疑似人员摔倒 · 基坑东侧 #31\n")
    assert len(shown.text.encode("utf-16-le")) // 2 <= rig.channel.capabilities.max_caption


async def test_a_text_arrives_with_its_sender_and_what_it_answers(talking: TalkingRig) -> None:
    """Everything is there that is needed to carry the command out after a crash."""
    card = await talking.channel.send(talking.chat, CARD, key="1", picture=GATE)
    async with receiving(talking, Inbox()) as inbox:
        await talking.says("关闭 12 已整改", reply_to=card.message_id)
        (incoming,) = await inbox.wait(1)
    assert (incoming.kind, incoming.text) == ("text", "关闭 12 已整改")
    assert incoming.chat == talking.chat
    assert (incoming.sender.id, incoming.sender.name) == (talking.person_id, talking.person_name)
    assert not incoming.sender.anonymous
    assert (incoming.reply_to, incoming.reply_to_own) == (card.message_id, True)
    assert incoming.reply_text == CARD.text
    assert incoming.channel == talking.channel.name
    assert incoming.message_id
    assert incoming.sent_at > 0


async def test_a_picture_arrives_and_can_be_fetched(talking: TalkingRig) -> None:
    """A bare photo in reply to the card: the after-picture."""
    card = await talking.channel.send(talking.chat, CARD, key="1", picture=GATE)
    async with receiving(talking, Inbox()) as inbox:
        await talking.sends_picture(jpeg(40, 30), reply_to=card.message_id)
        (incoming,) = await inbox.wait(1)
    assert (incoming.kind, incoming.text, incoming.reply_to) == ("photo", "", card.message_id)
    (media,) = incoming.media
    assert media.kind == "photo"
    assert await talking.channel.fetch(media, 1_000_000) == jpeg(40, 30)


async def test_a_press_arrives_and_is_answered(talking: TalkingRig) -> None:
    """With the button's data and the card it stands under."""
    card = await talking.channel.send(talking.chat, CARD, key="1", picture=GATE)
    async with receiving(talking, Inbox()) as inbox:
        answer = await talking.presses(card.message_id, "关闭")
        (incoming,) = await inbox.wait(1)
        assert answer() is None
        assert incoming.press_id
        await talking.channel.answer_press(incoming.press_id, "李工 已关闭 #12")
        assert answer() == "李工 已关闭 #12"
        await talking.channel.answer_press(incoming.press_id, "twice")
    assert (incoming.kind, incoming.data) == ("press", "1|close|12|0")
    assert (incoming.reply_to, incoming.reply_to_own) == (card.message_id, True)
    assert incoming.chat == talking.chat
    assert incoming.sender.id == talking.person_id


async def test_answering_a_press_that_is_long_over_is_success(rig: Rig) -> None:
    """Nobody is left to answer."""
    await rig.channel.answer_press(f"{rig.person_id}:999", "late")


async def test_what_could_not_be_stored_comes_again_in_order(talking: TalkingRig) -> None:
    """Acknowledged to the platform only once it is stored."""
    async with receiving(talking, Inbox(refusals=2)) as inbox:
        await talking.says("确认 12")
        await talking.says("关闭 12")
        found = await inbox.wait(2)
    assert [incoming.text for incoming in found] == ["确认 12", "关闭 12"]
    assert inbox.tries >= 4


async def test_ids_name_an_act_once_and_for_ever(talking: TalkingRig) -> None:
    """Two messages never share a command id, one message never has two."""
    async with receiving(talking, Inbox()) as inbox:
        await talking.says("确认 12")
        await talking.says("确认 12")
        first, second = await inbox.wait(2)
    assert first.command_id != second.command_id


async def test_the_channel_can_be_probed(rig: Rig) -> None:
    """A healthy channel and chat have no faults, and nothing is posted."""
    health = await rig.channel.check([rig.chat])
    assert (health.ok, health.faults) == (True, ())
    assert await rig.count() == 0


async def test_replies_hang_on_what_they_answer(rig: Rig) -> None:
    """An answer shows what it belongs to."""
    card = await rig.channel.send(rig.chat, CARD, key="1")
    answer = await rig.channel.send(rig.chat, Post("好"), key="2", reply_to=card.message_id)
    shown = await rig.shown(answer.message_id)
    assert shown
    assert shown.reply_to == card.message_id
