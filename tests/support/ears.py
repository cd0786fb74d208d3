"""Ears that are told what they hear, where it does not matter how."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.ports import Recording, Transcript

COMMAND = "bot.py models pull whisper-base"


@dataclass
class ToldEars:
    """Hears `next` in whatever comes; `absent` is what has to be fetched first.

    While `gate` is closed it goes on listening.
    """

    next: Transcript = field(default_factory=Transcript)
    absent: str = COMMAND
    listened: list[Recording] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def will_hear(self, text: str, language: str = "zh", **more: object) -> None:
        """The engine is here from now on, and hears this."""
        self.absent = ""
        self.next = Transcript(text, language, 1.2, -0.3, 0.9, **more)  # type: ignore[arg-type]  # a refusal

    async def missing(self) -> str:
        return self.absent

    async def transcribe(self, recording: Recording) -> Transcript:
        self.listened.append(recording)
        await self.gate.wait()
        return self.next
