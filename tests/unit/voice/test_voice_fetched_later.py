"""The good voice is fetched while the program runs: it is used without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.assembly import voices
from bot.assembly.voices import GoodVoice
from tests.support.announcing import ToneVoice
from tests.support.patience import PATIENCE_S
from voice.faults import VoiceMissing
from voice.kokoro.voice import PACE, KokoroVoice, Pack
from voice.preparing import Sentence
from voice.shelf import Shelf, VoiceKey
from voice.sound import Sound
from voice.speech import PREPARED, SpeechMaker

FALL = Sentence("大门，疑似有人摔倒。", "zh")
COAT = Sentence("Attention at the gate: please put on your vest.", "en")


class Fetched(KokoroVoice):
    """Kokoro's files as they would lie there, and a tone for its network."""

    def __init__(self, styles: Mapping[str, Path], tone: ToneVoice) -> None:
        super().__init__(Pack(Path("model"), Path("vocabulary"), styles))
        self.tone = tone

    async def make(self, text: str, language: str) -> Sound:
        if language not in self.pack.styles:
            raise VoiceMissing(language)
        return await self.tone.make(text, language)


class Shop:
    """What has been fetched so far: a speaker a language."""

    def __init__(self) -> None:
        self.styles: dict[str, Path] = {}

    def good_voice(self, _: Path) -> Fetched | None:
        return Fetched(dict(self.styles), ToneVoice()) if self.styles else None


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Stands where the model store is looked into; the files are too large for a test."""
    made = Shop()
    monkeypatch.setattr(voices, "good_voice", made.good_voice)
    return made


@asynccontextmanager
async def running(folder: Path, maker: SpeechMaker) -> AsyncIterator[None]:
    loop = GoodVoice(folder / "models", maker, folder, [FALL, COAT], look_every=0.02)
    task = asyncio.create_task(loop.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_prepared(folder: Path, sentence: Sentence, style: str) -> None:
    """Wait until it lies there in that voice; whoever asks for it puts off its making."""
    shelf, key = Shelf(folder / PREPARED), VoiceKey("kokoro", style, PACE)
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(shelf.has, key, sentence.text):
            await asyncio.sleep(0.02)


async def test_each_language_is_spoken_once_it_is_there(
    shop: Shop, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    """Mandarin is fetched first, then English as well; neither waits for a restart."""
    maker = SpeechMaker(tone_voice, tmp_path)
    speakers = ((FALL, "zf_xiaoyi"), (COAT, "af_heart"))
    async with running(tmp_path, maker):
        for sentence, style in speakers:
            shop.styles[sentence.language] = Path(f"{style}.bin")
            await until_prepared(tmp_path, sentence, style)
        for sentence, style in speakers:
            said = await maker.speak_to_file(sentence.text, sentence.language)
            assert said.voice.name == f"kokoro {style}"
    await maker.close()
