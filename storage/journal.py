"""The emergency journal: what must not wait for the database, in a file that is allocated before.

The file has its full size from the start, filled with zeros, so that a full disk takes nothing of
it away.  Records stand one after another:

    magic, generation, offset, length, CRC-32 of these and the bytes | the bytes

Reading stops at the first record that is not whole, which is all that a power cut leaves, or that
belongs to an older generation: clearing begins a new one at the front.  A file is one process's; a
second one on the same folder takes another file, and what a dead one left is taken over.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bot.domain.error import Unavailable

log = logging.getLogger(__name__)

SIZE = 16 * 1024 * 1024
_MAGIC = b"LHJ1"
_HEAD = struct.Struct("<4sIIII")
_ZEROS = bytes(1024 * 1024)
_FILES = 8
T = TypeVar("T")


class JournalFile:
    """See `bot.ports.Journal`.  `open` first; everything blocking runs in a thread of its own."""

    def __init__(self, folder: Path, size: int = SIZE) -> None:
        self._folder = folder
        self._size = size
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._file: _File | None = None
        self._fault = "not open"

    @property
    def fault(self) -> str:
        """Why nothing can be written; "" while all is well."""
        return self._fault

    async def open(self) -> None:
        """Allocate the file, or find it; where that cannot be, `fault` says so and `write` fails.

        May be called again: until there is room, and for what a dead process left that had none.
        """
        try:
            await self._in_thread(self._open)
        except OSError as error:
            self._fault = error.strerror or str(error)
            log.error("no journal for emergencies in %s: %s", self._folder, self._fault)

    async def write(self, entry: bytes) -> None:
        """Returns when the entry is durable; raises `Unavailable` where there is no room for it."""
        try:
            await self._in_thread(lambda: self._opened().append(entry))
        except OSError as error:
            raise Unavailable(f"the journal cannot be written: {error}") from error

    async def read(self) -> list[bytes]:
        """Everything written since it was last cleared."""
        if self._file is None:
            return []
        return await self._in_thread(lambda: list(self._opened().records()))

    async def clear(self) -> None:
        """Nothing of it is needed any more."""
        try:
            await self._in_thread(lambda: self._opened().clear())
        except OSError as error:
            raise Unavailable(f"the journal cannot be cleared: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._thread.shutdown()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> _File:
        if self._file is None:
            raise OSError(self._fault)
        return self._file

    def _open(self) -> None:
        for number in range(1, _FILES + 1):
            path = self._folder / f"emergency-{number}.journal"
            if self._file is None:
                self._file = _own(path, self._size)
            elif path.exists() and (dead := _lock(path, self._size)) is not None:
                _take_over(dead, self._file)
        if self._file is None:
            raise OSError(f"{_FILES} other processes use this folder")
        self._fault = ""

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def peek(folder: Path, size: int = SIZE) -> list[bytes]:
    """What stands in the journals of a folder, whoever has them.  Blocking.

    Raises OSError where one cannot be read, or has no room: it was made on a full disk.
    """
    found: list[bytes] = []
    for path in sorted(folder.glob("emergency-*.journal")):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if os.fstat(descriptor).st_size < size:
            os.close(descriptor)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        with contextlib.closing(_File(descriptor, size)) as file:
            found += file.records()
    return found


def _own(path: Path, size: int) -> _File | None:
    """The file at `path`, allocated; None where somebody has it."""
    file = _lock(path, size)
    if file is None:
        return None
    try:
        file.allocate()
    except OSError:
        file.close()
        raise
    return file


def _lock(path: Path, size: int) -> _File | None:
    """The file at `path` as it is; None where somebody has it, be it ourselves."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _File(descriptor, size)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise


def _allocate(descriptor: int, size: int) -> None:
    """Give the file its size on the disk, not only in name: zeros, written where none were yet."""
    there = os.fstat(descriptor).st_size
    if there >= size:
        return
    os.posix_fallocate(descriptor, 0, size)
    try:
        for offset in range(there, size, len(_ZEROS)):
            os.pwrite(descriptor, _ZEROS[: size - offset], offset)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, there)  # so that the next start does not take it for whole
        raise


def _take_over(dead: _File, own: _File) -> None:
    """What a process left that is no more; it stays where it is as long as there is no room."""
    with contextlib.closing(dead):
        if not dead.used or dead.used > own.room:
            return
        for entry in dead.records():
            own.append(entry)
        dead.clear()


class _File:
    """The records of an allocated file.  Blocking."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._generation = 0
        self._end = 0
        for entry in self.records():
            self._end += _HEAD.size + len(entry)

    @property
    def used(self) -> int:
        """Bytes of its records."""
        return self._end

    @property
    def room(self) -> int:
        """Bytes for more of them."""
        return self._size - self._end

    def allocate(self) -> None:
        """Give it its size on the disk."""
        _allocate(self._descriptor, self._size)

    def records(self) -> Iterator[bytes]:
        """Every whole record of the newest generation."""
        offset, generation = 0, None
        while (found := self._record(offset)) is not None:
            if generation is None:
                generation = self._generation = found[0]
            if found[0] != generation:
                return
            if found[1]:
                yield found[1]
            offset += _HEAD.size + len(found[1])

    def append(self, entry: bytes) -> None:
        """Write one and wait for the disk."""
        if _HEAD.size + len(entry) > self.room:
            raise OSError("the journal is full")
        self._put(entry)
        self._end += _HEAD.size + len(entry)

    def clear(self) -> None:
        """An empty record of a new generation at the front; the next one replaces it."""
        if self._end == 0:
            return
        self._generation, self._end = self._generation + 1, 0
        self._put(b"")

    def close(self) -> None:
        os.close(self._descriptor)

    def _put(self, entry: bytes) -> None:
        head = (self._generation, self._end, len(entry))
        packed = _HEAD.pack(_MAGIC, *head, _sum(head, entry)) + entry
        view = memoryview(packed)
        written = 0
        while written < len(view):
            written += os.pwrite(self._descriptor, view[written:], self._end + written)
        os.fsync(self._descriptor)

    def _record(self, offset: int) -> tuple[int, bytes] | None:
        raw = os.pread(self._descriptor, _HEAD.size, offset)
        if len(raw) < _HEAD.size:
            return None
        magic, generation, at, length, checksum = _HEAD.unpack(raw)
        if magic != _MAGIC or at != offset or offset + _HEAD.size + length > self._size:
            return None
        entry = os.pread(self._descriptor, length, offset + _HEAD.size)
        if len(entry) != length or _sum((generation, at, length), entry) != checksum:
            return None
        return generation, entry


def _sum(head: tuple[int, int, int], entry: bytes) -> int:
    return zlib.crc32(entry, zlib.crc32(struct.pack("<III", *head)))
