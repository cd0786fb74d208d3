"""What is said by voice, from the transcript to what is done: never without its person's word."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.domain.callback import decode
from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.message import ChatRef
from tests.support.chathouse import (
    BOTH_SITES,
    DESK,
    GROUP,
    ChatHouse,
    answers,
    private,
)
from tests.support.speaking import NOTE, buttons, hears, house, speaks, state

__all__ = ["house"]

ALONE = private(111)


async def opens(house: ChatHouse, count: int) -> list[Case]:
    return [await house.opens() for _ in range(count)]


async def opens_numbered(house: ChatHouse, *numbers: int) -> None:
    """Cases with these numbers, in rising order; those between them are over."""
    last = 0
    for number in numbers:
        async with house.store.begin() as tx:
            for _ in range(number - last - 1):
                await tx.next_number("case")
        assert (await house.opens()).number == number
        last = number


# -- the read-back


async def test_a_spoken_close_is_read_back_and_done_on_the_word(house: ChatHouse) -> None:
    """With what was heard, which case it is, and how it stands."""
    case = await house.opens()
    told = await hears(house, "把一号案件关了")
    assert "听到“把一号案件关了”" in told
    assert f"关闭 #{case.number}？（疑似未戴安全帽 · 大门 · " in told
    assert "待处理" in told
    assert await state(house, case) is State.OPEN
    await speaks(house, "执行")
    assert await state(house, case) is State.CLOSED


async def test_its_buttons_say_yes_no_and_the_other_cases(house: ChatHouse) -> None:
    """A press on another case does it to that one."""
    one, two, three = await opens(house, 3)
    shown = buttons(await speaks(house, "关闭二号"))
    assert list(shown)[:2] == ["确认执行", "取消"]
    other = f"不是，是 #{three.number} 大门"
    assert set(list(shown)[2:]) == {other, f"不是，是 #{one.number} 大门"}
    await house.presses(shown[other])
    assert await state(house, three) is State.CLOSED
    assert await state(house, two) is State.OPEN
    assert await house.presses(shown["确认执行"]) == "这件事已经答复过了。"
    assert await state(house, two) is State.OPEN


async def test_no_means_nothing_is_done(house: ChatHouse) -> None:
    case = await house.opens()
    for word in ("取消", "cancel", "不执行"):
        await speaks(house, "关闭一号")
        assert await hears(house, word) == "好的，没有执行。"
        await speaks(house, "执行")
        assert await state(house, case) is State.OPEN


async def test_small_words_are_no_answer(house: ChatHouse) -> None:
    """They are said all day long."""
    case = await house.opens()
    await speaks(house, "关闭一号")
    for word in ("是", "是的", "对", "好", "不是", "yes", "no", "ok", "嗯", "确认", "没错", "可以"):
        await speaks(house, word)
    assert await state(house, case) is State.OPEN
    await speaks(house, "执行")
    assert await state(house, case) is State.CLOSED


CHANGES = (
    ("升级{n}号案件", State.ESCALATED),
    ("{n}号是误报", State.CLOSED),
    ("{n}号我来处理", State.ACKNOWLEDGED),
    ("我到{n}号现场了", State.ACKNOWLEDGED),
    ("close number {n} please", State.CLOSED),
    ("大门那个关了", State.CLOSED),
    ("没戴安全帽那个关了", State.CLOSED),
    ("刚才那个关掉", State.CLOSED),
    ("close the last one", State.CLOSED),
)


async def test_every_change_waits_for_the_word(house: ChatHouse) -> None:
    for said, then in CHANGES:
        case = await house.opens()
        before = await house.case(case.number)
        told = await hears(house, said.format(n=case.number))
        assert f"#{case.number}" in told
        assert await house.case(case.number) == before, said
        await speaks(house, "执行")
        assert await state(house, case) is then, said
        if then is not State.CLOSED:
            await house.says(f"误报 {case.number}")


async def test_a_mute_a_report_and_a_cry_for_help_wait_too(house: ChatHouse) -> None:
    """They change no case, and yet the site."""
    assert "把大门静音 10 分钟？" in await hears(house, "大门静音十分钟")
    assert house.core.mutes == {}
    await speaks(house, "执行")
    assert list(house.core.mutes) == ["gate"]
    assert "上报：“3楼没有护栏”？" in await hears(house, "上报三楼没有护栏")
    assert await house.store.get_case(1) is None
    await speaks(house, "执行")
    assert (await house.case(1)).note == "3楼没有护栏"
    assert "报紧急" in await hears(house, "紧急情况，有人被压住了")
    await speaks(house, "执行")
    assert (await house.case(2)).hazard == "sos"


async def test_one_is_assigned_by_a_name_that_was_half_heard(house: ChatHouse) -> None:
    """李公 is 李工."""
    case = await house.opens()
    assert "把 #1 指派给 @李工？" in await hears(house, "把一号派给李公", "wang")
    await speaks(house, "执行", "wang")
    assert (await house.case(case.number)).assigned_to == "li"


async def test_undo_needs_the_word_too(house: ChatHouse) -> None:
    case = await house.opens()
    await house.says("确认 1")
    assert "撤销 #1？" in await hears(house, "撤销刚才的操作")
    await speaks(house, "执行")
    assert await state(house, case) is State.OPEN


async def test_looking_is_answered_at_once(house: ChatHouse) -> None:
    """How many are open, how one stands, what happened today."""
    await opens(house, 2)
    await house.says("误报 2")
    assert "未处理 1 件" in await hears(house, "还有几个没处理")
    assert "#1" in await hears(house, "一号什么情况")
    today = await hears(house, "大门今天有什么")
    assert today.startswith("今天 2 件（大门）")
    assert "已关闭（误报）" in today
    house.later(24 * 60)
    assert "今天没有案件" in await hears(house, "what happened at the gate today")


# -- the one exception


async def test_acknowledging_in_reply_to_its_card_is_done_at_once(house: ChatHouse) -> None:
    """Whoever answers a card with 收到 has it before their eyes."""
    case = await house.opens()
    card = await house.shown(case)
    await speaks(house, "收到，我来处理", reply_to=card, reply_to_own=True)
    assert await state(house, case) is State.ACKNOWLEDGED


async def test_closing_in_reply_to_its_card_needs_no_number_but_the_word(house: ChatHouse) -> None:
    one, two = await opens(house, 2)
    card = await house.shown(one)
    told = await hears(house, "关了吧", reply_to=card, reply_to_own=True)
    assert f"关闭 #{one.number}？" in told
    await speaks(house, "执行")
    assert await state(house, one) is State.CLOSED
    assert await state(house, two) is State.OPEN


async def test_a_reply_that_names_another_case_has_to_choose(house: ChatHouse) -> None:
    """One of the two was a slip."""
    one, two = await opens(house, 2)
    card = await house.shown(one)
    more = {"reply_to": card, "reply_to_own": True}
    shown = buttons(await speaks(house, "收到二号", **more))
    assert list(shown) == ["#1 大门", "#2 大门", "取消"]
    assert await state(house, one) is await state(house, two) is State.OPEN


# -- numbers that were not heard well


ALIKE: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("关闭四号", (4, 10, 40)),
    ("关闭十号", (4, 10)),
    ("关闭十四号", (14, 40)),
    ("关闭七号", (1, 7)),
    ("关闭二十号", (2, 20)),
    ("close number fourteen", (14, 40)),
    ("close number thirty", (13, 30)),
)


async def test_numbers_that_sound_alike_are_always_asked(house: ChatHouse) -> None:
    """Each has a button; the bare word does nothing."""
    live = sorted({number for _, numbers in ALIKE for number in numbers})
    await opens_numbered(house, *live)
    for said, numbers in ALIKE:
        shown = buttons(await speaks(house, said))
        assert {label.split()[0] for label in shown} == {f"#{n}" for n in numbers} | {"取消"}
        assert "请先选是哪一件" in await hears(house, "执行")
        assert await hears(house, "取消") == "好的，没有执行。"
    assert [(await house.case(number)).state for number in live] == [State.OPEN] * len(live)
    shown = buttons(await speaks(house, "关闭四号"))
    await house.presses(shown["#10 大门"])
    assert (await house.case(10)).state is State.CLOSED
    assert (await house.case(4)).state is State.OPEN


async def test_what_may_be_chosen_is_told_in_words(house: ChatHouse) -> None:
    """Three cases at one gate look alike on their buttons, and a helmet has no buttons."""
    await opens_numbered(house, 4, 10)
    told = await hears(house, "关闭四号。")
    assert "听到“关闭四号”" in told
    for number in (4, 10):
        assert f"\n#{number}（疑似未戴安全帽 · 大门 · " in told


async def test_a_number_that_is_no_live_case_offers_those_that_sound_like_it(
    house: ChatHouse,
) -> None:
    """把十二号 is heard as 82号: 12 is offered, and nothing is done."""
    await opens_numbered(house, 3, 12, 25, 31)
    shown = buttons(await speaks(house, "82号关了"))
    labels = list(shown)
    assert labels[0] == "#12 大门"
    assert len(labels) == 4
    assert decode(shown["#12 大门"]) is not None
    await speaks(house, "执行")
    for number in (3, 12, 25, 31):
        assert (await house.case(number)).state is State.OPEN


async def test_without_any_live_case_there_is_nothing_to_choose(house: ChatHouse) -> None:
    assert "没有未处理的 #12" in await hears(house, "关闭十二号")


async def test_several_at_once_only_where_each_is_beyond_doubt(house: ChatHouse) -> None:
    await opens_numbered(house, 4, 10, 12, 15)
    assert "一件一件" in await hears(house, "关闭四号和十二号")
    assert "关闭 #12 #15？" in await hears(house, "关闭十二号和十五号")
    await speaks(house, "执行")
    closed = [n for n in (4, 10, 12, 15) if (await house.case(n)).state is State.CLOSED]
    assert closed == [12, 15]


async def test_several_cases_at_a_place_are_a_choice(house: ChatHouse) -> None:
    await opens(house, 2)
    assert set(buttons(await speaks(house, "大门那个关了"))) == {"#1 大门", "#2 大门", "取消"}


async def test_a_place_without_a_case_says_so(house: ChatHouse) -> None:
    await house.opens()
    assert "没有这样的未处理案件（火警）" in await hears(house, "确认火警")


async def test_a_command_that_was_misheard_whole_is_asked(house: ChatHouse) -> None:
    """官兵十二号 sounds like 关闭十二号."""
    await opens_numbered(house, 12)
    assert "关闭 #12？" in await hears(house, "官兵十二号")
    assert (await house.case(12)).state is State.OPEN


# -- who, where, when


async def test_who_may_not_is_refused_before_the_read_back(house: ChatHouse) -> None:
    """A viewer is not asked; nor is anybody of another site."""
    case = await house.opens()
    rows = await speaks(house, "关闭一号", "chen")
    assert "不能关闭" in answers(rows)[0]["text"]
    assert buttons(rows) == {}
    rows = await speaks(house, "关闭一号", "zhao")
    assert buttons(rows) == {}
    assert await state(house, case) is State.OPEN


async def test_an_emergency_that_cannot_be_closed_yet_is_not_asked(house: ChatHouse) -> None:
    await house.opens("fall")
    rows = await speaks(house, "关闭一号", "wang")
    assert "先到场" in answers(rows)[0]["text"]
    assert buttons(rows) == {}


async def test_the_rehearsal_leaves_nothing_behind(house: ChatHouse) -> None:
    """Neither history nor cards."""
    case = await house.opens()
    before = len(await house.store.history(case.number))
    rows = await speaks(house, "升级一号")
    assert [row.kind for row in rows] == ["text"]
    steps = [row.entry.event for row in await house.store.history(case.number)][before:]
    assert steps == ["heard"]


async def test_another_person_can_neither_confirm_nor_cancel(house: ChatHouse) -> None:
    """Not by voice, not by word, not by button."""
    case = await house.opens()
    shown = buttons(await speaks(house, "关闭一号"))
    await speaks(house, "执行", "wang")
    await house.says("执行", "wang")
    assert "请由本人确认" in await house.presses(shown["确认执行"], "wang")
    assert "请由本人确认" in await house.presses(shown["取消"], "wang")
    assert await state(house, case) is State.OPEN
    await house.presses(shown["确认执行"])
    assert await state(house, case) is State.CLOSED


async def test_another_chat_is_no_place_to_confirm(house: ChatHouse) -> None:
    case = await house.opens()
    shown = buttons(await speaks(house, "关闭一号"))
    await speaks(house, "执行", chat=BOTH_SITES)
    await house.presses(shown["确认执行"], chat=BOTH_SITES)
    assert await state(house, case) is State.OPEN


async def test_after_a_minute_it_is_over(house: ChatHouse) -> None:
    case = await house.opens()
    shown = buttons(await speaks(house, "关闭一号"))
    house.later(61 / 60)
    await speaks(house, "执行")
    assert "过了 60 秒" in await house.presses(shown["确认执行"])
    assert await state(house, case) is State.OPEN


async def test_a_word_in_time_counts_though_it_took_a_while_to_be_heard(house: ChatHouse) -> None:
    case = await house.opens()
    await speaks(house, "关闭一号")
    house.ears.will_hear("执行")
    word = house.message("", voice=NOTE, ago=-55 / 60)
    house.later(55 / 60)
    await house.desk.take(word)
    house.later(15 / 60)
    await house.handled()
    assert await state(house, case) is State.CLOSED


async def test_a_word_from_before_the_question_is_no_answer(house: ChatHouse) -> None:
    """Both were sent while we were away: nobody has seen the read-back yet."""
    case = await house.opens()
    await speaks(house, "关闭一号", ago=2)
    assert "在问之前" in await hears(house, "执行", ago=1.9)
    assert await state(house, case) is State.OPEN


async def test_a_case_that_changed_is_asked_anew(house: ChatHouse) -> None:
    """And is done on the second word."""
    case = await house.opens()
    await speaks(house, "关闭一号")
    await house.says("升级 1", "wang")
    told = await hears(house, "执行")
    assert "#1 刚有变化：王监督" in told
    assert "关闭 #1？" in told
    assert await state(house, case) is State.ESCALATED
    await speaks(house, "执行")
    assert await state(house, case) is State.CLOSED


async def test_a_case_that_was_closed_meanwhile_is_not_asked_again(house: ChatHouse) -> None:
    case = await house.opens()
    await speaks(house, "关闭一号")
    await house.says("关闭 1", "wang")
    told = await hears(house, "执行")
    assert "#1 现在已关闭" in told
    assert (await house.case(case.number)).last.actor == "wang"


async def test_two_questions_are_told_apart(house: ChatHouse) -> None:
    """A word that may mean either does neither; a reply or a button says which."""
    one, two = await opens(house, 2)
    first = buttons(await speaks(house, "关闭一号"))
    await speaks(house, "升级二号")
    assert "有 2 件事等您确认" in await hears(house, "执行")
    assert await state(house, one) is await state(house, two) is State.OPEN
    more = {"reply_to": "77", "reply_to_own": True, "reply_data": first["确认执行"]}
    await speaks(house, "执行", **more)
    assert await state(house, one) is State.CLOSED
    assert await state(house, two) is State.OPEN
    await speaks(house, "执行")
    assert await state(house, two) is State.ESCALATED


async def test_the_same_note_twice_is_one_question(house: ChatHouse) -> None:
    await house.opens()
    house.ears.will_hear("关闭一号")
    note = house.message("", voice=NOTE)
    rows = await house.take(note, note)
    assert len(answers(rows)) == 1


async def test_two_words_at_once_do_it_once(house: ChatHouse) -> None:
    case = await house.opens()
    shown = buttons(await speaks(house, "升级一号"))
    house.ears.will_hear("执行")
    word = house.message("", voice=NOTE)
    await asyncio.gather(house.presses(shown["确认执行"]), house.desk.take(word))
    await house.handled()
    events = [row.entry.event for row in await house.store.history(case.number)]
    assert events.count("escalated") == 1


# -- talk, denials, ghosts

TALK = (
    *("不要关闭一号", "先别关一号", "一号还没整改好", "谁关了一号", "一号关了吗", "关闭一号门"),
    *("确认 1 点开会", "don't close number one", "close number one, not yet", "close the gate"),
    *("请不吝点赞 订阅 转发", "关闭一号 字幕由Amara.org社区提供", "Thank you.", "今天吃什么"),
)


@pytest.mark.parametrize("chat", [GROUP, ALONE, DESK], ids=lambda chat: chat.key)
async def test_talk_asks_for_nothing_anywhere(house: ChatHouse, chat: ChatRef) -> None:
    """In a group not even an answer; alone with us it is told that nothing was done."""
    case = await house.opens()
    for said in TALK:
        rows = await speaks(house, said, chat=chat)
        assert buttons(rows) == {}, said
        assert bool(answers(rows)) == chat.private, said
        await speaks(house, "执行", chat=chat)
    assert await state(house, case) is State.OPEN


async def test_a_verb_alone_asks_which_only_where_it_is_said_to_us(house: ChatHouse) -> None:
    await house.opens()
    assert answers(await speaks(house, "关掉吧")) == []
    assert "#1 大门" in await hears(house, "关掉吧", chat=ALONE)


async def test_another_language_is_declined_where_it_is_said_to_us(house: ChatHouse) -> None:
    """Politely, and without a guess."""
    await house.opens()
    assert "听不懂粤语" in await hears(house, "唔该帮我闩咗一号", chat=ALONE)
    assert "普通话和英语" in await hears(house, "закрой дело номер один", chat=ALONE)


WORDS = (
    *("把", "关闭", "关了", "升级", "误报", "一号", "二号", "大门", "那个", "整改好了", "是", "不"),
    *(
        "执行",
        "吗",
        "收到",
        "重开",
        "撤销",
        " ",
        "，",
        "close",
        "one",
        "number",
        "the",
        "at",
        "gate",
    ),
)


async def test_whatever_is_heard_nothing_is_done_without_the_word(house: ChatHouse) -> None:
    """A hundred sentences at random, none of them a whole 执行."""
    cases = await opens(house, 2)
    before = [await house.case(case.number) for case in cases]
    chance = random.Random(20261122)
    for _ in range(100):
        said = "".join(chance.choices(WORDS, k=chance.randint(1, 5)))
        if said.strip(" ，") == "执行":
            continue
        await speaks(house, said, chat=chance.choice((GROUP, ALONE)))
    assert [await house.case(case.number) for case in cases] == before


async def test_a_hundred_thousand_characters_hold_nobody_up(house: ChatHouse) -> None:
    await house.opens()
    rows = await speaks(house, "把一号关了" * 20_000)
    assert answers(rows) == []


# -- typed


async def test_typed_in_ones_own_words_it_is_read_back_where_we_are_addressed(
    house: ChatHouse,
) -> None:
    """In private, by name, in reply to us; among people it is chatter."""
    case = await house.opens()
    assert await house.says("把一号关了") == []
    told = await house.told("把一号关了", chat=ALONE)
    assert told.startswith("关闭 #1？")
    assert await state(house, case) is State.OPEN
    await house.says("执行", chat=ALONE)
    assert await state(house, case) is State.CLOSED
    await house.opens()
    assert "关闭 #2？" in await house.told("@site_bot 帮我关闭二号")
    told = await house.told("二号什么情况", chat=ALONE)
    assert "#2" in told


async def test_a_reply_to_a_question_is_not_about_the_case_of_its_number(house: ChatHouse) -> None:
    """The question's own number is no case."""
    one, _ = await opens(house, 2)
    shown = buttons(await speaks(house, "升级二号"))
    question = decode(shown["确认执行"])
    assert question is not None
    assert (question.verb, question.case) == (Verb.CONFIRM, one.number)
    more = {"reply_to": "77", "reply_to_own": True, "reply_data": shown["确认执行"]}
    await house.says("关闭", **more)
    assert await state(house, one) is State.OPEN
