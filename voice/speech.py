"""Text to sound, made once and kept: the voices' port, and which voice says what.

The instant voice speaks whatever is asked for, at once. A good one takes seconds a sentence, so it
speaks only what was prepared: see `voice.preparing`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from unicodedata import category

from bot.domain.recording import LONGEST_WORDS
from voice.faults import SpeechFailed, VoiceMissing
from voice.shelf import Shelf, VoiceKey
from voice.sound import Sound

__all__ = ["Speech", "SpeechMaker", "Voice", "VoiceKey"]

LONGEST_TEXT = LONGEST_WORDS
SHORTEST_SECONDS = 0.1
# Fraction of full scale; espeak's speech is about 0.1, its silence 0.
FAINTEST_RMS = 0.003
LIMIT_BYTES = 256 * 2**20
PREPARED = "prepared"
"""The folder within the folder of speech that holds what is prepared."""


class Voice(Protocol):
    """A speech engine."""

    def key(self, language: str) -> VoiceKey:
        """The voice that speaks a language (`zh`, `en`). Raises VoiceMissing."""
        ...

    async def make(self, text: str, language: str) -> Sound:
        """Say `text`. Raises SpeechFailed."""
        ...

    async def warm_up(self) -> None:
        """Get ready for the first sentence. Raises SpeechFailed."""
        ...

    async def close(self) -> None:
        """Give back processes and memory."""
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """A spoken sentence, the WAV file that holds it, and who spoke it."""

    sound: Sound
    path: Path
    cached: bool
    voice: VoiceKey


class SpeechMaker:
    """Speaks to WAV files that are kept, by what they say, under `folder`.

    The folder holds at most `limit_bytes`; what was used longest ago goes first. Where there is a
    `better` voice, what it has prepared is taken; `missed` is told what it had not.
    """

    def __init__(
        self,
        voice: Voice,
        folder: Path,
        *,
        better: Voice | None = None,
        limit_bytes: int = LIMIT_BYTES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._voice = voice
        self._better = better
        self._shelf = Shelf(folder, limit_bytes)
        self._shelves = (Shelf(folder / PREPARED), self._shelf)
        self._monotonic = monotonic
        self._making: dict[Path, asyncio.Lock] = {}
        self._busy = 0
        self._asked_at = float("-inf")
        self.missed: Callable[[str, str], None] | None = None

    @property
    def idle_seconds(self) -> float:
        """For how long nobody has asked for a sentence; 0 while one is being made."""
        return 0.0 if self._busy else self._monotonic() - self._asked_at

    async def speak_to_file(self, text: str, language: str) -> Speech:
        """A checked WAV file of `text`, made now or before. Raises SpeechFailed."""
        text = checked_text(text)
        self._busy += 1
        try:
            return await self._prepared(text, language) or await self._instant(text, language)
        finally:
            self._busy -= 1
            self._asked_at = self._monotonic()

    async def _prepared(self, text: str, language: str) -> Speech | None:
        if self._better is None:
            return None
        try:
            key = self._better.key(language)
        except VoiceMissing:
            return None
        for shelf in self._shelves:
            if (sound := await asyncio.to_thread(shelf.kept, key, text)) is not None:
                return spoken(sound, text, shelf.place(key, text), key, cached=True)
        if self.missed is not None:
            self.missed(text, language)
        return None

    async def _instant(self, text: str, language: str) -> Speech:
        key = self._voice.key(language)
        path = self._shelf.place(key, text)
        lock = self._making.setdefault(path, asyncio.Lock())
        try:
            async with lock:
                kept = await asyncio.to_thread(self._shelf.kept, key, text)
                sound = kept or await made(self._voice, self._shelf, text, language)
        finally:
            if not lock.locked():
                self._making.pop(path, None)
        return spoken(sound, text, path, key, cached=kept is not None)

    async def improve(self, better: Voice) -> None:
        """From now on this is the better voice; the one before it is closed."""
        before, self._better = self._better, better
        if before is not None:
            await before.close()

    async def close(self) -> None:
        """Close the voices."""
        await self._voice.close()
        if self._better is not None:
            await self._better.close()


def checked_text(text: str) -> str:
    """The text with single spaces, and nothing in it that steers an engine: eSpeak takes orders
    behind a control character. Raises SpeechFailed for one that is empty or too long."""
    text = " ".join("".join(map(_heard, text)).split())
    if not text or len(text) > LONGEST_TEXT:
        raise SpeechFailed(f"a sentence has 1 to {LONGEST_TEXT} characters, not {len(text)}")
    return text


def _heard(letter: str) -> str:
    kind = category(letter)
    return "" if kind in ("Cf", "Cs") else " " if kind == "Cc" else letter


def spoken(sound: Sound, text: str, path: Path, key: VoiceKey, *, cached: bool) -> Speech:
    """A sound as the speech it is; a screen shows the text, the record its voice."""
    return Speech(sound.captioned(text).in_voice(key.name), path, cached, key)


async def made(voice: Voice, shelf: Shelf, text: str, language: str) -> Sound:
    """Have a sentence made, look whether something can be heard in it, and keep it.

    Raises SpeechFailed.
    """
    sound = await voice.make(text, language)
    if sound.seconds < SHORTEST_SECONDS or sound.rms < FAINTEST_RMS:
        raise SpeechFailed("nothing in this text can be spoken")
    try:
        await asyncio.to_thread(shelf.keep, voice.key(language), text, sound)
    except OSError as fault:
        raise SpeechFailed(f"the spoken sentence cannot be stored: {fault}") from fault
    return sound
