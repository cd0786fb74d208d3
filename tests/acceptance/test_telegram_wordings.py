"""Every wording of the manual's table, said to a running program: slash, Chinese, English."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.botapi import Message
from tests.support.town import Card, Town, Yard, photo

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.slow]


@dataclass(frozen=True)
class Row:
    """A verb: what it is called in the history, where it leads, and all the ways to say it.

    `before` is said first, by the same person; `who` speaks; `told` stands in the answer.
    """

    event: str
    state: str
    wordings: tuple[str, ...]
    told: str
    before: tuple[str, ...] = ()
    who: str = "li"
    hazard: str = "no_helmet"


ROWS = (
    Row(
        "acknowledged",
        "acknowledged",
        (
            *("/ack {n}", "/ack #{n}", "/ack@loudhailer_test_bot {n}", "/确认 {n}", "/ack{n}"),
            *("确认 {n}", "确认{n}", "确认 #{n}", "确认 # {n}", "确认 {n}号", "确认 {n} 号案件"),
            *("收到{n}", "收到 {n}！", "确认 {n}。", "ack {n}", "Ack #{n}", "acknowledge {n}"),
            *("／ack {n}", "确认　＃{n}"),
        ),
        "已确认",
    ),
    Row(
        "arrived",
        "acknowledged",
        ("/arrive {n}", "到场 {n}", "到场{n}", "arrive {n}", "我已到场 {n}", "on scene {n}"),
        "已到场",
    ),
    Row(
        "rectified",
        "closed",
        ("/fixed {n}", "整改 {n}", "整改完成 {n}", "fixed {n}", "整改 {n} 都戴好了", "已整改 {n}"),
        "已整改",
    ),
    Row(
        "rectified",
        "rectified",
        ("/fixed {n}", "整改 {n}", "整改完成 {n} 护栏装好", "fixed {n}"),
        "等复查",
        hazard="thrown_object",
    ),
    Row(
        "verified",
        "closed",
        (
            *("/verify {n}", "/verify {n} 通过", "复查 {n} 通过", "复查{n}通过", "复查 {n} 合格"),
            *("verify {n} passed", "verify {n} ok", "复查 {n} 通过 看过了"),
        ),
        "复查通过",
        before=("lin:整改 {n}",),
        hazard="thrown_object",
    ),
    Row(
        "verify_failed",
        "open",
        ("复查 {n} 不通过 缺一顶", "/verify {n} 不通过", "verify {n} failed one is missing"),
        "不通过",
        before=("lin:整改 {n}",),
        hazard="thrown_object",
    ),
    Row(
        "closed",
        "closed",
        (
            *("/close {n}", "/close {n} 已整改", "/关闭 {n}", "关闭 {n}", "关闭 {n} 已整改"),
            *("关闭{n}号", "关闭 {n}，已整改", "close {n}", "close {n} fixed", "Close #{n}."),
        ),
        "已关闭",
    ),
    Row(
        "escalated",
        "escalated",
        (
            *("/escalate {n}", "/escalate {n} 没人管", "升级 {n}", "升级 {n} 等不及了"),
            *("escalate {n}", "escalate {n} nobody comes"),
        ),
        "已升级",
    ),
    Row(
        "closed",
        "closed",
        ("/false {n}", "误报 {n}", "误报{n} 是雨衣", "false alarm {n}", "/false {n} a raincoat"),
        "误报",
    ),
    Row(
        "reopened",
        "open",
        ("/reopen {n}", "重开 {n}", "重开 {n} 又摘了", "reopen {n}", "/reopen {n} off again"),
        "已重开",
        before=("关闭 {n}",),
        who="wang",
    ),
    Row(
        "undone",
        "open",
        ("撤销", "撤销 {n}", "/undo", "/undo {n}", "undo", "undo {n}", "撤销。"),
        "撤销了上一步",
        before=("关闭 {n}",),
    ),
    Row(
        "assigned",
        "open",
        (
            *(
                "/assign {n} @张网格",
                "/assign {n} zhang",
                "指派 {n} @张网格",
                "指派 {n} 给 @张网格",
            ),
            *("assign {n} @zhang", "指派{n} @zhang"),
        ),
        "指派给 @张网格",
    ),
    Row(
        "disputed",
        "open",
        ("异议 {n} 那是访客", "/dispute {n} 那是访客", "dispute {n} that was a visitor"),
        "异议",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.event}-{row.hazard}")
async def test_verbs_with_a_number(town: Town, row: Row) -> None:
    """Each wording does its one thing to its case, the card tells it, the history has it once."""
    yard = town.yard("words")
    who = town.users[row.who]
    for wording in row.wordings:
        card = await yard.opens(row.hazard)
        await prepared(yard, card, row)
        before = await town.events(card.number)
        answer = await yard.say(who, wording.format(n=card.number))
        assert f"#{card.number}" in answer.words, wording
        assert row.told in answer.words, wording
        case = await town.case(card.number)
        assert case["state"] == row.state, wording
        added = (await town.events(card.number))[len(before) :]
        assert added == [f"{row.event} {row.who}"], wording
        await yard.shows(card, STATES[row.state])


STATES = {
    "open": "待处理",
    "acknowledged": "已确认",
    "rectified": "待复查",
    "escalated": "已升级",
    "work_order": "已派工单",
    "closed": "已关闭",
}


async def prepared(yard: Yard, card: Card, row: Row) -> None:
    """What the row's case has behind it."""
    for said in row.before:
        who, _, text = said.rpartition(":")
        await yard.say(yard.town.users[who or row.who], text.format(n=card.number))


REPLIES = (
    *[(text, "acknowledged", "acknowledged") for text in ("收到", "知道了", "在处理", "我来")],
    *[(text, "acknowledged", "acknowledged") for text in ("ok", "OK!", "收到👍", "确认", "ack")],
    *[(text, "rectified", "closed") for text in ("已整改", "弄好了", "搞定", "fixed", "整改")],
    ("整改完成", "rectified", "closed"),
    ("看错了", "closed", "closed"),
    *[(text, "closed", "closed") for text in ("关闭", "关闭 已整改", "close", "close fixed")],
    *[(text, "closed", "closed") for text in ("误报", "false alarm", "/close", "/false 雨衣")],
    *[(text, "escalated", "escalated") for text in ("升级", "升级 没人管", "escalate")],
    *[(text, "arrived", "acknowledged") for text in ("到场", "我已到场", "arrive", "/arrive")],
    *[(text, "assigned", "open") for text in ("指派 @张网格", "/assign @zhang")],
    *[(text, "disputed", "open") for text in ("异议 那是访客", "/dispute not us")],
)


async def test_replies_to_a_card_need_no_number(town: Town) -> None:
    """The whole message, or any verb without its number."""
    yard = town.yard("words")
    for text, event, state in REPLIES:
        card = await yard.opens()
        answer = await yard.say(town.li, text, to=card.message)
        assert f"#{card.number}" in answer.words, text
        assert (await town.events(card.number))[1:] == [f"{event} li"], text
        assert (await town.case(card.number))["state"] == state, text


async def test_replies_that_end_or_undo_what_was_said(town: Town) -> None:
    """复查, 重开, 撤销, 查看 as replies; a reply to our answer means its case too."""
    yard = town.yard("words")
    card = await yard.opens("thrown_object")
    done = await yard.say(town.li, "已整改", to=card.message)
    await yard.say(town.lin, "复查 不通过 缺一处", to=card.message)
    await yard.say(town.li, "弄好了", to=done)
    await yard.say(town.lin, "复查 通过", to=card.message)
    await yard.say(town.wang, "重开", to=card.message)
    await yard.say(town.wang, "撤销", to=card.message)
    shown = await yard.say(town.wang, "查看", to=card.message)
    assert "经过：" in shown.words
    assert shown.photo
    assert await town.events(card.number) == [
        "opened system",
        "rectified li",
        "verify_failed lin",
        "rectified li",
        "verified lin",
        "reopened wang",
        "undone wang",
    ]
    assert (await town.case(card.number))["outcome"] == "rectified"


async def test_several_numbers_at_once(town: Town) -> None:
    """A line for each, one hint, one undo for all."""
    yard = town.yard()
    a, b, c = [await yard.opens() for _ in range(3)]
    await yard.say(town.lin, f"关闭 {b.number}")
    answer = await yard.say(town.li, f"关闭 {a.number} {b.number}、{c.number} 已整改")
    first, second, third, hint = answer.words.splitlines()
    assert first.startswith(f"李工 已关闭 #{a.number}（未戴安全帽 · 大门）：已整改。")
    assert second.startswith(f"#{b.number} 现在已关闭：林工 ")
    assert third.startswith(f"李工 已关闭 #{c.number}")
    assert hint == "按错了：10 分钟内发“撤销”。"
    assert answer.words.count("撤销") == 1
    assert not answer.buttons
    for card in (a, c):
        await yard.shows(card, "已关闭 · 已整改 · 李工")
    undone = await yard.say(town.li, "撤销")
    assert [line.split("，")[1][: len(f"#{a.number}")] for line in undone.words.splitlines()] == [
        f"#{a.number}",
        f"#{c.number}",
    ]
    for card in (a, c):
        await yard.shows(card, "待处理")
    assert (await town.case(b.number))["state"] == "closed"
    again = await yard.say(town.li, "撤销")
    assert "没有可以撤销的" in again.words


async def test_a_line_for_each_case(town: Town) -> None:
    """The same verb on several lines is one message about several cases."""
    yard = town.yard()
    a, b = await yard.opens(), await yard.opens()
    await yard.say(town.li, f"关闭 {a.number} 已整改\n关闭 {b.number} 已整改")
    for card in (a, b):
        await yard.shows(card, "已关闭 · 已整改")


async def test_the_end_of_a_number_is_enough_where_it_fits_one(town: Town) -> None:
    """Two to four digits of a live case of this chat, zeros included; the answer names it."""
    yard = town.yard()
    card = await yard.opens()
    while card.number < 100:
        await yard.say(town.li, f"误报 {card.number}")
        card = await yard.opens()
    answer = await yard.say(town.li, f"确认 {str(card.number)[-2:]}")
    assert f"李工 已确认 #{card.number}（" in answer.words
    await yard.shows(card, "已确认")


async def test_numbers_that_are_no_case_here(town: Town) -> None:
    """Unknown ones and those of other chats are told, with what may have been meant."""
    yard, other = town.yard(), town.yard()
    card, foreign = await yard.opens(), await other.opens()
    unknown = await yard.say(town.li, "关闭 987654")
    assert "没有未处理的 #987654" in unknown.words
    assert f"您要的是：#{card.number} 大门？" in unknown.words
    elsewhere = await yard.say(town.li, f"关闭 {foreign.number}")
    assert f"#{foreign.number} 不在这个群里" in elsewhere.words
    bare = await yard.say(town.li, "/close")
    assert "哪一件" in bare.words
    assert f"#{card.number} 大门" in bare.words
    assert (await town.case(foreign.number))["state"] == "open"


async def test_a_bare_photo_in_reply_is_the_after_picture(town: Town) -> None:
    """Kept on the case as such, linked in the API, told by the card."""
    yard = town.yard()
    card = await yard.opens()
    sent = await town.li.photo(yard.group, photo(80, 60, 200), reply_to=card.message)
    answer = await yard.answer(sent)
    assert f"李工 报 #{card.number}（未戴安全帽 · 大门）已整改" in answer.words
    await yard.shows(card, "已关闭 · 已整改", "（见后图）")
    case = await town.case(card.number)
    (after,) = [one for one in case["snapshots"] if one["kind"] == "after"]
    assert after["by"] == "li"
    async with town.http.get(town.program.url + after["url"]) as found:
        assert found.status == 200
        assert (await found.read())[:3] == b"\xff\xd8\xff"


async def test_a_photo_with_words_is_the_after_picture_too(town: Town) -> None:
    """With the number in its caption, or as a file."""
    yard = town.yard()
    card, second = await yard.opens(), await yard.opens()
    sent = await town.li.photo(yard.group, photo(81, 60), f"整改 {card.number}")
    await yard.answer(sent)
    sent = await town.li.document(
        yard.group,
        photo(82, 60),
        "after.jpg",
        mime="image/jpeg",
        caption=f"fixed {second.number}",
    )
    await yard.answer(sent)
    for one in (card, second):
        kinds = [snapshot["kind"] for snapshot in (await town.case(one.number))["snapshots"]]
        assert kinds.count("after") == 1


async def test_a_photo_that_answers_nothing_is_left_alone(town: Town) -> None:
    """People send pictures all day."""
    yard = town.yard()
    card = await yard.opens()
    sent = await town.li.photo(yard.group, photo(83, 60))
    said = await town.li.photo(yard.group, photo(84, 60), "今天中午的饭")
    await yard.silence(sent, said)
    assert (await town.case(card.number))["state"] == "open"


async def test_albums(town: Town) -> None:
    """All pictures of an album belong to the case of its first; one answer, one act."""
    yard = town.yard()
    card = await yard.opens()
    album = [photo(90 + n, 60) for n in range(3)]
    sent = await town.li.album(yard.group, album, reply_to=card.message)
    await yard.answer(sent[0])
    await yard.silence(*sent[1:])
    case = await town.case(card.number)
    assert [one["kind"] for one in case["snapshots"]].count("after") == 3
    assert await town.events(card.number) == [
        "opened system",
        "rectified li",
        "evidence li",
        "evidence li",
    ]


async def test_an_album_of_one_who_may_not(town: Town) -> None:
    """One refusal, and nothing of it is kept on the case."""
    yard = town.yard()
    card = await yard.opens()
    sent = await town.chen.album(yard.group, [photo(94, 60), photo(95, 60)], reply_to=card.message)
    refused = await yard.answer(sent[0])
    assert "您是“查看”权限" in refused.words
    await yard.silence(sent[1])
    case = await town.case(card.number)
    assert [one["kind"] for one in case["snapshots"]] == ["annotated"]
    assert await town.events(card.number) == ["opened system"]


async def test_a_photo_that_cannot_be_had(town: Town) -> None:
    """The word counts, and the person is asked for it again; a passing fault is not told."""
    yard = town.yard()
    card, second = await yard.opens(), await yard.opens()
    town.server.trouble.fail_next("download", "500", times=1)
    sent = await town.li.photo(yard.group, photo(96, 60), reply_to=card.message)
    assert "图没有收到" not in (await yard.answer(sent)).words
    kinds = [snapshot["kind"] for snapshot in (await town.case(card.number))["snapshots"]]
    assert kinds == ["annotated", "after"]
    sent = await town.li.photo(yard.group, b"\xff\xd8\xff no picture", reply_to=second.message)
    answer = await yard.answer(sent)
    assert f"#{second.number}" in answer.words
    assert "图没有收到，请再发一次" in answer.words


CHATTER = (
    "关闭了吗",
    "关闭 {n} 了吗？",
    "不要关闭 {n}",
    "先别关闭 {n}",
    "关闭 {n} 先别",
    "没有关闭 {n}",
    "谁关闭了 {n}",
    "{n} 关闭了没有",
    "怎么关闭 {n}",
    "确认 {n} 了吗",
    "确认 {n} 点开会",
    "确认 {n} 个人到了",
    "关闭 {n}号门",
    "关闭 {n} 号门",
    "升级 {n}.5 版本",
    "误报太多了",
    "整改通知明天发",
    "收到",
    "好的收到",
    "ok",
    "搞定",
    "已整改",
    "看错了",
    "don't close {n}",
    "did you close {n}?",
    "who closed {n}",
    "close {n} doors",
    "please do not ack {n}",
    "复查 {n} 的时候叫我",
    "指派谁去 {n}",
    "今天 {n} 人上班",
    "上报了吗",
    "紧急吗",
    "喊话了没有",
    "静音吗",
    "撤销不了怎么办",
    "请不吝点赞 订阅",
    "Thank you.",
    "12",
    "#{n}",
    "/ack@other_bot {n}",
    "/settings",
    "https://example.com/close/{n}",
)


async def test_chatter_questions_and_negations_do_nothing(town: Town) -> None:
    """Whatever holds a verb but orders nothing: no answer, no entry, no change."""
    yard = town.yard()
    card = await yard.opens()
    said: list[Message] = [
        await town.li.says(yard.group, text.format(n=card.number)) for text in CHATTER
    ]
    said.append(await town.li.says(yard.group, "关闭了吗", reply_to=card.message))
    said.append(await town.li.says(yard.group, "没收到", reply_to=card.message))
    said.append(await town.li.says(yard.group, "收到了吗？", reply_to=card.message))
    said.append(await town.li.forwards(yard.group, f"关闭 {card.number}", town.wang))
    edited = await town.li.says(yard.group, "你好")
    said.append(await town.li.edits(edited, f"关闭 {card.number}"))
    await yard.silence(*said)
    case = await town.case(card.number)
    assert case["state"] == "open"
    assert [entry["event"] for entry in case["history"]] == ["opened"]
    assert "状态：待处理" in card.message.words
