"""Text to sound, made once and kept: the voices' port and the cache before them."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from voice.faults import SpeechFailed
from voice.sound import Sound, read_wav, write_atomically

log = logging.getLogger(__name__)

LONGEST_TEXT = 500
SHORTEST_SECONDS = 0.1
# Fraction of full scale; espeak's speech is about 0.1, its silence 0.
FAINTEST_RMS = 0.003


class VoiceKey(NamedTuple):
    """What makes two recordings of one sentence differ."""

    engine: str
    voice: str
    rate: int  # words a minute


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
    """A spoken sentence and the WAV file that holds it."""

    sound: Sound
    path: Path
    cached: bool


class SpeechMaker:
    """Speaks to WAV files that are kept, by what they say, under `folder`.

    The folder holds at most `limit_bytes`; what was used longest ago goes first.
    """

    def __init__(self, voice: Voice, folder: Path, *, limit_bytes: int = 256 * 2**20) -> None:
        self._voice = voice
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._making: dict[Path, asyncio.Lock] = {}

    async def speak_to_file(self, text: str, language: str) -> Speech:
        """A checked WAV file of `text`, made now or before. Raises SpeechFailed."""
        text = " ".join(text.split())
        if not text or len(text) > LONGEST_TEXT:
            raise SpeechFailed(f"a sentence has 1 to {LONGEST_TEXT} characters, not {len(text)}")
        path = self._folder / place_of(self._voice.key(language), text)
        lock = self._making.setdefault(path, asyncio.Lock())
        try:
            async with lock:
                return await self._kept(path, text) or await self._made(path, text, language)
        finally:
            if not lock.locked():
                self._making.pop(path, None)

    async def _kept(self, path: Path, text: str) -> Speech | None:
        sound = await asyncio.to_thread(read_kept, path)
        return Speech(sound.captioned(text), path, cached=True) if sound else None

    async def _made(self, path: Path, text: str, language: str) -> Speech:
        sound = await self._voice.make(text, language)
        if sound.seconds < SHORTEST_SECONDS or sound.rms < FAINTEST_RMS:
            raise SpeechFailed("nothing in this text can be spoken")
        try:
            await asyncio.to_thread(self._keep, path, sound)
        except OSError as fault:
            raise SpeechFailed(f"the spoken sentence cannot be stored: {fault}") from fault
        return Speech(sound.captioned(text), path, cached=False)

    def _keep(self, path: Path, sound: Sound) -> None:
        write_atomically(path, sound.to_wav())
        prune(self._folder, self._limit_bytes)

    async def close(self) -> None:
        """Close the voice."""
        await self._voice.close()


def place_of(key: VoiceKey, text: str) -> Path:
    """Where a sentence is kept: a path made of its contents' hash."""
    digest = hashlib.sha256("\0".join((*map(str, key), text)).encode()).hexdigest()
    return Path(digest[:2], f"{digest}.wav")


def read_kept(path: Path) -> Sound | None:
    """A kept sound, marked as used now; None where there is none that is whole. Blocking."""
    try:
        sound = read_wav(path)
        os.utime(path)
    except FileNotFoundError:
        return None
    except (OSError, EOFError, wave.Error) as fault:
        log.warning("a kept sentence is made anew: %s", fault)
        return None
    return sound


def prune(folder: Path, limit_bytes: int) -> None:
    """Remove what was used longest ago until the WAV files fit into the limit. Blocking."""
    found = sorted(
        ((file.stat(), file) for file in folder.glob("*/*.wav")),
        key=lambda one: one[0].st_mtime_ns,
    )
    excess = sum(status.st_size for status, _ in found) - limit_bytes
    for status, file in found[:-1]:
        if excess <= 0:
            return
        file.unlink(missing_ok=True)
        excess -= status.st_size
