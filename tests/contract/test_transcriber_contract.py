"""Every engine that understands speech, held to the same: through the process that runs it.

Words are not compared letter by letter, for the engines differ in them; what matters is that the
words of the command are there.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import pytest_asyncio

from tests.support.models import pulled
from tests.support.speech import (
    RATE,
    Spoken,
    as_sound,
    decoded,
    music,
    pink,
    said_in,
    spoken_commands,
    white,
)
from voice.hearing.ears import Ears, command_of
from voice.hearing.engine import LANGUAGES, Name
from voice.sound import Sound

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]

ENGINES = {"light": "", "whisper": "whisper"}
"""Engine -> the module that an extra of ours brings."""

WORDS = {
    "close": ("关闭", "close"),
    "escalate": ("升级", "escalate"),
    "assign": ("派", "assign"),
    "count": ("未处理", "how many"),
    "reopen": ("打开", "open"),
    "mute": ("静音", "mute"),
    "false": ("误报", "false"),
    "fire": ("火警", "fire"),
}
"""Intent -> a word without which nobody could know it, zh and en."""

LEAST_UNDERSTOOD = {"light": 15, "whisper": 14}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(ENGINES))
async def engine(request: pytest.FixtureRequest) -> str:
    """Its name, where it can be run."""
    name = str(request.param)
    if ENGINES[name] and find_spec(ENGINES[name]) is None:
        pytest.skip(f"{ENGINES[name]} is not installed: it comes with the extra of that name")
    return name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears(engine: str) -> AsyncIterator[Ears]:
    """A process of the engine, warm."""
    folder = (await asyncio.to_thread(pulled, "whisper-base")).parent
    opened = Ears(command_of(cast(Name, engine), folder), limit=120, start_limit=300)
    await opened.warm_up()
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def commands(shared: Path) -> list[Spoken]:
    """Recorded commands."""
    return spoken_commands(shared / "speech")


async def test_commands_are_understood(ears: Ears, engine: str, commands: list[Spoken]) -> None:
    """In their language, with the word that tells the intent, in simplified characters."""
    missed: list[str] = []
    for command in commands:
        heard = await ears.hear(decoded(command.file).to_wav())
        assert heard.language in LANGUAGES
        word = WORDS[command.intent][command.language == "en"]
        if heard.refusal or word not in heard.text.casefold():
            missed.append(f"{command}: {heard.text} {heard.refusal} {heard.detail}")
        else:
            assert heard.language == command.language
            assert heard.score > -1.0
            assert 0.5 < heard.seconds < 6
    assert len(commands) - len(missed) >= LEAST_UNDERSTOOD[engine], missed


@pytest.mark.parametrize("kind", ["nothing", "hum", "white noise", "wind", "music", "click"])
async def test_where_nobody_speaks_there_are_no_words(ears: Ears, kind: str) -> None:
    """Silence with a prompt would invent commands."""
    seconds = 4
    count = seconds * RATE
    time = np.arange(count) / RATE
    click = np.zeros(count)
    click[RATE : RATE + 80] = 0.9
    sounds: dict[str, Sound] = {
        "nothing": as_sound(np.zeros(count, np.float32)),
        "hum": as_sound((0.3 * np.sin(2 * np.pi * 50 * time)).astype(np.float32)),
        "white noise": as_sound(0.2 * white(count)),
        "wind": as_sound(0.2 * pink(count) / np.abs(pink(count)).max()),
        "music": music(seconds),
        "click": as_sound(click.astype(np.float32)),
    }
    heard = await ears.hear(sounds[kind].to_wav())
    assert heard.refusal in ("silence", "unclear"), heard
    assert heard.text == ""


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        ("roa/fr", "Bonjour, veuillez fermer le dossier numéro douze, s'il vous plaît, merci."),
        ("roa/es", "Buenos días, por favor cierre el caso número doce, muchas gracias."),
        ("gmw/de", "Guten Morgen, bitte schließen Sie den Fall Nummer zwölf, vielen Dank."),
    ],
)
async def test_another_language_is_no_command(ears: Ears, voice: str, sentence: str) -> None:
    """It is declined rather than written down as something that sounds like it."""
    heard = await ears.hear((await said_in(voice, sentence)).to_wav())
    assert heard.refusal in ("language", "unclear"), heard


@pytest.mark.long
async def test_a_minute_of_speech_is_heard_to_its_end(ears: Ears, commands: list[Spoken]) -> None:
    """In pieces that the network can look at: its first and its last words are there."""
    first, last = (
        next(one for one in commands if (one.language, one.intent) == ("zh", intent))
        for intent in ("close", "mute")
    )
    pause = np.zeros(RATE, np.int16)
    middle = [one for one in commands if one.language == "zh"]
    parts = [first, *middle, *middle, last]
    samples = [part for one in parts for part in (decoded(one.file).samples, pause)]
    sound = Sound(np.concatenate(samples)[: 60 * RATE], RATE)
    assert sound.seconds > 50
    heard = await ears.hear(sound.to_wav())
    assert "关闭" in (heard.text or heard.detail)
    assert heard.seconds > 35


async def test_what_is_no_recording_is_told(ears: Ears) -> None:
    """And the next one is heard by the same process."""
    pid = ears.worker_pid
    assert (await ears.hear(b"RIFF of nothing")).refusal == "failed"
    assert (await ears.hear(as_sound(np.zeros(0, np.float32)).to_wav())).refusal == "silence"
    assert ears.worker_pid == pid


async def test_killed_in_the_middle_it_is_heard_all_the_same(
    ears: Ears, commands: list[Spoken]
) -> None:
    """By a fresh process."""
    command = commands[0]
    note = decoded(command.file).to_wav()
    before = await ears.hear(note)
    pid = ears.worker_pid
    assert pid is not None
    again = asyncio.create_task(ears.hear(note))
    await asyncio.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    assert (await again).text == before.text
    assert ears.worker_pid != pid


async def test_three_that_wait_do_not_hold_the_loop(ears: Ears, commands: list[Spoken]) -> None:
    """It goes round on and on while they are heard; how late it is a benchmark measures."""
    notes = [decoded(one.file).to_wav() for one in commands[:3]]
    hearing = asyncio.gather(*(ears.hear(note) for note in notes))
    rounds = 0
    while not hearing.done():
        await asyncio.sleep(0.01)
        rounds += 1
    assert all(one.text for one in await hearing)
    assert rounds > 20


@pytest.mark.long
async def test_memory_does_not_grow_with_the_notes(ears: Ears, commands: list[Spoken]) -> None:
    """Forty notes of every length; the benchmark hears three hundred."""
    assert ears.worker_pid is not None
    notes = [decoded(one.file).to_wav() for one in commands]
    for note in notes[:8]:
        await ears.hear(note)
    before = resident(ears.worker_pid)
    for n in range(40):
        await ears.hear(notes[n % len(notes)])
    assert resident(ears.worker_pid) - before < 50_000


def resident(process: int) -> int:
    """Kilobytes of memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
