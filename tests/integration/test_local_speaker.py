"""The sound card: how fast it begins and stops, and what is said where there is none."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.horns.listening import babble, likeness
from tests.support.horns.soundcard import CARD, RATE, PulseCard, pulseaudio_is_here
from tests.support.patience import PATIENCE_S
from voice.speakers import local, open_speaker
from voice.speakers.local import LocalSpeaker
from voice.speakers.local_worker import Tape, too_fast
from voice.speakers.port import Outcome

pytest.importorskip("miniaudio")
needs_pulse = pytest.mark.skipif(
    not pulseaudio_is_here(), reason="PulseAudio is not here (pulseaudio, pulseaudio-utils)"
)


@pytest.fixture
async def card(tmp_path: Path) -> AsyncIterator[PulseCard]:
    card = PulseCard(tmp_path / "card")
    try:
        await asyncio.to_thread(card.start)
        yield card
    finally:
        await asyncio.to_thread(card.stop)
        card.forget()


@pytest.fixture
async def speaker() -> AsyncIterator[LocalSpeaker]:
    speaker = LocalSpeaker()
    yield speaker
    await speaker.close()


async def sounding(card: PulseCard) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(lambda: card.recorded()[-RATE // 10 :].any()):
            await asyncio.sleep(0.05)


@needs_pulse
async def test_it_falls_silent_when_it_is_interrupted(card: PulseCard, speaker: LocalSpeaker):
    """No more is heard than the time until then and 40 ms; and it speaks again."""
    await speaker.probe()
    asked = time.monotonic()
    play = asyncio.create_task(speaker.play(babble(20.0), key="long"))
    await sounding(card)
    play.cancel()
    until = time.monotonic() - asked
    with pytest.raises(asyncio.CancelledError):
        await play
    assert time.monotonic() - asked - until < 10  # of 20
    await asyncio.to_thread(card.heard)
    loud = np.flatnonzero(await asyncio.to_thread(card.recorded))
    heard = (loud[-1] - loud[0]) / RATE
    assert 0 < heard <= until + 0.04

    said = babble(0.3, seed=8)
    assert (await speaker.play(said, key="next")).outcome is Outcome.SPOKEN
    correlation, _ = likeness(said, (await asyncio.to_thread(card.heard))[-1])
    assert correlation >= 0.99


@needs_pulse
async def test_a_card_by_its_name(card: PulseCard):
    known = open_speaker(f"local:{CARD[:12].lower()}", work_dir=card.folder)
    unknown = open_speaker("local:Kitchen%20radio", work_dir=card.folder)
    try:
        health = await known.probe()
        assert health.ok
        assert health.detail == CARD
        report = await known.play(babble(0.2), key="a")
        assert report.outcome is Outcome.SPOKEN
        report = await unknown.play(babble(0.2), key="b")
        assert report.outcome is Outcome.NOT_FOUND
        assert CARD in report.detail
        assert not (await unknown.probe()).ok
    finally:
        await known.close()
        await unknown.close()


@needs_pulse
async def test_a_process_that_dies_is_a_failure_and_the_next_play_is_well(
    card: PulseCard, speaker: LocalSpeaker
):
    play = asyncio.create_task(speaker.play(babble(20.0), key="a"))
    await sounding(card)
    assert speaker.worker_pid is not None
    os.kill(speaker.worker_pid, signal.SIGKILL)
    report = await play
    assert report.outcome is Outcome.FAILED
    assert report.detail
    assert (await speaker.play(babble(0.2), key="b")).outcome is Outcome.SPOKEN


async def test_a_machine_without_a_sound_card_says_so(
    speaker: LocalSpeaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    monkeypatch.setenv("ALSA_CONFIG_PATH", os.devnull)
    report = await speaker.play(babble(0.2), key="a")
    assert report.outcome is Outcome.UNREACHABLE
    assert (report.bytes, report.seconds, report.first_byte_ms) == (0, 0.0, None)
    assert "sound card" in report.detail
    assert not (await speaker.probe()).ok


async def test_without_its_package_the_command_is_told_that_brings_it(
    speaker: LocalSpeaker, monkeypatch: pytest.MonkeyPatch
):
    script = local.COMMAND[-1]
    hidden = f"import runpy, sys; sys.modules['miniaudio'] = None; sys.argv = sys.argv[1:]; \
runpy.run_path({script!r}, run_name='__main__')"
    monkeypatch.setattr(local, "COMMAND", (sys.executable, "-P", "-c", hidden, script))
    report = await speaker.play(babble(0.2), key="a")
    assert report.outcome is Outcome.FAILED
    assert "pip install miniaudio" in report.detail
    assert "pip install miniaudio" in (await speaker.probe()).detail


def test_a_device_that_swallows_sound_has_not_played_it():
    """Such as ALSA's `null`: it takes everything at once."""
    assert too_fast(5.0, 5.0) is None
    assert too_fast(5.0, 4.5) is None
    fault = too_fast(5.0, 0.1)
    assert fault is not None
    assert fault.outcome == "not_played"


def test_the_tape_gives_every_sample_once_and_then_silence():
    samples = bytes(range(100))
    tape = Tape(samples)
    running = tape.run()
    next(running)
    given = b"".join(running.send(7) for _ in range(10))
    assert given == samples
    assert tape.finished
    assert running.send(7) == b""
