"""Video clips that came with reports, by their content, written in one step."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

_NEW = ".new-"


class ClipFolder:
    """Clips as `aa/bb/<sha256>.mp4` below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def receive(self) -> AsyncIterator[ReceivedClip]:
        """A clip to be written piece by piece; left without `keep` nothing of it stays."""
        file = await asyncio.to_thread(_create, self._folder)
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

    def __init__(self, folder: Path, file: BinaryIO) -> None:
        self._store = ClipFolder(folder)
        self._file = file
        self._digest = hashlib.sha256()

    async def write(self, chunk: bytes) -> None:
        """Add the next bytes."""
        await asyncio.to_thread(self._append, chunk)

    async def keep(self) -> str:
        """Make it durable; returns its SHA-256 in hex."""
        return await asyncio.to_thread(self._keep)

    def close(self) -> None:
        """Close the file; if it was not kept, remove it.  Blocking."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)

    def _append(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._file.write(chunk)

    def _keep(self) -> str:
        sha256 = self._digest.hexdigest()
        self._file.flush()
        os.fsync(self._file.fileno())
        target = self._store.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(self._file.name).replace(target)
        _sync_folder(target.parent)
        return sha256


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
