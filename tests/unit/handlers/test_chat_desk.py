"""The desk over a real database, with a clock that can be moved."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from bot.domain.callback import Press, encode
from bot.domain.case import Case, State, TimerKind
from bot.domain.command import Verb
from bot.domain.message import Sender
from bot.domain.role import Role
from bot.domain.site import Member
from handlers.interpret import Interpreter
from tests.support.cases import MINUTE
from tests.support.chathouse import (
    ADMINS,
    BOT,
    BOTH_SITES,
    DESK,
    FORUM,
    GROUP,
    OTHER_GROUP,
    PARTY,
    UNKNOWN_GROUP,
    ChatHouse,
    answers,
    passing_fault,
    picture,
    private,
)
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def state(house: ChatHouse, case: Case) -> State:
    return (await house.case(case.number)).state


async def kinds(house: ChatHouse, case: Case) -> list[str]:
    return [snapshot.kind for snapshot in await house.store.snapshots(case.number)]


# -- once, in order, at most


async def test_a_message_is_carried_out_once(house: ChatHouse) -> None:
    """Telegram may hand it on again after a crash: answered once, done once."""
    case = await house.opens()
    incoming = house.message(f"确认 {case.number}")
    assert len(answers(await house.take(incoming))) == 1
    assert answers(await house.take(incoming)) == []
    history = await house.store.history(case.number)
    assert [row.entry.event for row in history].count("acknowledged") == 1


async def test_one_chats_words_keep_their_order(house: ChatHouse) -> None:
    """The first to say it has it."""
    case = await house.opens()
    first, second = (
        house.message(f"关闭 {case.number}"),
        house.message(f"误报 {case.number}", "wang"),
    )
    await house.take(first, second)
    closed = await house.case(case.number)
    assert closed.last is not None
    assert closed.last.actor == "li"


async def test_a_chat_that_takes_long_holds_up_no_other(house: ChatHouse) -> None:
    """While a picture is fetched for one, the others are answered."""
    case, other = await house.opens(), await house.opens(camera="door")
    copy = await house.shown(case)
    house.photos.faults = [passing_fault()]  # the next try is only in 0.3 s
    await house.desk.take(house.message("", reply_to=copy, photo=picture()))
    await house.desk.take(house.message(f"ack {other.number}", chat=OTHER_GROUP))
    async with asyncio.timeout(PATIENCE_S):
        while (await house.case(other.number)).state is State.OPEN:
            await asyncio.sleep(0.001)
    assert await state(house, case) is State.OPEN
    await house.handled()
    assert await state(house, case) is State.CLOSED
    assert "after" in await kinds(house, case)
    await house.rows()


async def test_nul_is_no_part_of_a_text(house: ChatHouse) -> None:
    """PostgreSQL does not keep it."""
    case = await house.opens()
    assert "已关闭" in await house.told(f"关闭 {case.number} a\x00b")


# -- who is told what


async def test_a_stranger_is_told_again_after_ten_minutes(house: ChatHouse) -> None:
    """Not at every word, and not never again; each chat and person for itself."""
    case = await house.opens()
    said = f"关闭 {case.number}"
    assert "还没绑定身份" in await house.told(said, "nobody")
    assert answers(await house.says(said, "nobody")) == []
    house.later(9)
    assert answers(await house.says(said, "nobody")) == []
    other = {"sender": Sender("998")}
    assert len(answers(await house.says(said, **other))) == 1
    house.later(2)
    assert "还没绑定身份" in await house.told(said, "nobody")
    refused = [row.entry for row in await house.store.history(case.number)]
    assert [entry.actor for entry in refused if entry.event == "refused"] == [
        "?telegram:999",
        "?telegram:999",
        "?telegram:999",
        "?telegram:998",
        "?telegram:999",
    ]


CONSOLE = {"channel": "console", "chat": DESK, "sender": Sender("li", "李工")}


async def test_what_is_half_said_to_us_is_told(house: ChatHouse) -> None:
    """In private, on the console, by name and in reply; with the cases that may be meant."""
    case = await house.opens()
    for text in ("关闭", "升级。", "关闭 abc", "close", "Close abc"):
        for to_us in ({"chat": private(111)}, CONSOLE):
            told = await house.told(text, **to_us)
            assert "请带上号码" in told, text
            assert f"#{case.number}" in told
    assert "请带上号码" in await house.told(f"@{BOT} 关闭")
    ours = {"reply_to": "4711", "reply_to_own": True, "reply_text": "喊话器已启动"}
    assert "请带上号码" in await house.told("升级", **ours)
    assert "没有这个命令：/foo" in await house.told("/foo", **CONSOLE)


@pytest.mark.parametrize(
    "text", ["关闭", "升级", "关闭 abc", "/foo", "收到", "整改中", "升级一下系统", "fixed the gate"]
)
async def test_a_group_is_not_answered_for_what_is_half_said(house: ChatHouse, text: str) -> None:
    """People talk to each other there; on the console only what is no talk is answered."""
    await house.opens()
    assert answers(await house.says(text)) == []
    if text in ("收到", "整改中", "升级一下系统", "fixed the gate"):
        assert answers(await house.says(text, **CONSOLE)) == []


@pytest.mark.parametrize(
    "text", ["静音 大门", "静音大门", "mute gate", "Mute gate please", "静音 门口。"]
)
async def test_a_mute_without_its_length_is_told_how(house: ChatHouse, text: str) -> None:
    """Where it is certainly said to us, and names a place of ours; nothing is muted."""
    for to_us in ({"chat": private(111)}, CONSOLE):
        told = await house.told(text, **to_us)
        assert "30分钟" in told, text
        assert "/mute" in told
    assert "多久" in await house.told(f"@{BOT} {text}")
    assert answers(await house.says(text)) == []
    assert house.core.mutes == {}
    assert "没看懂" in await house.told("mute everybody", chat=private(111))
    assert answers(await house.says("mute gateway", **CONSOLE)) == []


@pytest.mark.parametrize("text", ["/report 5x", "/report 0", "/report 0d", "/report 下周"])
async def test_a_report_of_no_number_of_days_is_told_what_it_takes(
    house: ChatHouse, text: str
) -> None:
    """Silently another number would be a wrong answer."""
    assert "1 到 999 天" in await house.told(text)
    assert "30 天" in await house.told("/report 30d")
    assert "7 天" in await house.told("/report")


@pytest.mark.parametrize("text", ["/sos 救命", "/hazard 沟", "/mute gate 5m", "/status", "/duty"])
async def test_somebody_of_another_site_is_told_why_and_who_can(
    house: ChatHouse, text: str
) -> None:
    """Not to send it in the site's group, where they are."""
    told = await house.told(text, "zhao")
    assert "七号工地" in told
    assert "八号工地" in told
    assert "@" in told
    assert "请在工地的群里发" not in told


async def test_who_has_no_site_at_all_is_told_so(
    house: ChatHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an area has no site yet; no group would help."""
    nobody = Member("xu", "徐", Role.SITE_LEAD, sites=("yard-99",))
    people = house.core.people
    config = replace(people.config, members=(*people.config.members, nobody))
    monkeypatch.setattr(people, "config", config)
    told = await house.told("/sos 救命", channel="console", chat=DESK, sender=Sender("xu", "徐"))
    assert "没有任何工地的权限" in told


async def test_a_viewer_is_told_who_may_raise_an_emergency(house: ChatHouse) -> None:
    """By their role, in the group and alone with us."""
    for chat in (GROUP, private(114)):
        told = await house.told("/sos 救命", "chen", chat=chat)
        assert "“查看”权限，不能报紧急" in told
        assert "@张网格" in told


async def test_private_talk_is_answered_group_talk_is_not(house: ChatHouse) -> None:
    """Alone with us somebody wants an answer; a stranger once in ten minutes."""
    alone = private(111)
    assert "没看懂" in await house.told("今天天气不错", chat=alone)
    assert "没有这个命令：/nonsense" in await house.told("/nonsense", chat=alone)
    assert "不知道是哪一件" in await house.told("", chat=alone, photo=picture())
    assert answers(await house.says("今天天气不错")) == []
    assert answers(await house.says("", photo=picture())) == []
    house.later(11)
    assert "还没绑定身份" in await house.told("你好", "nobody", chat=private(999))
    assert answers(await house.says("在吗", "nobody", chat=private(999))) == []


async def test_answers_are_in_the_language_of_who_asks(house: ChatHouse) -> None:
    """The chat's, until the person chooses another."""
    case = await house.opens(camera="door")
    told = await house.told(f"ack {case.number}", chat=OTHER_GROUP)
    assert told.startswith("李工 acknowledged")
    await house.says("/language zh", chat=OTHER_GROUP)
    assert "已关闭" in await house.told(f"关闭 {case.number}", chat=OTHER_GROUP)
    await house.says("/language en")
    assert (await house.told("/cases")).count("open") or "No open" in await house.told("/cases")
    await house.says("/language zh")


async def test_an_answer_goes_where_the_question_was(house: ChatHouse) -> None:
    """As a reply, into the topic."""
    case = await house.opens(camera="hall")
    topic = replace(FORUM, topic="9")
    (row,) = [
        row
        for row in await house.says(f"确认 {case.number}", chat=topic)
        if row.kind == "text" and row.payload.get("text")
    ]
    assert row.target == "telegram:-6/9"
    assert row.payload["reply_to"]
    assert row.lane == "answer"


# -- late words


async def test_late_words_run_only_if_nothing_has_changed(house: ChatHouse) -> None:
    """Ten minutes are the line."""
    case, second = await house.opens(), await house.opens()
    house.later(30)
    assert "已确认" in await house.told(f"确认 {case.number}", ago=20)
    assert "没有执行" in await house.told(f"关闭 {case.number}", "wang", ago=11)
    assert "已关闭" in await house.told(f"关闭 {case.number}", "wang", ago=9)
    assert "已关闭" in await house.told(f"关闭 {second.number}", ago=25)


async def test_an_old_button_acts_on_the_present_state(house: ChatHouse) -> None:
    """Refused with the winner's name while the change is fresh; later its verb counts."""
    case = await house.opens()
    old = encode(Press(Verb.CLOSE, case.number, case.seq))
    copy = await house.shown(case)
    await house.says(f"确认 {case.number}")
    assert "慢了一步：李工" in await house.presses(old, "wang", reply_to=copy)
    assert await state(house, case) is State.ACKNOWLEDGED
    house.later(0.2)
    assert "王监督 已关闭" in await house.presses(old, "wang", reply_to=copy)


async def test_a_clock_overtakes_nobody(house: ChatHouse) -> None:
    """A confirmation that crosses with an overdue case's step up holds; a second step does not."""
    case = await house.opens()
    copy = await house.shown(case)
    confirm, escalate = [
        encode(Press(verb, case.number, case.seq)) for verb in (Verb.ACKNOWLEDGE, Verb.ESCALATE)
    ]
    house.later(10.1)
    for timer in await house.store.due_timers(house.now[0], 500):
        if timer.case == case.number:
            await house.timers.due(timer)
    assert await state(house, case) is State.ESCALATED
    assert "慢了一步" in await house.presses(escalate, reply_to=copy)
    assert "李工 已确认" in await house.presses(confirm, reply_to=copy)
    assert (await house.case(case.number)).level == 1


async def test_a_doubly_pressed_escalation_is_one_step(house: ChatHouse) -> None:
    """Thick gloves press twice."""
    case = await house.opens()
    data = encode(Press(Verb.ESCALATE, case.number, case.seq))
    copy = await house.shown(case)
    assert "已升级" in await house.presses(data, reply_to=copy)
    assert "慢了一步" in await house.presses(data, reply_to=copy)
    assert (await house.case(case.number)).level == 1


# -- undo


async def test_undo_within_ten_minutes(house: ChatHouse) -> None:
    """With its number it says why not; alone there is nothing any more."""
    case, second = await house.opens(), await house.opens()
    await house.says(f"关闭 {case.number}")
    house.later(9)
    assert "撤销了上一步" in await house.told("撤销")
    await house.says(f"关闭 {second.number}")
    house.later(11)
    assert "没有可以撤销的" in await house.told("撤销")
    assert "超过 10 分钟不能撤销了" in await house.told(f"撤销 {second.number}")


async def test_undo_of_a_close_leaves_the_acknowledgement(house: ChatHouse) -> None:
    """确认, 关闭, 撤销: the last act is taken back, not the one before it."""
    case = await house.opens()
    await house.says(f"确认 {case.number}")
    await house.says(f"关闭 {case.number}")
    assert "现在已确认" in await house.told("撤销")
    back = await house.case(case.number)
    assert (back.state, back.acknowledged_by) == (State.ACKNOWLEDGED, "li")


async def test_undo_takes_back_what_was_done_of_several(house: ChatHouse) -> None:
    """Those that were refused are not touched by it."""
    a, b, c = [await house.opens() for _ in range(3)]
    await house.says(f"确认 {b.number}", "wang")
    await house.says(f"确认 {a.number} {b.number} {c.number}")
    told = (await house.told("撤销")).splitlines()
    assert len(told) == 2
    assert [await state(house, case) for case in (a, b, c)] == [
        State.OPEN,
        State.ACKNOWLEDGED,
        State.OPEN,
    ]


async def test_the_undo_button_is_for_its_own_act(house: ChatHouse) -> None:
    """What was done since is not taken back by it, however old the change."""
    case = await house.opens()
    (row,) = [row for row in await house.says(f"确认 {case.number}") if row.payload.get("text")]
    ((label, data),) = row.payload["buttons"][0]
    assert label == "撤销"
    await house.says(f"关闭 {case.number}")
    house.later(1)
    assert "现在已关闭" in await house.presses(data)
    assert await state(house, case) is State.CLOSED


# -- pictures


async def test_a_picture_that_does_not_come_at_once(house: ChatHouse) -> None:
    """It is tried again; when it cannot be had the word counts without it, and that is said."""
    case, second, third = [await house.opens() for _ in range(3)]
    house.photos.faults = [passing_fault(), passing_fault()]
    told = await house.told("", reply_to=await house.shown(case), photo=picture())
    assert "图没有收到" not in told
    assert "after" in await kinds(house, case)
    house.photos.faults = [passing_fault()] * 3
    told = await house.told("已整改", reply_to=await house.shown(second), photo=picture())
    assert "图没有收到" in told
    assert await state(house, second) is State.CLOSED
    told = await house.told("", reply_to=await house.shown(third), photo=b"GIF89a")
    assert "图没有收到" in told


async def test_an_album_is_one_act(house: ChatHouse) -> None:
    """Its further pictures go to the case of the first, also of a report by hand."""
    case = await house.opens()
    album = {"album": "a-1", "photo": picture(9), "reply_to": await house.shown(case)}
    assert "已整改" in await house.told("", **album)
    assert answers(await house.says("", **album)) == []
    assert await kinds(house, case) == ["after", "after"]
    told = await house.told("上报 积水", album="a-2", photo=picture(10))
    number = int(told.partition("#")[2].partition("（")[0])
    assert answers(await house.says("", album="a-2", photo=picture(11))) == []
    found = [snapshot.kind for snapshot in await house.store.snapshots(number)]
    assert found == ["annotated", "evidence"]


async def test_an_album_of_one_who_may_not(house: ChatHouse) -> None:
    """One refusal for all of it, nothing is kept."""
    case = await house.opens()
    album = {"album": "a-3", "photo": picture(12), "reply_to": await house.shown(case)}
    assert "您是“查看”权限" in await house.told("", "chen", **album)
    assert answers(await house.says("", "chen", **album)) == []
    assert await kinds(house, case) == []


# -- acts


async def test_a_horn_by_night(house: ChatHouse) -> None:
    """Only for a supervisor who insists; then it passes the quiet hours."""
    before = house.now[0]
    house.now[0] += (22 * 60 + 30 - _minute_of(house)) % (24 * 60) * 60_000
    try:
        for wording in ("/say door-horn 安静", "/say door-horn 强制 安静"):
            told = await house.told(wording, chat=BOTH_SITES)
            assert "夜里喊话要监督。可以叫 @王监督" in told
        told = await house.told("/say door-horn 安静", "wang", chat=BOTH_SITES)
        assert "现在 22:00-06:00 静音" in told
        rows = await house.says("喊话 door-horn 强制 安静", "wang", chat=BOTH_SITES)
        (spoken,) = [row for row in rows if row.kind == "announce"]
        assert spoken.payload["forced"] is True
        assert spoken.payload["text"] == "安静"
    finally:
        house.now[0] = before
    rows = await house.says("/say gate-horn 你好")
    (spoken,) = [row for row in rows if row.kind == "announce"]
    assert "severity" not in spoken.payload


def _minute_of(house: ChatHouse) -> int:
    """Minutes since midnight in Shanghai."""
    return (house.now[0] // 60_000 + 8 * 60) % (24 * 60)


async def test_a_speaker_whose_name_has_spaces_is_called_by_its_id(house: ChatHouse) -> None:
    """What the answer tells to type must work when it is typed."""
    assert "“喊话 door-horn 内容”" in await house.told("/say door-horn", chat=BOTH_SITES)
    assert "“喊话 大门喇叭 内容”" in await house.told("/say gate-horn", chat=BOTH_SITES)
    assert "“/say door-horn TEXT”" in await house.told("/say door-horn", "wang", chat=OTHER_GROUP)


@pytest.mark.parametrize(
    "called", ["Door horn", "door HORN:", "Ｄｏｏｒ　ｈｏｒｎ", "door-horn", "西门喇叭", "门"]
)
async def test_a_horn_is_called_by_all_that_it_is_called(house: ChatHouse, called: str) -> None:
    """By a name of several words, by an alias, by its place; the words are said as written."""
    for chat, who in ((OTHER_GROUP, "zhao"), (BOTH_SITES, "wang")):
        rows = await house.says(f"/say {called} Mind your heads!", who, chat=chat)
        (spoken,) = [row for row in rows if row.kind == "announce"]
        assert (spoken.target, spoken.payload["text"]) == ("door-horn", "Mind your heads!")


@pytest.mark.parametrize(("words", "language"), [("请让一让", "zh"), ("Mind your heads", "en")])
async def test_words_are_said_in_their_own_language(
    house: ChatHouse, words: str, language: str
) -> None:
    """A voice would spell out the letters of the other one."""
    (spoken,) = [
        row for row in await house.says(f"/say gate-horn {words}") if row.kind == "announce"
    ]
    assert spoken.payload["language"] == language


async def test_what_quiet_hours_tell_to_type_works_when_it_is_typed(house: ChatHouse) -> None:
    """The horn is named as people know it, in as many words as that takes."""
    before = house.now[0]
    house.now[0] += (22 * 60 + 30 - _minute_of(house)) % (24 * 60) * 60_000
    try:
        told = await house.told("/say door-horn Hush", "wang", chat=OTHER_GROUP)
        assert "“/say Door horn force TEXT”" in told
        rows = await house.says("/say Door horn force Hush", "wang", chat=OTHER_GROUP)
        (spoken,) = [row for row in rows if row.kind == "announce"]
        assert (spoken.payload["forced"], spoken.payload["text"]) == (True, "Hush")
    finally:
        house.now[0] = before


async def test_what_was_said_to_a_place_long_ago_is_not_done(house: ChatHouse) -> None:
    """But a call for help always is."""
    for wording in ("喊话 大门 你好", "/mute gate 30m", "/unmute gate"):
        rows = await house.says(wording, ago=11)
        assert "太久了，没有执行" in str(answers(rows)[0]["text"])
        assert not [row for row in rows if row.kind == "announce"]
    assert "🔴 李工 报紧急" in await house.told("/sos", ago=60)


async def test_a_camera_without_its_name(house: ChatHouse) -> None:
    """The only one is meant; of several they are named."""
    assert "大门" in await house.told("/mute 1h30m", "wang")
    assert "大门" in await house.told("/unmute", "wang")
    for text in ("/mute", "/unmute", "/snapshot"):
        told = await house.told(text, "wang", chat=BOTH_SITES)
        assert "哪个摄像头？" in told
        assert "大门、门" in told


async def test_an_emergency_asks_no_questions(house: ChatHouse) -> None:
    """Of several sites the one that is named, the one where duty is, or the first."""
    told = await house.told("上报 积水", chat=private(111))
    assert "请写明是哪个" in told
    for who, text, site in (
        ("zhang", "紧急 九号工地 起火", "yard-9"),
        ("li", "/sos", "yard-8"),
        ("wang", "/sos", "yard-7"),
    ):
        told = await house.told(text, who, chat=private(1))
        number = int(told.partition("#")[2].partition("（")[0])
        assert (await house.case(number)).site == site


async def test_refusals_of_acts_name_who_could(house: ChatHouse) -> None:
    """Not only those about a case."""
    assert "可以叫 @李工" in await house.told("/mute gate 30m", "zhang")
    told = await house.told("/mute gate 3h", "li")
    assert "最多可以静音 2 小时" in told
    assert "@王监督" in told
    assert "可以叫 @张网格" in await house.told("/say gate-horn 你好", "chen")


# -- party


async def test_a_partys_chat_shows_its_work_orders_alone(house: ChatHouse) -> None:
    """The other cases of its site are none of its business."""
    case, order = await house.opens(), await house.opens()
    for _ in range(3):
        rows = await house.says(f"升级 {order.number}", "wang")
    assert [row.target for row in rows if row.kind == "card"] == [PARTY.key]
    listed = await house.told("/cases", "gong", chat=PARTY)
    assert f"#{order.number}" in listed
    assert f"#{case.number}" not in listed
    assert "不在这个群里" in await house.told(f"确认 {case.number}", "gong", chat=PARTY)
    assert "已确认" in await house.told(f"确认 {order.number}", "gong", chat=PARTY)
    assert "不能关闭" in await house.told(f"关闭 {order.number}", "gong", chat=PARTY)
    assert "报 #" in await house.told(f"整改 {order.number}", "gong", chat=PARTY)


# -- places


async def test_a_chat_that_moves(house: ChatHouse) -> None:
    """Live cases that it showed get new cards there, once; the admins are told, once."""
    live, over = await house.opens(camera="hall"), await house.opens(camera="hall")
    chat = replace(FORUM, topic=None)
    copies = [await house.shown(case, chat) for case in (live, over)]
    await house.says(f"关闭 {over.number}", chat=FORUM)
    moved = replace(house.message("", chat=chat), kind="moved", new_chat="-100600")
    rows = await house.take(moved)
    cards = [(row.case, row.target) for row in rows if row.kind == "card"]
    assert cards == [(live.number, "telegram:-100600")]
    (told,) = [row for row in rows if row.kind == "text"]
    assert (told.target, told.payload["key"]) == (ADMINS.key, "admin.chat_moved")
    again = replace(house.message("", chat=chat), kind="moved", new_chat="-100600")
    assert await house.take(again) == []
    found = await house.store.copies(live.number)
    assert all(copy.lost for copy in found if copy.message_id in copies)
    new = replace(chat, id="-100600")
    assert "已确认" in await house.told(f"确认 {live.number}", chat=new)


async def test_the_name_that_the_platform_gives_somebody(house: ChatHouse) -> None:
    """Learned as they speak, and kept."""
    case = await house.opens()
    await house.says("早", sender=Sender("112", "王", "Wang_JD"))
    assert await house.store.all_learned("username") == {"telegram:wang_jd": {"member": "wang"}}
    assert "指派给 @王监督" in await house.told(f"指派 {case.number} @wang_jd")
    await house.says("早", "nobody", sender=Sender("999", "路人", "passer_by"))
    assert "telegram:passer_by" not in await house.store.all_learned("username")


async def test_linking(house: ChatHouse) -> None:
    """A code works once, in private, for the account that sends it."""
    code = await house.access.create_invite("qian", now=house.now[0])
    assert "请私聊我发" in await house.told(f"/link {code}", "nobody")
    account = {"sender": Sender("130", "钱"), "chat": private(130)}
    assert "绑定成功：您是 钱工" in await house.told(f"/link {code}", **account)
    assert "邀请码不对" in await house.told(f"/link {code}", "nobody", chat=private(999))
    assert "绑定成功" in await house.told(f"/link {code}", **account)
    case = await house.opens(camera="hall")
    assert [ref.id for ref in house.core.direct_chats_of(case)] == ["130"]
    assert await house.says("/cases", chat=UNKNOWN_GROUP) == []


async def test_who_is_called_is_told_in_private_too(house: ChatHouse) -> None:
    """Who wants cards there, and is meant."""
    house.core.people.link("telegram:130", "qian")
    case = await house.opens(camera="hall")
    rows = await house.says(f"升级 {case.number}", "wang", chat=replace(FORUM, id="-6"))
    called = [row for row in rows if row.kind == "text" and row.payload.get("key")]
    assert "telegram:130" in [row.target for row in called]
    rows = await house.says(f"升级 {case.number}", "wang", chat=replace(FORUM, id="-6"))
    called = [row for row in rows if row.kind == "text" and row.payload.get("key")]
    assert "telegram:130" not in [row.target for row in called]


async def test_nobody_comes_to_an_emergency(house: ChatHouse) -> None:
    """Acknowledging stops the ringing for a while only; an arrival ends it."""
    case = await house.opens("fall")
    await house.says(f"确认 {case.number}")
    await house.rows()
    for comes in (False, True):
        if comes:
            await house.says(f"到场 {case.number}")
        house.later(6)
        for timer in await house.store.due_timers(house.now[0], 500):
            if timer.case == case.number and timer.kind is TimerKind.ARRIVE_BY:
                await house.timers.due(timer)
        keys = [row.payload.get("key") for row in await house.rows() if row.case == case.number]
        assert ("call.arrive" in keys) is not comes


async def test_what_fails_three_times_is_told_to_the_admins(
    house: ChatHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other messages of the chat go on."""

    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    case = await house.opens()
    monkeypatch.setattr(Interpreter, "interpret", broken)
    await house.desk.take(house.message(f"确认 {case.number}"))
    async with asyncio.timeout(PATIENCE_S):
        while not (rows := await house.rows()):
            await asyncio.sleep(0.01)
    assert [(row.target, row.payload["key"]) for row in rows] == [
        (ADMINS.key, "admin.dead_incoming")
    ]
    monkeypatch.undo()
    assert "已确认" in await house.told(f"确认 {case.number}")


# -- clocks that are wrong


@pytest.mark.parametrize(
    ("who", "sent_at"), [("zhang", -9_007_197_459_679_000), ("li", 1), ("wang", 2**53)]
)
async def test_no_time_of_a_platforms_spoils_an_sos(
    house: ChatHouse, who: str, sent_at: int
) -> None:
    """The emergency is there, its card and every list can be drawn."""
    answer = await house.told("/sos 救命", who, sent_at=sent_at)
    (number,) = re.findall(r"#([0-9]+)", answer)
    case = await house.case(int(number))
    long_ago = house.now[0] - 31 * 24 * 60 * MINUTE
    assert long_ago < case.first_seen <= case.last_seen <= house.now[0]
    assert f"#{case.number}" in await house.told("/cases")


@pytest.mark.parametrize("text", ["/mute 大门 0m", "/mute 大门 0 分钟"])
async def test_a_mute_of_no_length_mutes_nothing(house: ChatHouse, text: str) -> None:
    """It is no way to ask for the usual half an hour."""
    house.core.mutes.clear()
    assert "静音至少 1 分钟" in await house.told(text)
    assert house.core.mutes == {}


# -- several cases in one message


async def test_of_several_cases_those_that_are_here_are_done(house: ChatHouse) -> None:
    """Each number has its line: done, another chat's, unknown."""
    here, foreign = await house.opens(), await house.opens(camera="door")
    answer = await house.told(f"关闭 {here.number} {foreign.number} 987654")
    lines = answer.splitlines()
    assert f"已关闭 #{here.number}" in lines[0]
    assert lines[1].startswith(f"#{foreign.number} 不在这个群里")
    assert "#987654" in lines[2]
    assert await state(house, here) is State.CLOSED
    assert await state(house, foreign) is State.OPEN
    assert f"#{here.number}" in await house.told("撤销")
    assert await state(house, here) is State.OPEN


async def test_of_several_cases_none_is_here(house: ChatHouse) -> None:
    """Then it is a refusal like any other."""
    foreign = await house.opens(camera="door")
    assert "不在这个群里" in await house.told(f"关闭 {foreign.number} 987654")


async def test_different_commands_in_one_message_are_refused(house: ChatHouse) -> None:
    """Nothing of it is done, and it is said."""
    one, two = await house.opens(), await house.opens()
    answer = await house.told(f"关闭 {one.number}\n确认 {two.number}")
    assert "一条消息只能办一种事" in answer
    assert {await state(house, case) for case in (one, two)} == {State.OPEN}
