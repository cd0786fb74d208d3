"""Spoken sentences as WAV files in a folder, each by what it says and in which voice. Blocking."""

from __future__ import annotations

import hashlib
import logging
import os
import wave
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from voice.sound import Sound, read_wav, write_atomically

log = logging.getLogger(__name__)


class VoiceKey(NamedTuple):
    """What makes two recordings of one sentence differ."""

    engine: str
    voice: str
    rate: int  # words a minute, or per cent of an engine's own pace

    @property
    def name(self) -> str:
        """As it stands beside what was said: `kokoro zf_xiaoyi`."""
        return f"{self.engine} {self.voice}"


class Shelf:
    """A folder of them. `limit_bytes`: what was used longest ago goes first; None: nothing does."""

    def __init__(self, folder: Path, limit_bytes: int | None = None) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes

    def place(self, key: VoiceKey, text: str) -> Path:
        """Where a sentence is kept: a path made of its contents' hash."""
        digest = hashlib.sha256("\0".join((*map(str, key), text)).encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.wav"

    def has(self, key: VoiceKey, text: str) -> bool:
        """Whether it is there, without reading it."""
        return self.place(key, text).is_file()

    def kept(self, key: VoiceKey, text: str) -> Sound | None:
        """A kept sound, marked as used now; None where there is none that is whole."""
        path = self.place(key, text)
        try:
            sound = read_wav(path)
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, wave.Error) as fault:
            log.warning("a kept sentence is made anew: %s", fault)
            return None
        return sound

    def keep(self, key: VoiceKey, text: str, sound: Sound) -> None:
        """Keep a sound. Raises OSError."""
        write_atomically(self.place(key, text), sound.to_wav())
        if self._limit_bytes is not None:
            self._prune(self._limit_bytes)

    def keep_only(self, sentences: Collection[tuple[VoiceKey, str]]) -> int:
        """Remove all but these; how many were removed. Raises OSError."""
        wanted = {self.place(key, text) for key, text in sentences}
        gone = [file for file in self._folder.glob("*/*.wav") if file not in wanted]
        for file in gone:
            file.unlink(missing_ok=True)
        return len(gone)

    def _prune(self, limit_bytes: int) -> None:
        found = sorted(
            ((file.stat(), file) for file in self._folder.glob("*/*.wav")),
            key=lambda one: one[0].st_mtime_ns,
        )
        excess = sum(status.st_size for status, _ in found) - limit_bytes
        for status, file in found[:-1]:
            if excess <= 0:
                return
            file.unlink(missing_ok=True)
            excess -= status.st_size
