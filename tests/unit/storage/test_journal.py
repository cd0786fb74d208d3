"""The emergency journal: durable, bounded, and readable after whatever a power cut left."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from bot.domain.error import Unavailable
from storage.journal import JournalFile, peek

SIZE = 64 * 1024


@asynccontextmanager
async def journal(folder: Path) -> AsyncIterator[JournalFile]:
    """An open journal, let go of on leaving."""
    opened = JournalFile(folder, SIZE)
    await opened.open()
    try:
        yield opened
    finally:
        await asyncio.to_thread(opened.close)


async def test_what_was_written_is_read_after_a_restart(tmp_path: Path) -> None:
    """In its order, whatever bytes it is of."""
    async with journal(tmp_path) as first:
        for entry in (b"one", b"\x00two\xff", b"LHJ1"):
            await first.write(entry)
    async with journal(tmp_path) as again:
        assert await again.read() == [b"one", b"\x00two\xff", b"LHJ1"]
        await again.write(b"four")
        assert len(await again.read()) == 4


async def test_its_room_is_taken_before_it_is_needed(tmp_path: Path) -> None:
    """All blocks of the file are on the disk from the start, and it never grows."""
    async with journal(tmp_path) as opened:
        (path,) = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
        stat = await asyncio.to_thread(path.stat)
        assert stat.st_size == SIZE
        assert stat.st_blocks * 512 >= SIZE
        for _ in range(SIZE // 1020):
            await opened.write(bytes(1000))
        with pytest.raises(Unavailable):
            await opened.write(bytes(1000))
        assert (await asyncio.to_thread(path.stat)).st_size == SIZE
        assert len(await opened.read()) == SIZE // 1020, "what was taken before stays"


async def test_cleared_it_is_empty_for_good(tmp_path: Path) -> None:
    """Older records behind the first are never read again, after a restart neither."""
    async with journal(tmp_path) as first:
        for _ in range(5):
            await first.write(b"old")
        await first.clear()
        assert await first.read() == []
    async with journal(tmp_path) as again:
        assert await again.read() == []
        await again.write(b"new")
        assert await again.read() == [b"new"]
    async with journal(tmp_path) as third:
        assert await third.read() == [b"new"]


@pytest.mark.parametrize("cut", [1, 10, 19, 20, 25, 200])
async def test_a_torn_tail_costs_the_torn_record_alone(tmp_path: Path, cut: int) -> None:
    """The power went while the last record was written; the next one takes its place."""
    async with journal(tmp_path) as first:
        await first.write(b"whole")
        await first.write(b"x" * 300)
    path = tmp_path / "emergency-1.journal"
    begin = 20 + len(b"whole")
    with path.open("r+b") as file:
        file.seek(begin + cut)
        file.write(bytes(320 - cut))
    async with journal(tmp_path) as again:
        assert await again.read() == [b"whole"]
        await again.write(b"next")
        assert await again.read() == [b"whole", b"next"]


async def test_a_second_process_has_a_file_of_its_own(tmp_path: Path) -> None:
    """And what a dead one left is taken over by whoever starts next."""
    async with journal(tmp_path) as first, journal(tmp_path) as second:
        await first.write(b"of the first")
        await second.write(b"of the second")
        assert await first.read() == [b"of the first"]
        assert await second.read() == [b"of the second"]
    async with journal(tmp_path) as alone:
        assert await alone.read() == [b"of the first", b"of the second"]
    async with journal(tmp_path) as again:
        assert len(await again.read()) == 2, "taken over once"


async def test_without_room_it_says_so_and_tries_again(tmp_path: Path) -> None:
    """A folder that is not there; then it is."""
    folder = tmp_path / "later"
    opened = JournalFile(folder, SIZE)
    await opened.open()
    assert opened.fault == os.strerror(2)
    assert await opened.read() == []
    with pytest.raises(Unavailable):
        await opened.write(b"x")
    await asyncio.to_thread(folder.mkdir)
    await opened.open()
    assert opened.fault == ""
    await opened.write(b"x")
    await asyncio.to_thread(opened.close)


async def test_what_has_no_room_waits_where_it_is(tmp_path: Path) -> None:
    """Two died with full journals: the next has its own at once, and the other when it is empty."""
    async with journal(tmp_path) as first, journal(tmp_path) as second:
        for _ in range(40):
            await first.write(b"1" * 1000)
            await second.write(b"2" * 1000)
    async with journal(tmp_path) as alone:
        assert alone.fault == ""
        assert await alone.read() == [b"1" * 1000] * 40
        await alone.clear()
        await alone.open()
        assert await alone.read() == [b"2" * 1000] * 40
    async with journal(tmp_path) as again:
        assert await again.read() == [b"2" * 1000] * 40, "taken over once"


async def test_a_file_that_never_had_room_keeps_nobody_from_another(tmp_path: Path) -> None:
    """Another process began on a full disk, and the disk is full still."""
    async with journal(tmp_path):
        pass
    await asyncio.to_thread((tmp_path / "emergency-2.journal").touch)
    with limited(SIZE // 2):
        async with journal(tmp_path) as opened:
            assert opened.fault == ""
            await opened.write(b"one")
            assert await opened.read() == [b"one"]


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file of this process can grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_others_may_look_while_it_is_held(tmp_path: Path) -> None:
    """What waits, nothing where it is cleared, and that a file has no room."""
    async with journal(tmp_path) as opened:
        await opened.write(b"one")
        assert await asyncio.to_thread(peek, tmp_path, SIZE) == [b"one"]
        await opened.clear()
        assert await asyncio.to_thread(peek, tmp_path, SIZE) == []
    with pytest.raises(OSError, match="No space left"):
        await asyncio.to_thread(peek, tmp_path, 2 * SIZE)
