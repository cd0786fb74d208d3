"""Small factories for what the voice's tests need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from voice.faults import SpeechFailed
from voice.sound import Sound
from voice.speech import VoiceKey


def tone(
    seconds: float = 0.5, *, rate: int = 8000, level: float = 0.3, hertz: float = 440
) -> Sound:
    """A steady tone."""
    time = np.arange(round(seconds * rate)) / rate
    return Sound((level * 32767 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), rate)


# The site file has read the time zones long before a speaker is opened; so have these tests.
ZoneInfo("Asia/Shanghai")


class ToneVoice:
    """A voice that says everything as a tone and keeps a list of what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.level = 0.3
        self.closed = False

    def key(self, language: str) -> VoiceKey:
        return VoiceKey("tone", language, 100)

    async def make(self, text: str, language: str) -> Sound:
        await self.gate.wait()
        if text == "unspeakable":
            raise SpeechFailed("unspeakable")
        self.said.append(text)
        return tone(level=self.level)

    async def warm_up(self) -> None:
        """Always warm."""

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def tone_voice() -> ToneVoice:
    return ToneVoice()


@pytest.fixture
def make_tone() -> Callable[..., Sound]:
    return tone
