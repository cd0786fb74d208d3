"""The good voice with its real network: what it says is understood, and its process is a guest.

Skipped where its files cannot be fetched. Every shipped sentence is measured by
`tests.benchmarks.bench_good_voice`, for that takes minutes.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assembly.voices import SPEAKERS, good_voice
from bot.texts.hazards import CONFIRMED, SENTENCES
from tests.support.hearing import Ears, pinyin_error, telephone, word_error
from tests.support.models import models_folder, pulled
from tests.support.patience import PATIENCE_S
from voice.faults import SpeechFailed, VoiceMissing
from voice.kokoro.voice import LOW_PRIORITY, KokoroVoice, Pack
from voice.speech import SpeechMaker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

UNDERSTOOD = 0.10


@pytest.fixture(scope="module")
def pack() -> Pack:
    for name in SPEAKERS.values():
        pulled(name)
    found = good_voice(models_folder())
    assert found is not None
    return found.pack


@pytest.fixture
async def voice(pack: Pack) -> AsyncIterator[KokoroVoice]:
    voice = KokoroVoice(pack, niceness=0)  # the other tests must not starve it
    yield voice
    await voice.close()


@pytest.fixture(scope="module")
def ears() -> Ears:
    return Ears(pulled("whisper-base").parent)


async def heard(voice: KokoroVoice, ears: Ears, text: str, language: str) -> str:
    sound = await voice.make(text, language)
    return await asyncio.to_thread(lambda: ears.hear(telephone(sound), language))


async def test_its_mandarin_is_understood_through_a_horn(voice: KokoroVoice, ears: Ears):
    text = CONFIRMED["smoke_fire"].zh.replace("{place}", "材料区")
    told = await heard(voice, ears, text, "zh")
    assert pinyin_error(text, told) < UNDERSTOOD, told


@pytest.mark.long
async def test_figures_are_said_as_people_say_them(voice: KokoroVoice, ears: Ears):
    """105 as a number, a time as a time."""
    text = "请注意，105号吊车，请在14:30之前离开。"
    told = await heard(voice, ears, text, "zh")
    assert pinyin_error(text, told) < UNDERSTOOD, told


@pytest.mark.long
async def test_its_english_is_understood_through_a_horn(voice: KokoroVoice, ears: Ears):
    text = SENTENCES["zone_intrusion"].en.replace("{place}", "the north gate")
    told = await heard(voice, ears, text, "en")
    assert word_error(text, told) < UNDERSTOOD, told


@pytest.mark.long
async def test_the_process_is_a_guest(pack: Pack, tmp_path: Path):
    """Low priority; gone, with its memory, soon after its last sentence; killed, it is back."""
    voice = KokoroVoice(pack, idle=0.3)
    try:
        assert voice.worker_pid is None
        await voice.make("请注意。", "zh")
        assert voice.worker_pid is not None
        assert os.getpriority(os.PRIO_PROCESS, voice.worker_pid) == LOW_PRIORITY
        async with asyncio.timeout(PATIENCE_S):
            while voice.worker_pid is not None:
                await asyncio.sleep(0.05)
        making = asyncio.create_task(voice.make("请注意。请注意。", "zh"))
        async with asyncio.timeout(200):
            while voice.worker_pid is None:
                await asyncio.sleep(0.01)
        os.kill(voice.worker_pid, signal.SIGKILL)
        assert (await making).seconds > 1
    finally:
        await voice.close()


async def test_nothing_to_say_and_nobody_to_say_it(voice: KokoroVoice, tmp_path: Path):
    with pytest.raises(VoiceMissing):
        voice.key("fr")
    with pytest.raises(SpeechFailed, match="nothing"):
        await SpeechMaker(voice, tmp_path).speak_to_file("🙂", "zh")


async def test_a_damaged_network_is_a_fault_with_words(pack: Pack, tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"no network")
    voice = KokoroVoice(Pack(tmp_path / "model.onnx", pack.vocabulary, pack.styles))
    try:
        with pytest.raises(SpeechFailed, match="the worker ended"):
            await voice.make("请注意。", "zh")
    finally:
        await voice.close()
