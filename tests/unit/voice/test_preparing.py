"""The good voice prepares what may be said; until it has, the instant one speaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.announcing import ToneVoice
from tests.support.patience import PATIENCE_S, until
from voice.faults import SpeechFailed, VoiceMissing
from voice.preparing import Preparer, Readiness, Sentence, alone, lock_of, readiness
from voice.shelf import VoiceKey
from voice.sound import Sound
from voice.speech import PREPARED, SpeechMaker

FALL = Sentence("大门，疑似有人摔倒。", "zh")
HELMET = Sentence("请注意，大门的师傅，请戴好安全帽。", "zh")
VEST = Sentence("请注意，大门的师傅，请穿好反光衣。", "zh")


class GoodVoice:
    """Speaks Mandarin only, when it may; `broken` for what it cannot say."""

    def __init__(self, tone: ToneVoice) -> None:
        self.tone = tone
        self.speaker = "zf"
        self.broken: set[str] = set()
        self.closed = False

    def key(self, language: str) -> VoiceKey:
        if language != "zh":
            raise VoiceMissing(language)
        return VoiceKey("good", self.speaker, 100)

    async def make(self, text: str, language: str) -> Sound:
        if text in self.broken:
            raise SpeechFailed("not this one")
        return await self.tone.make(text, language)

    async def warm_up(self) -> None:
        return

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def good() -> GoodVoice:
    return GoodVoice(ToneVoice())


@pytest.fixture
def maker(tone_voice: ToneVoice, good: GoodVoice, tmp_path: Path) -> SpeechMaker:
    return SpeechMaker(tone_voice, tmp_path, better=good)


@asynccontextmanager
async def preparing(
    good: GoodVoice, maker: SpeechMaker, folder: Path, *sentences: Sentence, quiet: float = 0.0
) -> AsyncIterator[Preparer]:
    preparer = Preparer(good, maker, folder, sentences, quiet=quiet, retry=0.01)
    task = asyncio.create_task(preparer.run())
    try:
        yield preparer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_ready(preparer: Preparer, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await preparer.readiness()).ready < count:
            await asyncio.sleep(0.005)


def recordings(folder: Path) -> int:
    return len(list((folder / PREPARED).glob("*/*.wav")))


async def test_everything_that_may_be_said_is_made_in_the_order_given(
    good: GoodVoice, maker: SpeechMaker, tmp_path: Path
) -> None:
    async with preparing(good, maker, tmp_path, FALL, HELMET, HELMET) as preparer:
        await until_ready(preparer, 2)
        assert await preparer.readiness() == Readiness(2, 2)
    assert good.tone.said == [FALL.text, HELMET.text]
    assert await asyncio.to_thread(readiness, good, tmp_path, [FALL, VEST]) == Readiness(1, 2)


async def test_the_good_one_is_said_when_it_is_there_and_the_instant_one_until_then(
    good: GoodVoice, maker: SpeechMaker, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    assert (await maker.speak_to_file(FALL.text, "zh")).voice == tone_voice.key("zh")
    async with preparing(good, maker, tmp_path, FALL) as preparer:
        await until_ready(preparer, 1)
    speech = await maker.speak_to_file(f" {FALL.text}\n", "zh")
    assert (speech.voice, speech.cached) == (good.key("zh"), True)
    assert speech.sound.voice == "good zf"
    assert speech.sound.caption == FALL.text
    assert speech.path.is_relative_to(tmp_path / PREPARED)


async def test_nobody_waits_for_the_good_voice(
    good: GoodVoice, maker: SpeechMaker, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    """While it is at work on a sentence, the same one is said in the instant voice."""
    good.tone.gate.clear()
    async with preparing(good, maker, tmp_path, FALL):
        await until(lambda: good.tone.asked == [FALL.text])
        async with asyncio.timeout(PATIENCE_S):
            speech = await maker.speak_to_file(FALL.text, "zh")
        assert speech.voice == tone_voice.key("zh")


async def test_what_was_missed_is_good_the_next_time(
    good: GoodVoice, maker: SpeechMaker, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    async with preparing(good, maker, tmp_path, HELMET) as preparer:
        await until_ready(preparer, 1)
        assert (await maker.speak_to_file("请让路。", "zh")).voice == tone_voice.key("zh")
        await until(lambda: good.tone.said == [HELMET.text, "请让路。"])
        async with asyncio.timeout(PATIENCE_S):
            while (await maker.speak_to_file("请让路。", "zh")).voice != good.key("zh"):
                await asyncio.sleep(0.005)
    assert recordings(tmp_path) == 1  # what was typed is not of the site's own sentences


async def test_what_is_no_longer_said_is_removed(
    good: GoodVoice, maker: SpeechMaker, tmp_path: Path
) -> None:
    """A site file with another sentence, another place, another speaker."""
    async with preparing(good, maker, tmp_path, FALL, HELMET) as preparer:
        await until_ready(preparer, 2)
    async with preparing(good, maker, tmp_path, HELMET, VEST) as preparer:
        await until_ready(preparer, 2)
    assert recordings(tmp_path) == 2
    assert good.tone.said == [FALL.text, HELMET.text, VEST.text]
    good.speaker = "zm"
    async with preparing(good, maker, tmp_path, VEST) as preparer:
        await until_ready(preparer, 1)
    assert recordings(tmp_path) == 1
    assert good.tone.said[3:] == [VEST.text]


async def test_a_sentence_is_made_only_while_nobody_asks_for_one(
    good: GoodVoice, maker: SpeechMaker, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    tone_voice.gate.clear()
    urgent = asyncio.create_task(maker.speak_to_file("着火", "zh"))
    await until(lambda: tone_voice.asked == ["着火"])
    async with preparing(good, maker, tmp_path, FALL, quiet=0.05) as preparer:
        await asyncio.sleep(0.2)
        assert good.tone.asked == []
        tone_voice.gate.set()
        await urgent
        await until_ready(preparer, 1)


async def test_a_language_without_a_speaker_is_left_to_the_instant_voice(
    good: GoodVoice, maker: SpeechMaker, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    english = Sentence("Attention at the gate.", "en")
    async with preparing(good, maker, tmp_path, english, FALL) as preparer:
        await until_ready(preparer, 1)
        assert (await preparer.readiness()).wanted == 1
        speech = await maker.speak_to_file(english.text, "en")
    assert speech.voice == tone_voice.key("en")
    assert good.tone.said == [FALL.text]


async def test_one_sentence_that_cannot_be_said_keeps_no_other_waiting(
    good: GoodVoice, maker: SpeechMaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good.broken = {FALL.text}
    async with preparing(good, maker, tmp_path, FALL, HELMET, VEST) as preparer:
        await until_ready(preparer, 2)
        assert "not this one" in caplog.text
        good.broken = set()  # it is tried again
        await until_ready(preparer, 3)


async def test_a_voice_that_says_nothing_is_not_asked_for_everything(
    good: GoodVoice, maker: SpeechMaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    many = [Sentence(f"第{number}句", "zh") for number in range(50)]
    good.broken = {one.text for one in many}
    preparer = Preparer(good, maker, tmp_path, many, quiet=0.0, retry=60)
    with caplog.at_level(logging.INFO):
        task = asyncio.create_task(preparer.run())
        await until(lambda: "0 of 50" in caplog.text)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert caplog.text.count("not this one") == 3


async def test_two_processes_of_one_folder_do_not_both_prepare(
    good: GoodVoice, maker: SpeechMaker, tmp_path: Path
) -> None:
    with alone(await asyncio.to_thread(lock_of, tmp_path)) as other:
        assert other
        async with preparing(good, maker, tmp_path, FALL):
            await asyncio.sleep(0.1)
            assert good.tone.said == []
    async with preparing(good, maker, tmp_path, FALL) as preparer:
        await until_ready(preparer, 1)


async def test_closing_closes_both_voices(
    good: GoodVoice, maker: SpeechMaker, tone_voice: ToneVoice
) -> None:
    await maker.close()
    assert good.closed
    assert tone_voice.closed
