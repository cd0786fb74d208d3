"""`file:DIR`: each announcement becomes a numbered WAV file, for tests, demos and other players."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

from voice.sound import Sound
from voice.speakers.port import Outcome, PlayReport, SpeakerHealth

log = logging.getLogger(__name__)

NUMBERED = re.compile(r"(\d{6,})\.wav")


class FileSpeaker:
    """Writes `000001.wav`, `000002.wav`, ... whole or not at all, and never over another."""

    kind = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._closed = False

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Write the sound; spoken means that the file is there."""
        if self._closed:
            return PlayReport(Outcome.FAILED, detail="the speaker is closed")
        asked = time.monotonic()
        try:
            path, size = await asyncio.to_thread(add_numbered, self._folder, sound)
        except OSError as fault:
            return PlayReport(Outcome.FAILED, detail=str(fault))
        taken_ms = (time.monotonic() - asked) * 1000
        log.info("play %s written to %s", key, path)
        return PlayReport(Outcome.SPOKEN, size, sound.seconds, taken_ms, str(path))

    async def probe(self) -> SpeakerHealth:
        """Whether the folder can be written to."""
        return await asyncio.to_thread(writable, self._folder)

    async def close(self) -> None:
        """Take no more plays."""
        self._closed = True


def add_numbered(folder: Path, sound: Sound) -> tuple[Path, int]:
    """Write the sound under the next free number; its path and size. Blocking. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    content = sound.to_wav()
    with NamedTemporaryFile(dir=folder, prefix=".", suffix=".part") as part:
        part.write(content)
        part.flush()
        number = 1 + max(
            (int(name[1]) for name in map(numbered, os.listdir(folder)) if name), default=0
        )
        while True:
            path = folder / f"{number:06}.wav"
            try:
                os.link(part.name, path)  # unlike a rename it never replaces another's file
            except FileExistsError:
                number += 1
            else:
                path.chmod(0o644)
                return path, len(content)


def numbered(name: str) -> re.Match[str] | None:
    """The match of a file name that this speaker gave."""
    return NUMBERED.fullmatch(name)


def writable(folder: Path) -> SpeakerHealth:
    """Try to write into the folder. Blocking."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix="."):
            return SpeakerHealth(True, str(folder))
    except OSError as fault:
        return SpeakerHealth(False, str(fault))
