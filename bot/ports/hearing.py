"""Understanding what people say: a recording goes in, words or a reason come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.ports.outside import Recording


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard in a recording of so many `seconds`.

    `text` is English or simplified Chinese; it is "" where `refusal` names the sentence
    (`hearing.silence` ...) why nothing heard is to be believed, with `params` for it.  `language`
    is the code of what was spoken (`yue` for Cantonese), "" where it is not known.  `score` is the
    mean log probability of what was written down, per token; `compression` how many times shorter
    it can be said, which is high where the same is said again and again.
    """

    text: str = ""
    language: str = ""
    seconds: float = 0.0
    score: float = 0.0
    compression: float = 0.0
    refusal: str = ""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Transcriber(Protocol):
    """Writes down what was said."""

    async def missing(self) -> str:
        """What has to be fetched before anything can be understood; "" where all is here."""
        ...

    async def transcribe(self, recording: Recording) -> Transcript:
        """Wait for one's turn, then for the words; both for a limited time.

        Never raises for what is in a recording: the transcript says why there are no words.
        """
        ...


class NoTranscriber:
    """Where voice notes are not listened to."""

    async def missing(self) -> str:
        """Nothing that could be fetched would help."""
        return "-"

    async def transcribe(self, recording: Recording) -> Transcript:
        """Nothing is heard."""
        return Transcript(seconds=recording.seconds, refusal="hearing.off")


Pronounce = Callable[[str], Sequence[str]]
"""How words sound: their syllables, Mandarin ones without tones.  May block when first called."""


def spelt(text: str) -> tuple[str, ...]:
    """Where nobody knows how words sound: their letters."""
    return tuple(text)
