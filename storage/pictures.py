"""Pictures and recordings on disk, by their content: `aa/bb/<sha256>.jpg`, written atomically."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

_SHA = re.compile(r"[0-9a-f]{64}")


class PictureFolder:
    """See `bot.ports.PictureStore`."""

    suffix = ".jpg"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> str:
        """Keep a picture; the same bytes are kept once.  Raises OSError where it cannot."""
        return await asyncio.to_thread(self.write, content)

    def holds(self, sha256: str) -> bool:
        """Never: `put` has written, or has failed."""
        return False

    async def get(self, sha256: str) -> bytes | None:
        """The picture, None where it is not (any more)."""
        return await asyncio.to_thread(self.read, sha256)

    def path(self, sha256: str) -> Path:
        """Where a picture lies; ValueError for what is no SHA-256 in hex."""
        if not _SHA.fullmatch(sha256):
            raise ValueError(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / f"{sha256}{self.suffix}"

    def write(self, content: bytes) -> str:
        """`put`, blocking."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        try:
            os.utime(path)  # as if it were new, for who removes what is old
            return sha256
        except FileNotFoundError:
            pass
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """`get`, blocking."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None


class RecordingFolder(PictureFolder):
    """See `bot.ports.RecordingStore`: what people said, as WAV files."""

    suffix = ".wav"
