"""How well the good voice is understood through a horn, over every shipped sentence, and its price.

Run it by hand: `python -m tests.benchmarks.bench_good_voice [--places 大门,基坑东侧]`.
Each sentence is made, sent through 8 kHz mu-law and heard by Whisper base; its error is the share
of syllables (zh, without tones) or words (en) that came out otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

from bot.assembly.voices import SPEAKERS, good_voice
from bot.texts.hazards import CONFIRMED, COURTESIES, SENTENCES
from storage.models import ModelStore, bar
from tests.support.hearing import Ears, pinyin_error, telephone, word_error
from tests.support.models import models_folder
from voice.kokoro.voice import KokoroVoice

LIMIT = 0.10
PLACES = {"zh": "大门", "en": "the gate"}


async def measured(voice: KokoroVoice, ears: Ears, language: str, places: list[str]) -> list[float]:
    """Every sentence at every place; prints those that were not understood word for word."""
    error = pinyin_error if language == "zh" else word_error
    found, spoken, took = [], 0.0, 0.0
    said = [*SENTENCES.items(), *CONFIRMED.items(), *COURTESIES.items()]
    for name, words in said:
        for place in places:
            text = words.in_language(language).replace("{place}", place)
            began = time.perf_counter()
            sound = await voice.make(text, language)
            took += time.perf_counter() - began
            spoken += sound.seconds
            heard = await asyncio.to_thread(ears.hear, telephone(sound), language)
            found.append(error(text, heard))
            if found[-1]:
                print(f"  {found[-1]:.2f}  {name}: {text} -> {heard}", flush=True)
    each = f"{took / len(found):.1f} s to make {spoken / len(found):.1f} s of speech"
    print(f"{language}, {len(found)} sentences: error mean {statistics.mean(found):.3f}, "
          f"max {max(found):.2f}; {each}")  # fmt: skip
    return found


async def main() -> int:
    """Measure both languages; 1 where a sentence is not understood."""
    options = argparse.ArgumentParser()
    options.add_argument("--language", choices=tuple(PLACES), action="append")
    options.add_argument("--places", help="instead of the gate, several by commas")
    given = options.parse_args()
    models = ModelStore(models_folder())
    for name in (*SPEAKERS.values(), "whisper-base"):
        models.pull(name, bar(sys.stderr))
    found = good_voice(models_folder())
    assert found is not None
    voice, ears = (
        KokoroVoice(found.pack, niceness=0),
        Ears(Path(models.path("whisper-base")).parent),
    )
    worst = 0.0
    try:
        for language in given.language or PLACES:
            places = given.places.split(",") if given.places else [PLACES[language]]
            worst = max(worst, *await measured(voice, ears, language, places))
    finally:
        await voice.close()
    return int(worst >= LIMIT)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
