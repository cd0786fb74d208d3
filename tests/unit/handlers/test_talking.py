"""One's own voice on a horn: asked for, read back, played once after a yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.casework.talking import AWAITED_FOR_MS
from bot.domain.callback import Press, encode
from bot.domain.case import Case
from bot.domain.command import Verb
from bot.domain.message import ChatRef
from bot.ports import OutboxRow
from tests.support.cases import MINUTE
from tests.support.chathouse import (
    BOTH_SITES,
    GROUP,
    OTHER_GROUP,
    ChatHouse,
    answers,
    passing_fault,
)
from tests.support.sounds import recorded, tone

pytestmark = pytest.mark.asyncio(loop_scope="module")

VOICE = recorded(tone(1.2))


async def asks(house: ChatHouse, case: Case, who: str = "li") -> None:
    """Press 喊话 under the card of a case."""
    message = await house.shown(case)
    await house.presses(encode(Press(Verb.SAY, case.number, case.seq)), who, reply_to=message)


async def notes(
    house: ChatHouse, who: str = "li", text: str = "", chat: ChatRef = GROUP
) -> list[OutboxRow]:
    """Send a voice note."""
    return await house.take(house.message(text, who, voice=VOICE, chat=chat))


def played(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The recordings that go to horns."""
    return [row for row in rows if row.kind == "announce" and "recording" in row.payload]


def confirm_of(rows: Sequence[OutboxRow]) -> str:
    """The data of 确认执行 under the read-back."""
    (told,) = answers(rows)
    (((label, data), _),) = told["buttons"]
    assert label == "确认执行"
    return data


async def test_the_button_then_a_voice_note_then_a_yes(house: ChatHouse) -> None:
    """The horn and the length are named before anything sounds; then it sounds once."""
    case = await house.opens()
    await asks(house, case)
    rows = await notes(house)
    (told,) = answers(rows)
    assert told["text"] == "大门喇叭将播一次：1.2 秒语音。要播吗？"
    assert not played(rows)
    await house.presses(confirm_of(rows))
    (row,) = played(await house.store.deliveries(case.number))
    assert (row.target, row.case) == ("gate-horn", case.number)
    wav = await house.recordings.get(row.payload["recording"])
    assert wav is not None
    assert wav.startswith(b"RIFF")
    (kept,) = [s for s in await house.store.snapshots(case.number) if s.kind == "recording"]
    assert (kept.sha256, kept.by) == (row.payload["recording"], "li")
    assert "talked" in [row.entry.event for row in await house.store.history(case.number)]


async def test_a_second_yes_plays_nothing_more(house: ChatHouse) -> None:
    """The question is answered once; another person's yes is not taken."""
    case = await house.opens()
    await asks(house, case)
    yes = confirm_of(await notes(house))
    await house.presses(yes, "wang")
    assert not played(await house.store.deliveries(case.number))
    await house.presses(yes)
    await house.presses(yes)
    assert len(played(await house.store.deliveries(case.number))) == 1


async def test_the_slash_form_and_a_caption_name_the_horn(house: ChatHouse) -> None:
    """/say without words waits for the voice note; as its caption it needs no waiting."""
    await house.told("/say gate-horn")
    assert "要播吗" in answers(await notes(house))[0]["text"]
    assert answers(await notes(house)) == []  # one note per wish
    assert "要播吗" in answers(await notes(house, text="喊话 大门"))[0]["text"]


async def test_nobody_elses_note_and_no_late_one_is_taken(house: ChatHouse) -> None:
    """Only that person's, only in that chat, only within two minutes."""
    before = house.now[0]
    await house.told("/say gate-horn")
    assert answers(await notes(house, "wang")) == []
    assert answers(await notes(house, "li", chat=BOTH_SITES)) == []
    house.now[0] += AWAITED_FOR_MS + 1
    assert answers(await notes(house)) == []
    house.now[0] = before


async def test_a_no_and_a_late_yes_play_nothing(house: ChatHouse) -> None:
    """取消, or a minute gone by."""
    await house.told("/say gate-horn")
    await notes(house)
    await house.told("取消")
    assert not played(await house.says("执行"))
    await house.told("/say gate-horn")
    await notes(house)
    house.later(1.1)
    assert not played(await house.says("执行"))
    house.now[0] -= round(1.1 * MINUTE)


async def test_who_may_not_speak_is_told_at_once(house: ChatHouse) -> None:
    """A viewer is not asked for a voice note."""
    case = await house.opens()
    await asks(house, case, "chen")
    assert answers(await notes(house, "chen")) == []
    assert not played(await notes(house, "chen", text="/say gate-horn"))


async def test_too_many_words_are_refused_and_nothing_is_spoken(house: ChatHouse) -> None:
    """501 characters would keep a horn for minutes; 10,000 are answered, too."""
    rows = await house.says(f"喊话 大门 {'请' * 501}")
    assert "最多 500 个字" in answers(rows)[0]["text"]
    assert not [row for row in rows if row.kind == "announce"]
    rows = await house.says(f"/say gate-horn {'a' * 10_000}")
    assert "太长" in answers(rows)[0]["text"]
    assert not [row for row in rows if row.kind == "announce"]


@pytest.mark.parametrize(
    ("voice", "why"),
    [
        (b"OggS" + b"\0" * 100, "读不出来"),
        (recorded(tone(61.0, rate=16_000)), "最多 60 秒"),
        (recorded(tone(0.05)), "太短"),
        (recorded(replace(tone(1.2), samples=tone(1.2).samples * 0)), "没有声音"),
    ],
    ids=["broken", "long", "short", "silent"],
)
async def test_a_recording_that_cannot_be_played_says_why(
    house: ChatHouse, voice: bytes, why: str
) -> None:
    """Nothing is done, and the wish still stands for a better one."""
    await house.told("/say gate-horn")
    rows = await house.take(house.message("", voice=voice))
    assert why in answers(rows)[0]["text"]
    assert "要播吗" in answers(await notes(house))[0]["text"]


async def test_a_note_that_cannot_be_fetched_is_asked_for_again(house: ChatHouse) -> None:
    """Three tries, then an answer; a passing fault is not noticed."""
    await house.told("/say gate-horn")
    house.photos.faults += [passing_fault()] * 3
    assert "没有取到" in answers(await notes(house))[0]["text"]
    house.photos.faults.append(passing_fault())
    assert "要播吗" in answers(await notes(house))[0]["text"]


async def test_an_english_chat_is_asked_in_english(house: ChatHouse) -> None:
    """In the words of its chat."""
    await house.told("/say door-horn", "zhao", chat=OTHER_GROUP)
    told = answers(await notes(house, "zhao", chat=OTHER_GROUP))[0]["text"]
    assert told == "Door horn will play once: a recording of 1.2 s. Shall it?"
