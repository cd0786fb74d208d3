"""What every kind of speaker does. A new kind joins with a rig: the speaker and its other end."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voice.sound import Sound, read_wav
from voice.speakers import AVAILABLE, open_speaker
from voice.speakers.browser import BrowserSpeaker, Listener
from voice.speakers.port import Outcome, Speaker


def tone(seconds: float = 0.2, hertz: float = 440) -> Sound:
    """A tone of 8 kHz with a caption."""
    time = np.arange(round(seconds * 8000)) / 8000
    return Sound((9000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), 8000, "请注意")


class Rig(ABC):
    """A speaker, and how to listen at its other end and to break it."""

    speaker: Speaker

    @abstractmethod
    async def heard(self) -> list[Sound]:
        """All sounds that came out, in order."""

    @abstractmethod
    async def broken(self) -> None:
        """Make the device refuse."""

    async def close(self) -> None:
        await self.speaker.close()


class FileRig(Rig):
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "out"
        self.speaker = open_speaker(f"file:{self.folder}", work_dir=folder / "work")

    async def heard(self) -> list[Sound]:
        files = sorted(self.folder.glob("*.wav"))
        return [await asyncio.to_thread(read_wav, path) for path in files]

    async def broken(self) -> None:
        self.folder.rmdir() if self.folder.exists() else None
        self.folder.write_text("a file where the folder should be")


class Page:
    """A browser page's side of the talk: fetches each sound and says what it does with it."""

    def __init__(self, speaker: BrowserSpeaker, answers: tuple[str, ...] = ("started", "ended")):
        self.speaker = speaker
        self.answers = answers
        self.sounds: list[Sound] = []
        self.messages: list[dict[str, Any]] = []
        self.listener: Listener = speaker.join(self.send)
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message["type"] == "play":
            task = asyncio.create_task(self._play(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _play(self, message: dict[str, Any]) -> None:
        sound = await asyncio.to_thread(read_wav, self.speaker.sound_file(message["play"]))
        self.sounds.append(sound)
        for answer in self.answers:
            await asyncio.sleep(0)
            self.listener.heard({"type": answer, "play": message["play"], "detail": "muted"})


class BrowserRig(Rig):
    def __init__(self, folder: Path) -> None:
        speaker = open_speaker("browser:", work_dir=folder / "work")
        assert isinstance(speaker, BrowserSpeaker)
        self.speaker = speaker
        self.page = Page(speaker)

    async def heard(self) -> list[Sound]:
        return self.page.sounds

    async def broken(self) -> None:
        self.page.answers = ("failed",)


RIGS: dict[str, Callable[[Path], Rig]] = {"file": FileRig, "browser": BrowserRig}


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = RIGS[request.param](tmp_path)
    yield rig
    await rig.close()


def test_every_available_kind_is_held_to_the_contract() -> None:
    assert set(RIGS) == set(AVAILABLE)


async def test_the_sound_that_goes_in_comes_out(rig: Rig) -> None:
    sound = tone()
    report = await rig.speaker.play(sound, key="a-1")
    assert report.outcome is Outcome.SPOKEN
    (heard,) = await rig.heard()
    assert heard.sample_rate == sound.sample_rate
    assert np.array_equal(heard.samples, sound.samples)


async def test_the_report_measures_what_was_played(rig: Rig) -> None:
    sound = tone(0.5)
    report = await rig.speaker.play(sound, key="a-1")
    assert report.seconds == sound.seconds
    assert report.bytes >= sound.samples.nbytes
    assert report.first_byte_ms is not None
    assert 0 <= report.first_byte_ms < 5000


async def test_plays_come_out_in_order(rig: Rig) -> None:
    sounds = [tone(0.1 * length) for length in (1, 2, 3)]
    for number, sound in enumerate(sounds):
        assert (await rig.speaker.play(sound, key=f"a-{number}")).outcome is Outcome.SPOKEN
    assert [one.seconds for one in await rig.heard()] == [one.seconds for one in sounds]


async def test_any_key_is_taken(rig: Rig) -> None:
    """Keys come from outside and never become paths."""
    for key in ("../../up", "a/b", "案件 12", "x" * 500, ""):
        assert (await rig.speaker.play(tone(), key=key)).outcome is Outcome.SPOKEN
    assert len(await rig.heard()) == 5


async def test_a_refusing_device_is_an_outcome_with_a_reason(rig: Rig) -> None:
    await rig.broken()
    report = await rig.speaker.play(tone(), key="a-1")
    assert report.outcome is Outcome.FAILED
    assert report.detail
    assert report.first_byte_ms is None
    assert report.bytes == 0


async def test_a_probe_makes_no_sound(rig: Rig) -> None:
    assert (await rig.speaker.probe()).ok
    assert await rig.heard() == []


async def test_a_closed_speaker_says_so(rig: Rig) -> None:
    await rig.speaker.close()
    await rig.speaker.close()
    assert (await rig.speaker.play(tone(), key="a-1")).outcome is Outcome.FAILED
    assert await rig.heard() == []


async def test_a_play_that_is_cancelled_leaves_the_speaker_usable(rig: Rig) -> None:
    play = asyncio.create_task(rig.speaker.play(tone(), key="a-1"))
    await asyncio.sleep(0)
    play.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await play
    assert (await rig.speaker.play(tone(), key="a-2")).outcome is Outcome.SPOKEN
