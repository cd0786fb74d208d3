"""Voice notes through the whole program: from the group, through the ears, to an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from tests.support.botapi import Message
from tests.support.hornyard import HornYard, horn_yard
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


def with_model(program: Program) -> None:
    """Its models are those of all tests."""
    data = program.folder / "data"
    data.mkdir(exist_ok=True)
    (data / "models").symlink_to(models_folder())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def yard(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HornYard]:
    """The program at work, with its ears."""
    await asyncio.to_thread(pulled, "whisper-base")
    async with horn_yard(tmp_path_factory.mktemp("ears"), {}, with_model) as opened:
        await opened.program.start()
        yield opened


def silence() -> Sound:
    return as_sound(np.zeros(3 * RATE, np.float32))


async def note_of(shared: Path, intent: str, language: str = "zh") -> bytes:
    """A recorded command, as it was sent."""
    found = await asyncio.to_thread(spoken_commands, shared / "speech")
    command = next(one for one in found if (one.intent, one.language) == (intent, language))
    return await asyncio.to_thread(command.file.read_bytes)


async def answer_to(yard: HornYard, note: Message) -> str:
    """What was said in reply to a note."""
    found = await yard.server.wait_message(
        note.chat, lambda m: m.reply_to is not None and m.reply_to.id == note.id, PATIENCE_S
    )
    return found.words


async def test_each_note_that_cannot_be_understood_has_its_answer(yard: HornYard) -> None:
    """Nobody is left to wonder; and nothing is done."""
    li, group = yard.server.user(111, "李工"), yard.group
    case = await yard.report("r-unclear", "no_helmet")
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
    assert (await yard.case(case))["state"] == "open"


async def test_audio_files_and_round_videos_are_heard_as_well(yard: HornYard, shared: Path) -> None:
    """Alone with the bot it says what it heard."""
    li = yard.server.user(111, "李工")
    private = yard.server.private(li)
    sound = await note_of(shared, "count")
    senders: list[Callable[..., object]] = [li.voice, li.audio, li.video_note]
    for send in senders:
        note = await send(private, sound)  # type: ignore[misc]  # all three are coroutines
        assert "处理" in await answer_to(yard, note)


async def test_a_kill_while_it_listens_loses_nothing_and_doubles_nothing(
    yard: HornYard, shared: Path
) -> None:
    """The note is listened to again after the next start, and answered once."""
    li, group = yard.server.user(111, "李工"), yard.group
    case = await yard.report("r-kill", "no_vest")
    card = await yard.server.wait_message(group, lambda m: f"#{case}" in m.words, PATIENCE_S)
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
