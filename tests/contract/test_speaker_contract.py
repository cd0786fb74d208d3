"""What every kind of speaker does. A new kind joins with a rig: the speaker and its other end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.support.horns.cameras import CAMERAS
from tests.support.horns.listening import babble, likeness
from tests.support.horns.rigs import (
    BrowserRig,
    CameraRig,
    FileRig,
    LocalRig,
    OnvifRig,
    Rig,
    RtpRig,
    SipRig,
)
from tests.support.patience import PATIENCE_S
from voice.sound import Sound
from voice.speakers import AVAILABLE
from voice.speakers.port import Outcome

RIGS: dict[str, Callable[[Path], Rig]] = {
    "file": FileRig,
    "browser": BrowserRig,
    "local": LocalRig,
    "rtp": RtpRig,
    "sip": SipRig,
    "onvif": OnvifRig,
    **{kind: partial(CameraRig, kind) for kind in CAMERAS},
}


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = RIGS[request.param](tmp_path)
    try:
        await rig.open()
        yield rig
    finally:
        await rig.close()


def sentence(rig: Rig, seconds: float = 0.3, seed: int = 7) -> Sound:
    """Babble, after as much silence as this device may lose."""
    said = babble(seconds, seed=seed)
    lead = np.zeros(round(rig.lead * said.sample_rate), np.int16)
    return Sound(np.concatenate([lead, said.samples]), said.sample_rate, said.caption)


def assert_alike(sound: Sound, heard: Sound, rig: Rig) -> None:
    """The same sound; through a telephone codec as near to it as that allows."""
    said = Sound(sound.samples[round(rig.lead * sound.sample_rate) :], sound.sample_rate)
    if rig.exact:
        assert heard.sample_rate == said.sample_rate
        assert np.array_equal(heard.samples, said.samples)
        return
    correlation, share = likeness(said, heard)
    assert correlation >= 0.99
    assert share >= 0.98
    assert heard.seconds < sound.seconds + 1


def test_every_available_kind_is_held_to_the_contract() -> None:
    assert set(RIGS) == set(AVAILABLE)


async def test_the_sound_that_goes_in_comes_out(rig: Rig) -> None:
    sound = sentence(rig)
    report = await rig.speaker.play(sound, key="a-1")
    assert report.outcome is rig.played
    (heard,) = await rig.heard()
    assert_alike(sound, heard, rig)


async def test_the_report_measures_what_was_played(rig: Rig) -> None:
    sound = sentence(rig)
    report = await rig.speaker.play(sound, key="a-1")
    assert report.seconds == sound.seconds
    assert report.bytes >= sound.seconds * 8000
    assert report.first_byte_ms is not None
    assert 0 <= report.first_byte_ms < 5000


async def test_plays_come_out_in_order(rig: Rig) -> None:
    sounds = [sentence(rig, 0.1 * length, seed=length) for length in (3, 1, 2)]
    for number, sound in enumerate(sounds):
        assert (await rig.speaker.play(sound, key=f"a-{number}")).outcome is rig.played
    for sound, heard in zip(sounds, await rig.heard(), strict=True):
        assert_alike(sound, heard, rig)


async def test_any_key_is_taken(rig: Rig) -> None:
    """Keys come from outside and never become paths or headers: each time something is heard."""
    for count, key in enumerate(("../../up", "a/b\r\nX: 1", "案件 12", "x" * 500, ""), start=1):
        assert (await rig.speaker.play(sentence(rig, 0.1), key=key)).outcome is rig.played
        async with asyncio.timeout(PATIENCE_S):
            while len(heard := await rig.heard()) < count:  # a receiver may still be writing
                await asyncio.sleep(0.2)
        assert len(heard) == count or not rig.tells_apart


async def test_a_refusing_device_is_an_outcome_with_a_reason(rig: Rig) -> None:
    await rig.broken()
    report = await rig.speaker.play(sentence(rig), key="a-1")
    assert report.outcome in rig.refusals
    assert report.detail
    assert report.first_byte_ms is None
    assert report.bytes == 0


async def test_a_probe_makes_no_sound(rig: Rig) -> None:
    assert (await rig.speaker.probe()).ok
    assert await rig.heard() == []


async def test_a_closed_speaker_says_so(rig: Rig) -> None:
    await rig.speaker.close()
    await rig.speaker.close()
    assert (await rig.speaker.play(sentence(rig), key="a-1")).outcome is Outcome.FAILED
    assert await rig.heard() == []


async def test_a_play_that_is_cancelled_leaves_the_speaker_usable(rig: Rig) -> None:
    for turns in (1, 20):  # before and after it had to wait for something
        play = asyncio.create_task(rig.speaker.play(sentence(rig), key="a-1"))
        for _ in range(turns):
            await asyncio.sleep(0)
        play.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await play
    assert (await rig.speaker.play(sentence(rig), key="a-2")).outcome is rig.played
