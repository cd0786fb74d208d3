"""Whether speech is understood: through a telephone's codec, by Whisper, compared by its pinyin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from pypinyin import Style, lazy_pinyin

from voice.protocols.g711 import from_mulaw, mulaw
from voice.reading import spoken_form
from voice.resampling import resampled
from voice.shaping import levelled
from voice.sound import FULL_SCALE, Sound

HEARD_RATE = 16_000


class Ears:
    """Whisper base on one thread; the same sound is always heard the same way."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )

    def hear(self, sound: Sound, language: str) -> str:
        """What was said, in its words."""
        samples = resampled(sound, HEARD_RATE).samples.astype(np.float32) / FULL_SCALE
        said, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return "".join(part.text for part in said).strip()


def telephone(sound: Sound) -> Sound:
    """As it comes out of a horn: brought to its level, 8 kHz, mu-law there and back."""
    level = Sound((levelled(sound.samples) * FULL_SCALE).astype(np.int16), sound.sample_rate)
    narrow = resampled(level, 8000)
    return Sound(from_mulaw(mulaw(narrow.samples)), 8000, sound.caption)


def pinyin_error(said: str, heard: str) -> float:
    """Syllables added, lost or changed, as a share of those said; tones are not compared."""
    return errors(syllables(said), syllables(heard)) / len(syllables(said))


def word_error(said: str, heard: str) -> float:
    """The same of English words."""
    return errors(words(said), words(heard)) / len(words(said))


def syllables(text: str) -> list[str]:
    characters = "".join(re.findall("[\u4e00-\u9fff]", spoken_form(text, "zh")))
    return lazy_pinyin(characters, style=Style.NORMAL)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower().replace("-", ""))


def errors(said: list[str], heard: list[str]) -> int:
    """The least number of insertions, deletions and substitutions between two lists."""
    above = list(range(len(heard) + 1))
    for row, one in enumerate(said, 1):
        here = [row]
        for column, other in enumerate(heard, 1):
            here.append(min(here[-1] + 1, above[column] + 1, above[column - 1] + (one != other)))
        above = here
    return above[-1]
