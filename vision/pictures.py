"""Pictures from outside: measured from their header, then decoded where it can do no harm.

`measure` reads a few bytes and decodes nothing. `PictureDesk.sanitise` decodes in a process of
its own, with limits of time and memory; one that hangs or dies is killed and replaced. What
comes back is a fresh JPEG, upright, without EXIF or anything else that travelled along.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from vision.errors import PictureError, PictureTimeout, PictureTooLarge, PictureUnreadable

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
TIME_LIMIT_S = 5.0
LOADING_LIMIT_S = 60.0
"""How long a worker may take to start; on a machine that is very busy that is many seconds."""
WORKER = Path(__file__).with_name("picture_worker.py")

_PNG = b"\x89PNG\r\n\x1a\n"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # JPEG markers without a length
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Measured(NamedTuple):
    """What a header claims; pixels, before any rotation."""

    kind: Literal["jpeg", "png"]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of our own making, upright and without metadata; pixels."""

    jpeg: bytes
    width: int
    height: int


def measure(data: bytes) -> Measured:
    """Kind and size of a JPEG or PNG by its header.

    Raises `PictureTooLarge` (over 10 MB, or claiming over 40 megapixels) or
    `PictureUnreadable` (anything else, empty, or cut off).
    """
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(f"{len(data):,} bytes; {MAX_BYTES:,} are accepted")
    if data.startswith(_PNG):
        measured = _measure_png(data)
    elif data.startswith(b"\xff\xd8\xff"):
        measured = _measure_jpeg(data)
    else:
        raise PictureUnreadable("neither JPEG nor PNG" if data else "empty")
    if measured.width * measured.height > MAX_PIXELS:
        size = f"{measured.width} x {measured.height}"
        raise PictureTooLarge(f"{size} pixels; {MAX_PIXELS // 1_000_000} megapixels are accepted")
    if not measured.width or not measured.height:
        raise PictureUnreadable("it claims to have no pixels")
    return measured


def _measure_png(data: bytes) -> Measured:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise PictureUnreadable("a PNG without its header")
    width, height = struct.unpack(">II", data[16:24])
    if width * height <= MAX_PIXELS and b"IEND" not in data[-1024:]:
        raise PictureUnreadable("a PNG that is cut off")
    return Measured("png", width, height)


def _measure_jpeg(data: bytes) -> Measured:
    position = 2
    size: tuple[int, int] | None = None
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise PictureUnreadable("a JPEG with a broken header")
        marker = data[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if marker in _FRAME_HEADERS and position + 9 <= len(data):
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            size = width, height
        if marker == 0xDA and size:  # the picture itself; from here on only an end can follow
            if size[0] * size[1] <= MAX_PIXELS and data.find(b"\xff\xd9", position) < 0:
                raise PictureUnreadable("a JPEG that is cut off")
            return Measured("jpeg", *size)
        position += 2 + max(length, 2)
    raise PictureUnreadable("a JPEG that is cut off")


class PictureDesk:
    """Makes foreign pictures safe; `start` before use, `close` after.

    `workers`: processes, so that one slow picture does not hold up the others.
    """

    def __init__(
        self, time_limit_s: float = TIME_LIMIT_S, workers: int = 2, worker: Path = WORKER
    ) -> None:
        self._workers = [_Worker(worker, time_limit_s) for _ in range(workers)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for one in self._workers:
            self._idle.put_nowait(one)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [one.process.pid for one in self._workers if one.process is not None]

    async def start(self) -> None:
        """Start the workers now, so that the first picture need not wait for one."""
        await asyncio.gather(*(one.running() for one in self._workers))

    async def close(self) -> None:
        """End the workers; a picture in progress is given up."""
        await asyncio.gather(*(one.end() for one in self._workers))

    async def sanitise(self, data: bytes, most: int = 0) -> Picture:
        """A clean JPEG of a foreign JPEG or PNG; about 35 ms of a core for 1920 x 1080.

        Where `most` is set it has at most so many bytes: smaller and coarser, as far as need be.
        Raises `PictureTooLarge`, `PictureUnreadable`, or `PictureTimeout` when it took over the
        limit and the worker was killed, or when there is no worker yet that could do it.
        """
        measured = measure(data)
        worker = await self._idle.get()
        try:
            return await worker.clean(data, measured, most)
        finally:
            self._idle.put_nowait(worker)


class _Worker:
    """One process at a time, a new one after each that had to be killed."""

    def __init__(self, script: Path, time_limit_s: float) -> None:
        self._script = script
        self._time_limit_s = time_limit_s
        self.process: asyncio.subprocess.Process | None = None
        self._loaded = False
        self._started_at = 0.0

    async def running(self) -> asyncio.subprocess.Process:
        if self.process is None or self.process.returncode is not None:
            self._loaded, self._started_at = False, time.monotonic()
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the script's own folder must not hide the libraries it imports
                str(self._script),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=_environment(),
            )
        return self.process

    async def clean(self, data: bytes, measured: Measured, most: int) -> Picture:
        process = await self._ready()
        try:
            async with asyncio.timeout(self._time_limit_s):
                return await _ask(process, data, measured, most)
        except TimeoutError as error:
            await self.end()
            limit = f"{self._time_limit_s:g} s"
            raise PictureTimeout(f"decoding took longer than {limit}") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await self.end()
            raise PictureUnreadable("decoding it broke the decoder") from error
        except asyncio.CancelledError:
            await self.end()  # an answer nobody reads would be taken for the next picture's
            raise

    async def _ready(self) -> asyncio.subprocess.Process:
        """One that has loaded what it needs; killing it before would only begin that anew."""
        process = await self.running()
        if self._loaded:
            return process
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._time_limit_s):
                await process.stdout.readexactly(1)
        except TimeoutError as error:
            if time.monotonic() - self._started_at > LOADING_LIMIT_S:
                await self.end()
            raise PictureTimeout("the decoder is still being started") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await self.end()
            raise PictureTimeout("the decoder does not start") from error
        self._loaded = True
        return process

    async def end(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _environment() -> dict[str, str]:
    """One thread per library: less memory claimed, so the limit can be tight."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")}
    return kept | single


async def _ask(
    process: asyncio.subprocess.Process, data: bytes, measured: Measured, most: int
) -> Picture:
    assert process.stdin is not None
    assert process.stdout is not None
    header = struct.pack(">IIII", measured.width, measured.height, most, len(data))
    process.stdin.write(header + data)
    await process.stdin.drain()
    head = await process.stdout.readexactly(13)
    done, width, height, length = struct.unpack(">?III", head)
    body = await process.stdout.readexactly(length)
    if not done:
        raise PictureUnreadable(body.decode())
    return Picture(body, width, height)


__all__ = ["Measured", "Picture", "PictureDesk", "PictureError", "measure"]
