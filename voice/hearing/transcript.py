"""What comes out of listening to a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Refusal = Literal[
    "", "silence", "unclear", "language", "cantonese", "slow", "failed", "busy", "missing"
]
"""Why there are no words: nobody spoke, it cannot be believed, it was another language, it took too
long, the engine broke, too many waited; "" where there are."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words, or the refusal.

    `seconds` of speech; `score` the mean log probability of a token; `compression` how many times
    shorter the text zips.  `detail` is for the log.
    """

    text: str = ""
    language: str = ""
    seconds: float = 0.0
    score: float = 0.0
    compression: float = 0.0
    refusal: Refusal = ""
    detail: str = ""
