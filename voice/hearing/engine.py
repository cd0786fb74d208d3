"""What an engine is: a piece of speech goes in, what it wrote down comes out, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second."""

LONGEST_S = 29.0
"""The most seconds of one piece: the networks look at 30."""

LEAST_WINDOW_S = 8.0
ROOM_S = 1.0
"""The networks look at a piece and so much more, at the least at `LEAST_WINDOW_S`: with the usual
30 s most of the time would go into looking at silence, with less room the last word is lost."""

LANGUAGES = ("zh", "en")

PROMPTS: Mapping[str, str] = MappingProxyType(
    {
        "zh": "关闭号案件。升级号案件。号案件是误报。号案件已整改。确认收到。我已到场。"
        "重新打开号案件。派给班组。号摄像头静音分钟。现在有几个未处理案件。确认火警。执行。取消。",
        "en": "Site safety commands: close case, escalate case, acknowledge, false alarm, fixed, "
        "verify, reopen, assign to, mute camera, open cases, fire alarm, confirm, cancel.",
    }
)
"""The words of commands, so that they are preferred.  In Mandarin they are sentences, for a list of
words is answered with a list.  No numbers: they would be heard everywhere."""

Samples = NDArray[np.float32]
Name = Literal["light", "whisper"]


@dataclass(frozen=True, slots=True)
class Said:
    """A piece as it was written down.

    `language` is the likelier of `LANGUAGES`; `other` the likeliest of all others, with
    `other_share` as its probability beside the `share` of those two together.  `score` is the mean
    log probability of a token, of which there were `tokens`.
    """

    text: str
    language: str
    score: float
    tokens: int
    share: float = 1.0
    other: str = ""
    other_share: float = 0.0


class Engine(Protocol):
    """Whisper, one way or another.  Blocking; for one thread."""

    def write_down(self, samples: Samples, language: str | None = None) -> Said:
        """Mono samples at `RATE`, -1 to 1, at most `LONGEST_S`; the language is found if None."""
        ...


def window_frames(samples: Samples) -> int:
    """How many frames of a mel spectrogram (100 a second, an even number) are looked at."""
    return 2 * round(50 * max(LEAST_WINDOW_S, len(samples) / RATE + ROOM_S))


def most_tokens(samples: Samples) -> int:
    """More than anybody says in that time; an engine that has lost its way would go on for ever."""
    return min(200, 24 + round(12 * len(samples) / RATE))


def likeliest(probabilities: Mapping[str, float]) -> tuple[str, float, str, float]:
    """(of `LANGUAGES`, share of both, of the others, its share) by code -> probability."""
    language = max(LANGUAGES, key=lambda one: probabilities.get(one, 0.0))
    others = {code: p for code, p in probabilities.items() if code not in LANGUAGES}
    other = max(others, key=lambda one: others[one], default="")
    share = sum(probabilities.get(one, 0.0) for one in LANGUAGES)
    return language, share, other, others.get(other, 0.0)


def open_engine(name: Name, folder: Path) -> Engine:
    """The engine on the model in `folder`.  Takes seconds; raises what its library raises."""
    if name == "whisper":
        from voice.hearing.openai import WhisperEngine

        return WhisperEngine(folder)
    from voice.hearing.light import LightEngine

    return LightEngine(folder)
