"""Voice notes as words: which are listened to, what comes of them, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.case import State
from bot.domain.message import ChatRef, Media
from bot.ports import OutboxRow
from handlers import chat
from tests.support.chathouse import (
    GROUP,
    UNKNOWN_GROUP,
    ChatHouse,
    answers,
    chat_house,
    private,
)
from tests.support.ears import COMMAND
from tests.support.patience import PATIENCE_S, until
from tests.support.sounds import recorded, tone

NOTE = recorded(tone(1.2))
ALONE = private(111)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[ChatHouse]:
    """A desk of its own: what was told lately is remembered."""
    async with chat_house(tmp_path) as running:
        yield running


async def told(house: ChatHouse, chat: ChatRef = ALONE, who: str = "li", **more: Any) -> list[str]:
    """What answers a voice note."""
    rows = await house.take(house.message("", who, voice=NOTE, chat=chat, **more))
    return [str(one["text"]) for one in answers(rows)]


async def test_what_was_heard_is_understood_as_if_it_were_typed(house: ChatHouse) -> None:
    """A question is answered at once."""
    case = await house.opens()
    house.ears.will_hear(f"查看 {case.number}")
    (answer,) = await told(house, GROUP)
    assert f"#{case.number}" in answer
    (listened,) = house.ears.listened
    assert listened.wav.startswith(b"RIFF")
    assert listened.seconds == pytest.approx(1.2, abs=0.1)


async def test_what_changes_a_case_is_never_done_at_once(house: ChatHouse) -> None:
    """Whatever was heard, without a yes to the read-back the case stays as it is."""
    case = await house.opens()
    house.ears.will_hear(f"关闭 {case.number}")
    (answer,) = await told(house, GROUP)
    assert str(case.number) in answer
    assert (await house.case(case.number)).state is State.OPEN


async def test_without_the_model_the_answer_names_the_command(house: ChatHouse) -> None:
    """Told to whoever speaks to us; among people nothing is even fetched."""
    (answer,) = await told(house)
    assert COMMAND in answer
    assert await told(house, GROUP) == []
    (answer,) = await told(house, GROUP, reply_to="5", reply_to_own=True)
    assert COMMAND in answer
    assert house.ears.listened == []


async def test_where_it_is_switched_off_nothing_is_to_be_fetched(house: ChatHouse) -> None:
    """And that is what is told."""
    house.ears.absent = "-"
    assert "没有开语音识别" in (await told(house))[0]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("hearing.silence", "没有听到人说话"),
        ("hearing.unclear", "没听清"),
        ("hearing.language", "普通话和英语"),
        ("hearing.cantonese", "粤语"),
        ("hearing.slow", "超时"),
        ("hearing.failed", "故障"),
        ("hearing.busy", "排队"),
    ],
)
async def test_each_reason_has_its_own_answer(house: ChatHouse, key: str, words: str) -> None:
    """And says that nothing was done."""
    house.ears.will_hear("", refusal=key)
    (answer,) = await told(house, GROUP)
    assert words in answer
    assert "什么都没做" in answer


async def test_among_people_the_same_reason_is_not_told_for_ever(house: ChatHouse) -> None:
    """They talk among themselves; alone with us, or in reply to us, it is told every time."""
    house.ears.will_hear("", refusal="hearing.cantonese")
    for _ in range(3):
        assert len(await told(house, GROUP)) == 1
    assert await told(house, GROUP) == []
    assert len(await told(house, GROUP, "wang")) == 1
    assert len(await told(house, GROUP, reply_to="5", reply_to_own=True)) == 1
    house.later(10)
    assert len(await told(house, GROUP)) == 1
    for _ in range(5):
        assert len(await told(house)) == 1


async def test_chatter_is_answered_only_where_it_was_said_to_us(house: ChatHouse) -> None:
    """What was heard is in the answer."""
    house.ears.will_hear("今天中午吃什么")
    assert await told(house, GROUP) == []
    assert "今天中午吃什么" in (await told(house))[0]


async def test_many_notes_of_a_chat_hold_up_no_other_chat_and_no_cry_for_help(
    house: ChatHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage there may be more than are looked at in one go, each heard for seconds."""
    monkeypatch.setattr(chat, "_BATCH", 5)
    house.ears.will_hear("未处理")
    house.ears.gate.clear()
    for _ in range(8):
        await house.desk.take(house.message("", voice=NOTE))
    await until(lambda: house.ears.listened)
    await house.desk.take(house.message("未处理", "wang", chat=private(112)))
    await house.desk.take(house.message("紧急 有人掉下去了", "wang"))
    rows = await told_until(house, "有人掉下去了")
    async with asyncio.timeout(PATIENCE_S):
        while not any(row.target == private(112).key for row in rows):
            rows += await house.rows()
            await asyncio.sleep(0.01)
    assert len(house.ears.listened) == 1
    house.ears.gate.set()
    await house.handled()
    assert len(house.ears.listened) == 8


async def told_until(house: ChatHouse, words: str) -> list[OutboxRow]:
    """What goes out until the case of an emergency with these words is told, and that itself."""
    found: list[OutboxRow] = []
    async with asyncio.timeout(PATIENCE_S):
        while not any(row.kind == "card" for row in found):
            found += await house.rows()
            await asyncio.sleep(0.01)
    (card,) = [row for row in found if row.kind == "card" and row.target == GROUP.key]
    case = await house.case(card.case or 0)
    assert words in str(case)
    return found


async def test_nobody_else_is_listened_to(house: ChatHouse) -> None:
    """Strangers, hidden senders, unknown groups: their notes are not even fetched."""
    house.ears.will_hear("未处理")
    await told(house, GROUP, "nobody")
    await told(house, UNKNOWN_GROUP)
    sender = house.message("", "li").sender
    hidden = type(sender)(sender.id, sender.name, anonymous=True)
    await told(house, GROUP, sender=hidden)
    assert house.ears.listened == []


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (Media("voice", "v", 40_000, 300.0), "最多 60 秒"),
        (Media("voice", "v", 25_000_000, 30.0), "最多 20 MB"),
        (Media("voice", "gone", 4_000, 3.0), "没有取到"),
    ],
)
async def test_too_much_is_refused_before_it_is_fetched(
    house: ChatHouse, media: Media, words: str
) -> None:
    """Five minutes, 25 MB; and what cannot be fetched at all is told, too."""
    from bot.domain.error import Rejected

    house.ears.will_hear("未处理")
    house.photos.faults.append(Rejected("not found"))
    rows = await house.take(
        house.message("", "li", chat=GROUP, kind="voice", media=(media,)),
    )
    (answer,) = answers(rows)
    assert words in answer["text"]
    assert bool(house.photos.faults) == (media.ref == "v"), "it was fetched all the same"


async def test_a_broken_file_is_told(house: ChatHouse) -> None:
    """Bytes that no decoder takes."""
    house.ears.will_hear("未处理")
    rows = await house.take(house.message("", "li", voice=b"OggS" + bytes(4000), chat=GROUP))
    (answer,) = answers(rows)
    assert "读不出来" in answer["text"]


async def test_a_caption_speaks_for_itself(house: ChatHouse) -> None:
    """Somebody typed: that counts, and the note is not listened to."""
    case = await house.opens()
    house.ears.will_hear("未处理")
    rows = await house.take(house.message(f"确认 {case.number}", "li", voice=NOTE))
    assert "已确认" in answers(rows)[0]["text"]
    assert house.ears.listened == []


async def test_a_note_for_the_horn_is_not_listened_to(house: ChatHouse) -> None:
    """After /say it is what the horn plays."""
    house.ears.will_hear("未处理")
    await house.told("/say gate-horn")
    assert "要播吗" in (await told(house, GROUP))[0]
    assert house.ears.listened == []
