"""Forums, moved groups, privacy mode, outages: where people talk to a running program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.botapi import Chat, Message
from tests.support.town import ADMIN_CHAT, PATIENCE_S, Town, is_card, photo

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.slow]


@contextmanager
def minutes_ago(town: Town, minutes: float) -> Iterator[None]:
    """What people send in this block was sent so long ago."""
    clock = town.server.world.clock
    town.server.world.clock = lambda: time.time() - minutes * 60
    try:
        yield
    finally:
        town.server.world.clock = clock


# -- chats that are not configured


async def test_a_group_that_nobody_has_configured(town: Town) -> None:
    """It can find out its id, and nothing else works there."""
    group = town.server.group(-777, "新群")
    asked = await town.li.says(group, "/chatid")
    answer = await town.message(group, lambda m: m.reply_to is asked)
    assert answer.words == "本群编号：-777。还没有写进站点文件的 [[chats]]。"
    silent = [await town.li.says(group, text) for text in ("/cases", "/sos", "关闭 1", "未处理")]
    asked = await town.stranger.says(group, "/whoami")
    await town.message(group, lambda m: m.reply_to is asked)
    assert not [m.words for m in town.server.messages(group) if m.reply_to in silent]
    forum = town.server.group(-778, "新论坛", topics=(5,))
    asked = await town.li.says(forum, "/chatid", topic=5)
    answer = await town.message(forum, lambda m: m.reply_to is asked)
    assert "-778 (topic 5)" in answer.words
    assert answer.topic == 5


async def test_a_configured_group_tells_its_id(town: Town) -> None:
    """To a stranger as well: it is needed to set things up."""
    yard = town.yard()
    answer = await yard.say(town.stranger, "/chatid")
    assert answer.words == f"本群编号：{yard.group.id}"


# -- forums


async def test_cards_and_answers_stay_in_the_topic(town: Town) -> None:
    """The chat is one topic of a forum."""
    yard = town.yard("forum")
    card = await yard.opens()
    assert card.message.topic == 7
    answer = await yard.say(town.li, f"确认 {card.number}", topic=7)
    assert answer.topic == 7
    await yard.shows(card, "已确认")
    reply = await yard.say(town.li, "关闭 已整改", to=card.message)
    assert reply.topic == 7
    await yard.shows(card, "已关闭")
    second = await yard.opens()
    press = await yard.press(town.li, second, "升级")
    assert "已升级" in (press.text or "")
    call = await town.message(yard.group, lambda m: m.words.startswith("⬆️"))
    assert call.topic == 7


async def test_answers_go_to_the_topic_of_the_question(town: Town) -> None:
    """The whole forum is the chat: whoever asks in a topic is answered there."""
    yard = town.yard("forum-any")
    card = await yard.opens()
    assert card.message.topic is None
    assert (await yard.say(town.li, "/cases", topic=9)).topic == 9
    assert (await yard.say(town.li, f"确认 {card.number}", topic=7)).topic == 7
    assert (await yard.say(town.li, f"关闭 {card.number}")).topic is None


# -- moved and lost groups


async def test_a_group_that_becomes_a_supergroup(town: Town) -> None:
    """Its live cases get cards there, old messages are let go, the admins are told."""
    yard = town.yard("moving")
    live, over = await yard.opens(), await yard.opens()
    await yard.say(town.li, f"关闭 {over.number}")
    new = town.server.migrate(yard.group, -100_7001)
    card = await town.message(new, lambda m: is_card(m, live.number))
    assert card.photo
    await _told_admins(town, f"群 {yard.group.id} 换了编号：{new.id}")
    await _works_in(town, new, live.number, card)
    assert not [m for m in town.server.messages(new) if is_card(m, over.number)]
    status, body = await yard.report(subject="later", phase="start")
    assert status == 201
    await town.message(new, lambda m: is_card(m, body["case"]))


async def test_a_group_that_moved_while_nobody_looked(town: Town) -> None:
    """The first card that is refused tells the new id; it goes there, and so do the others."""
    yard = town.yard("moving-2")
    old = await yard.opens()
    new = town.server.group(-100_7002, "二搬家工地")
    # messages of the new group count from 1 again: one of ours has the old card's id
    yard.group.migrated_to = new.id
    status, body = await yard.report(subject="later", phase="start")
    assert status == 201
    card = await town.message(new, lambda m: is_card(m, body["case"]))
    again = await town.message(new, lambda m: is_card(m, old.number))
    await _works_in(town, new, old.number, again)
    await _works_in(town, new, body["case"], card)
    assert is_card(card, body["case"])


async def _works_in(town: Town, group: Chat, number: int, card: Message) -> None:
    """Words, a press and edits in the new group."""
    said = await town.li.says(group, f"确认 {number}")
    answer = await town.message(group, lambda m: m.reply_to is said)
    assert f"李工 已确认 #{number}" in answer.words
    await town.server.wait_edit(card, lambda m: "已确认" in m.words, PATIENCE_S)
    press = await town.li.press(card, "升级")
    assert "已升级" in await press.answer(PATIENCE_S)
    await town.server.wait_edit(card, lambda m: "已升级" in m.words, PATIENCE_S)


async def _told_admins(town: Town, words: str) -> Message:
    admins = town.server.world.chats[ADMIN_CHAT]
    return await town.message(admins, lambda m: words in m.words)


async def test_a_bot_that_was_thrown_out(town: Town) -> None:
    """The admins are told once, not at every edit; the case goes on; back in, new cards come."""
    yard = town.yard("kicked")
    card = await yard.opens()
    town.server.kick_bot(yard.group, town.wang)
    await town.command(card.number, "acknowledge", "kicked-1")
    await _told_admins(town, f"telegram:{yard.group.id}")
    await town.command(card.number, "escalate", "kicked-2")
    status, body = await yard.report(subject="unseen", phase="start")
    assert status == 201
    await town.until(
        body["case"],
        lambda case: any(d["kind"] == "card" and d["state"] == "dead" for d in case["deliveries"]),
    )
    admins = town.server.world.chats[ADMIN_CHAT]
    told = [m for m in town.server.messages(admins) if str(yard.group.id) in m.words]
    assert len(told) == 1
    town.server.add_bot(yard.group, town.wang)
    fresh = await yard.opens()
    assert fresh.message.photo
    await yard.say(town.li, f"关闭 {card.number}")
    await yard.shows(card, "已关闭")


# -- privacy mode


async def test_in_privacy_mode_everything_has_a_way(town: Town) -> None:
    """Slash forms, mentions, replies and presses reach the bot; plain words do not."""
    yard = town.yard()
    town.server.privacy = True
    try:
        card = await yard.opens()
        unheard = await town.li.says(yard.group, f"关闭 {card.number}")
        answer = await yard.say(town.li, f"/ack {card.number}")
        assert "已确认" in answer.words
        answer = await yard.say(town.li, f"@loudhailer_test_bot 升级 {card.number}")
        assert "已升级" in answer.words
        await yard.say(town.lin, "收到", to=card.message)
        sent = await town.lin.photo(yard.group, photo(110, 60), reply_to=card.message)
        await yard.answer(sent)
        await yard.shows(card, "已关闭 · 已整改 · 林工", "（见后图）")
        answer = await yard.say(town.wang, "重开", to=card.message)
        await yard.press(town.wang, answer, "撤销")
        await yard.shows(card, "已关闭")
        assert not [m for m in town.server.messages(yard.group) if m.reply_to is unheard]
    finally:
        town.server.privacy = False


# -- late words


async def test_words_that_come_late(town: Town) -> None:
    """Older than ten minutes they do not count where the case has changed since."""
    yard = town.yard()
    changed = await yard.opens()
    await yard.say(town.lin, f"确认 {changed.number}")
    with minutes_ago(town, 15):
        late = await town.li.says(yard.group, f"关闭 {changed.number}")
    words = (await yard.answer(late)).words
    assert "这条指令发于 " in words
    assert f"#{changed.number} 已有变化：现在已确认，林工" in words
    assert (await town.case(changed.number))["state"] == "acknowledged"
    with minutes_ago(town, 5):
        fine = await town.li.says(yard.group, f"关闭 {changed.number}")
    assert "已关闭" in (await yard.answer(fine)).words


async def test_what_was_said_to_a_horn_long_ago_is_not_spoken(town: Town) -> None:
    """A warning is never stale; neither is a silence."""
    yard = town.yard("yard-7")
    with minutes_ago(town, 15):
        spoken = await town.li.says(yard.group, "喊话 大门 请让一让")
        muted = await town.li.says(yard.group, "/mute gate 30m")
        urgent = await town.zhang.says(yard.group, "紧急 有人掉坑里")
    assert "太久了，没有执行" in (await yard.answer(spoken)).words
    assert "太久了，没有执行" in (await yard.answer(muted)).words
    answer = await yard.answer(urgent)
    number = int(answer.words.partition("#")[2].partition("（")[0])
    card = await town.message(yard.group, lambda m: is_card(m, number))
    assert "⏱ 迟到 15 分钟" in card.words


# -- stopping and dying


async def test_what_was_said_while_it_was_down(town: Town) -> None:
    """After SIGTERM and after kill -9: every command once, in order; cards true again."""
    yard = town.yard()
    a, b, c = [await yard.opens() for _ in range(3)]
    assert await town.program.stop() == 0
    first = await town.li.says(yard.group, f"关闭 {a.number} 已整改")
    second = await town.lin.says(yard.group, f"关闭 {a.number}")
    press = await town.wang.press(b.message, "升级")
    await town.program.start()
    assert "李工 已关闭" in (await yard.answer(first)).words
    assert "现在已关闭（已整改）：李工" in (await yard.answer(second)).words
    assert "已升级" in await press.answer(PATIENCE_S)
    await yard.shows(a, "已关闭 · 已整改 · 李工")
    await yard.shows(b, "已升级")
    # acknowledged to Telegram, but perhaps not yet handled
    await town.li.says(yard.group, f"确认 {c.number}")
    await town.program.kill()
    await town.program.start()
    await yard.shows(c, "已确认 · 李工")
    assert await town.events(a.number) == ["opened system", "closed li"]
    assert await town.events(b.number) == ["opened system", "escalated wang"]
    assert await town.events(c.number) == ["opened system", "acknowledged li"]
