"""Spoken commands where something goes otherwise than the person thinks: it is said, and kept."""

from __future__ import annotations

from bot.domain.case import State
from tests.support.chathouse import ChatHouse, answers, private
from tests.support.speaking import buttons, hears, house, speaks, state

__all__ = ["house"]

ALONE = private(111)


async def transcripts(house: ChatHouse, number: int) -> list[str]:
    """What was said about a case, as its chain has it."""
    rows = await house.store.history(number)
    return [row.entry.private["transcript"] for row in rows if row.entry.event == "heard"]


# -- several at once


async def test_what_was_only_rehearsed_is_not_told_as_done(house: ChatHouse) -> None:
    """One of two cannot be closed: the other is asked about, and why that one is left is said."""
    one, fall = await house.opens(), await house.opens("fall")
    told = await hears(house, "关闭一号和二号")
    assert "关闭 #1？" in told
    assert "已关闭" not in told
    assert "撤销" not in told
    assert f"#{fall.number}" in told
    assert await state(house, one) is State.OPEN
    await speaks(house, "执行")
    assert await state(house, one) is State.CLOSED
    assert await state(house, fall) is State.OPEN


async def test_several_are_asked_anew_when_one_of_them_changed(house: ChatHouse) -> None:
    """As a single one is; the second word does it."""
    one, two = await house.opens(), await house.opens()
    await speaks(house, "关闭一号和二号")
    await house.says("升级 2", "wang")
    told = await hears(house, "执行")
    assert "#2 刚有变化：王监督" in told
    assert "关闭 #1 #2？" in told
    assert await state(house, one) is State.OPEN
    await speaks(house, "执行")
    assert [await state(house, one), await state(house, two)] == [State.CLOSED] * 2


async def test_of_several_the_one_that_was_closed_meanwhile_is_left(house: ChatHouse) -> None:
    one, two = await house.opens(), await house.opens()
    await speaks(house, "关闭一号和二号")
    await house.says("关闭 2", "wang")
    assert "关闭 #1？" in await hears(house, "执行")
    await speaks(house, "执行")
    assert await state(house, one) is State.CLOSED
    last = (await house.case(two.number)).last
    assert last is not None
    assert last.actor == "wang"


# -- the word, in time and not


async def test_confirm_in_english_is_the_word(house: ChatHouse) -> None:
    case = await house.opens()
    await speaks(house, "close number one")
    await speaks(house, "can you confirm")
    assert await state(house, case) is State.OPEN
    await speaks(house, "Confirm.")
    assert await state(house, case) is State.CLOSED


async def test_a_word_in_time_counts_though_it_came_late(house: ChatHouse) -> None:
    """It was said after 58 s, and reached us after 62."""
    case = await house.opens()
    await speaks(house, "关闭一号")
    house.later(62 / 60)
    await house.says("执行", ago=4 / 60)
    assert await state(house, case) is State.CLOSED


async def test_a_word_that_is_too_late_is_told_so(house: ChatHouse) -> None:
    """In a group too: silence would be taken for a yes."""
    case = await house.opens()
    for how in (speaks, ChatHouse.says):
        await speaks(house, "关闭一号")
        house.later(75 / 60)
        (told,) = answers(await how(house, "执行"))
        assert "过了 60 秒" in told["text"]
        house.later(10)
        assert answers(await how(house, "执行")) == []  # said among people
    assert await state(house, case) is State.OPEN


async def test_alone_with_us_the_word_for_nothing_is_told_so(house: ChatHouse) -> None:
    """And not that it was not understood."""
    await house.opens()
    assert "没有等您确认的事" in await hears(house, "执行", chat=ALONE)
    assert "没有等您确认的事" in await house.told("取消", chat=ALONE)
    assert answers(await speaks(house, "执行")) == []


async def test_small_words_in_reply_to_the_question_are_no_answer(house: ChatHouse) -> None:
    """Nor do they acknowledge its case, as they would in reply to its card."""
    case = await house.opens()
    (row,) = rows = await speaks(house, "关闭一号")
    async with house.store.begin() as tx:
        await tx.finish(row, "done", {"outcome": "delivered", "message": "77"}, house.now[0])
    data = buttons(rows)["确认执行"]
    question = {"reply_to": "77", "reply_to_own": True, "reply_data": data}
    for word in ("ok", "收到", "确认", "好的"):
        await house.says(word, **question)
        await speaks(house, word, **question)
    assert await state(house, case) is State.OPEN
    await speaks(house, "执行", **question)
    assert await state(house, case) is State.CLOSED


# -- the evidence


async def test_what_was_said_is_kept_on_the_case_that_was_chosen(house: ChatHouse) -> None:
    """The order itself, although nobody knew then which case it concerned."""
    await house.opens()
    await house.opens()
    shown = buttons(await speaks(house, "82号关了"))
    await house.presses(shown["#2 大门"])
    assert await transcripts(house, 2) == ["82号关了"]
    assert await transcripts(house, 1) == []
    kept = [one.kind for one in await house.store.snapshots(2)]
    assert kept.count("recording") == 1


async def test_what_was_said_is_kept_on_the_case_that_it_opened(house: ChatHouse) -> None:
    """A hazard that was reported by voice."""
    await speaks(house, "上报三楼没有护栏")
    await speaks(house, "执行")
    assert await transcripts(house, 1) == ["上报三楼没有护栏", "执行"]


async def test_what_was_said_is_kept_on_the_case_that_was_taken_back(house: ChatHouse) -> None:
    await house.opens()
    await house.says("确认 1")
    await speaks(house, "撤销刚才的操作")
    assert await transcripts(house, 1) == ["撤销刚才的操作"]


# -- verbs


async def test_no_other_case_is_shown_for_one_that_is_not_there(house: ChatHouse) -> None:
    """Whoever asks about 82 must not take the state of 12 for it."""
    await house.opens()
    told = await hears(house, "八十二号什么情况")
    assert "没有未处理的 #82" in told
    assert "七号工地" not in told


async def test_a_spoken_dispute_has_its_words_as_the_reason(house: ChatHouse) -> None:
    await house.opens()
    told = await hears(house, "对一号有异议，不是我们的人")
    assert "不是我们的人" in told
    await speaks(house, "执行")
    (row,) = [one for one in await house.store.history(1) if one.entry.event == "disputed"]
    assert "不是我们的人" in str(row.entry)
