"""Voice notes through the whole program: from the group, through the ears, to an answer."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.support.botapi import Message, bot_api
from tests.support.hornyard import HornYard
from tests.support.models import models_folder, pulled
from tests.support.program import Program
from tests.support.sounds import recorded
from tests.support.speech import RATE, as_sound, music, said_in, spoken_commands
from voice.sound import Sound

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]

PATIENCE_S = 120.0


SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[cameras]]
id = "gate"
site = "yard-7"
name = "大门"
source = "push"
models = []

[[chats]]
channel = "telegram"
id = -1001
messages_per_minute = 0

[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111

[[members]]
id = "chen"
name = "陈查看"
role = "viewer"
telegram = 114
"""
HAZARDS = (
    *("no_vest", "zone_intrusion", "climbing", "unregistered_person", "speeding", "fatigue"),
    *("no_seatbelt", "roof_intrusion", "geofence", "thrown_object", "traffic_accident"),
    "no_helmet",
)
"""One case each: the last of them is number 12."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def yard(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HornYard]:
    """The program at work, with its ears, and twelve cases."""
    await asyncio.to_thread(pulled, "whisper-base")
    folder = tmp_path_factory.mktemp("ears")
    async with bot_api() as server, ClientSession() as web:
        settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
        program = Program(folder, SITE, **settings)
        (folder / "data").mkdir()
        (folder / "data" / "models").symlink_to(models_folder())
        opened = HornYard(server, web, program)
        await opened.begin()
        await program.start()
        for number, hazard in enumerate(HAZARDS, start=1):
            assert await opened.report(f"r{number}", hazard) == number
        try:
            yield opened
        finally:
            if program.running:
                await program.kill()


def silence() -> Sound:
    return as_sound(np.zeros(3 * RATE, np.float32))


async def note_of(shared: Path, intent: str, language: str = "zh") -> bytes:
    """A recorded command, as it was sent."""
    found = await asyncio.to_thread(spoken_commands, shared / "speech")
    command = next(one for one in found if (one.intent, one.language) == (intent, language))
    return await asyncio.to_thread(command.file.read_bytes)


async def reply_to(yard: HornYard, note: Message) -> Message:
    """The message that answers a note."""
    return await yard.server.wait_message(
        note.chat, lambda m: m.reply_to is not None and m.reply_to.id == note.id, PATIENCE_S
    )


async def answer_to(yard: HornYard, note: Message) -> str:
    """What was said in reply to a note."""
    return (await reply_to(yard, note)).words


async def card_of(yard: HornYard, number: int) -> Message:
    """The card of a case in the group."""
    return await yard.server.wait_message(
        yard.group, lambda m: f"#{number}" in m.words.splitlines()[0].split(), PATIENCE_S
    )


async def until_closed(yard: HornYard, number: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await yard.case(number))["state"] != "closed":
            await asyncio.sleep(0.05)


async def test_each_note_that_cannot_be_understood_has_its_answer(yard: HornYard) -> None:
    """Nobody is left to wonder; and nothing is done."""
    li, group = yard.server.user(111, "李工"), yard.group
    french = await said_in("roa/fr", "Bonjour, veuillez fermer le dossier numéro douze, merci.")
    notes: list[tuple[Message, str]] = [
        (await li.voice(group, recorded(silence())), "没有听到人说话"),
        (await li.voice(group, recorded(music(4))), "没有听到人说话|没听清"),
        (await li.voice(group, recorded(french)), "普通话和英语|没听清"),
        (await li.voice(group, b"OggS" + bytes(3000)), "读不出来"),
        (await li.voice(group, recorded(silence()), seconds=300), "最多 60 秒"),
        (await li.audio(group, bytes(25_000_000)), "最多 20 MB"),
    ]
    for note, words in notes:
        told = await answer_to(yard, note)
        assert any(word in told for word in words.split("|")), told
        assert "什么都没做" in told
    for number in range(1, len(HAZARDS) + 1):
        assert (await yard.case(number))["state"] == "open"


@pytest.mark.long
async def test_audio_files_and_round_videos_are_heard_as_well(yard: HornYard, shared: Path) -> None:
    """Alone with the bot it says what it heard."""
    li = yard.server.user(111, "李工")
    private = yard.server.private(li)
    sound = await note_of(shared, "count")
    senders: list[Callable[..., object]] = [li.voice, li.audio, li.video_note]
    for send in senders:
        note = await send(private, sound)  # type: ignore[misc]  # all three are coroutines
        assert "处理" in await answer_to(yard, note)


async def test_a_voice_note_closes_a_case_after_its_confirm(yard: HornYard, shared: Path) -> None:
    """It is read back first; the words and the recording are in the chain of the case."""
    li = yard.server.user(111, "李工")
    note = await li.voice(yard.group, await note_of(shared, "close"))
    asked = await reply_to(yard, note)
    assert "#12" in asked.words
    assert (await yard.case(12))["state"] == "open"
    await li.press(asked, "确认执行")
    await until_closed(yard, 12)
    case = await yard.case(12)
    (said,) = [one for one in case["history"] if one["event"] == "heard"]
    assert said["actor"] == "li"
    assert "recording" in [one["kind"] for one in case["snapshots"]]
    assert await yard.program.command("audit", "verify", "--case", "12")


async def test_in_reply_to_a_card_no_number_is_needed(yard: HornYard) -> None:
    """The card says which case it is about."""
    li, group = yard.server.user(111, "李工"), yard.group
    card = await card_of(yard, 7)
    close = recorded(await said_in("gmw/en-us", "Close the case, please."))
    note = await li.voice(group, close, reply_to=card)
    asked = await reply_to(yard, note)
    assert "#7" in asked.words, asked.words
    await li.press(asked, "确认执行")
    await until_closed(yard, 7)


async def test_who_may_not_is_refused_before_the_read_back(yard: HornYard, shared: Path) -> None:
    """A viewer is told who could do it, and there is nothing to confirm."""
    chen = yard.server.user(114, "陈查看")
    note = await chen.voice(yard.group, await note_of(shared, "escalate"))
    told = await reply_to(yard, note)
    assert told.keyboard is None or "确认执行" not in str(told.buttons), told.words
    assert "不能" in told.words, told.words
    assert (await yard.case(5))["state"] == "open"


async def test_a_helmet_escalates_a_case_after_its_yes(yard: HornYard, shared: Path) -> None:
    """By HTTP, with a key of the person who wears it: what was heard, what is asked, then done."""
    made = ("key", "create", "--name", "helmet", "--role", "operator", "--member", "li")
    bearer = {"Authorization": f"Bearer {await yard.program.command(*made)}"}
    url = f"{yard.program.url}/api/v1/voice"
    note = io.BytesIO(await note_of(shared, "escalate"))
    headers = bearer | {"Idempotency-Key": "said-1", "Content-Type": "audio/ogg"}
    async with yard.web.post(url, data=note, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        asked = await answer.json()
    assert (asked["verb"], asked["cases"], asked["done"]) == ("escalate", [5], False), asked
    assert (await yard.case(5))["state"] == "open"
    yes = {"question": asked["question"], "confirm": True}
    headers = bearer | {"Idempotency-Key": "yes-1"}
    async with yard.web.post(url, json=yes, headers=headers) as answer:
        assert (await answer.json())["done"]
    assert (await yard.case(5))["state"] == "escalated"


async def test_a_kill_while_it_listens_loses_nothing_and_doubles_nothing(
    yard: HornYard, shared: Path
) -> None:
    """The note is listened to again after the next start, and answered once."""
    li, group = yard.server.user(111, "李工"), yard.group
    card = await card_of(yard, 3)
    sound = await note_of(shared, "close")
    for pause in (0.02, 0.15, 0.4):
        note = await li.voice(group, sound, reply_to=card)
        await asyncio.sleep(pause)
        await yard.program.kill()
        await yard.program.start()
        await answer_to(yard, note)
    after = await li.voice(group, recorded(silence()), reply_to=card)
    await answer_to(yard, after)
    answers = [m.reply_to.id for m in yard.server.messages(group) if m.reply_to is not None]
    assert len(answers) == len(set(answers)), "a note was answered twice"
