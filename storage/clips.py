"""Video clips that came with reports, by their content, written in one step.

A clip that cannot be written costs its report nothing: it is lost, but read to its end for its
digest, so that a repeat of the report is known as one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

log = logging.getLogger(__name__)

_NEW = ".new-"


class ClipFolder:
    """Clips as `aa/bb/<sha256>.mp4` below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def receive(self) -> AsyncIterator[ReceivedClip]:
        """A clip to be written piece by piece; left without `keep` nothing of it stays."""
        try:
            file = await asyncio.to_thread(_create, self._folder)
        except OSError as error:
            log.error("a clip cannot be kept, its report goes on without: %s", error)
            file = None
        clip = ReceivedClip(self._folder, file)
        try:
            yield clip
        finally:
            await asyncio.to_thread(clip.close)

    def path(self, sha256: str) -> Path:
        """Where a clip of that content lies, or would."""
        return self._folder / sha256[:2] / sha256[2:4] / f"{sha256}.mp4"


class ReceivedClip:
    """A clip on its way in."""

    def __init__(self, folder: Path, file: BinaryIO | None) -> None:
        self._store = ClipFolder(folder)
        self._file = file
        self._digest = hashlib.sha256()

    async def write(self, chunk: bytes) -> None:
        """Add the next bytes."""
        await asyncio.to_thread(self._append, chunk)

    @property
    def lost(self) -> bool:
        """Whether it could not be written."""
        return self._file is None

    async def keep(self) -> str:
        """Make it durable unless it is `lost`; returns its SHA-256 in hex."""
        await asyncio.to_thread(self._unless_lost, self._keep)
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file; if it was not kept, remove it.  Blocking."""
        if self._file is not None:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)

    def _append(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._unless_lost(lambda file: file.write(chunk))

    def _unless_lost(self, work: Callable[[BinaryIO], object]) -> None:
        if self._file is None:
            return
        try:
            work(self._file)
        except OSError as error:
            log.error("a clip cannot be kept, its report goes on without: %s", error)
            with suppress(OSError):  # what could not be written cannot be flushed either
                self._file.close()
            Path(self._file.name).unlink(missing_ok=True)
            self._file = None

    def _keep(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        target = self._store.path(self._digest.hexdigest())
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(file.name).replace(target)
        _sync_folder(target.parent)


def _create(folder: Path) -> BinaryIO:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=_NEW, suffix=".mp4", dir=folder)
    os.close(descriptor)
    return Path(name).open("wb")


def _sync_folder(folder: Path) -> None:
    """The new name itself must survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
