"""Recordings from outside, decoded where they can do no harm.

Each is decoded in a process of its own, with limits of time and memory, that ends with it; the next
one is started ahead, so that nobody waits for an interpreter.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import sys
from pathlib import Path

import numpy as np

from bot.domain.recording import LONGEST_S, MOST_BYTES, SHORTEST_S
from voice.faults import RecordingUnusable
from voice.sound import Sound

RATE = 16_000
"""Samples a second: what horns can play, and what speech recognition listens to."""
TIME_LIMIT_S = 15.0
LOADING_LIMIT_S = 60.0
"""How long a process may take to start; on a machine that is very busy that is many seconds."""
WORKER = Path(__file__).with_name("recording_worker.py")


class RecordingDesk:
    """Turns foreign sound files into `Sound`; `start` before use, `close` after."""

    def __init__(self, time_limit_s: float = TIME_LIMIT_S, worker: Path = WORKER) -> None:
        self._time_limit_s = time_limit_s
        self._worker = worker
        self._spare: asyncio.subprocess.Process | None = None
        self._at_work: set[asyncio.subprocess.Process] = set()
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Have a process ready for the first recording."""
        self._spare = await self._started()

    async def close(self) -> None:
        """End the processes; a recording that is being decoded is given up."""
        spare, self._spare = self._spare, None
        for process in (*self._at_work, *((spare,) if spare else ())):
            await _end(process)

    async def decode(self, data: bytes, longest_s: int = LONGEST_S) -> Sound:
        """What is heard in an OGG, MP3, M4A, WAV, WebM ... file: mono, `RATE` samples a second.

        Raises `RecordingUnusable`: `too_large` (over 20 MB), `too_long`, `too_short`, `empty`,
        `unreadable`, or `slow` when decoding took over the limit and was killed, or when
        there is no process that could do it.
        """
        if len(data) > MOST_BYTES:
            raise RecordingUnusable("too_large")
        async with self._one_at_a_time:
            spare, self._spare = self._spare, None
            process = spare if spare and spare.returncode is None else await self._started()
            self._at_work.add(process)
            try:
                done, body = await self._asked(process, data, longest_s)
            finally:
                self._at_work.discard(process)
                await _end(process)
                with contextlib.suppress(OSError):  # then the next recording starts its own
                    self._spare = await self._started()
        if not done:
            raise RecordingUnusable(body.decode())
        sound = Sound(np.frombuffer(body, "<i2").astype(np.int16), RATE)
        if sound.seconds < SHORTEST_S:
            raise RecordingUnusable("too_short")
        return sound

    async def _asked(
        self, process: asyncio.subprocess.Process, data: bytes, longest_s: int
    ) -> tuple[bool, bytes]:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(LOADING_LIMIT_S):
                await process.stdout.readexactly(1)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
            raise RecordingUnusable("slow") from error  # of this machine; nothing was sent to it
        try:
            async with asyncio.timeout(self._time_limit_s):
                process.stdin.write(struct.pack(">III", longest_s, RATE, len(data)) + data)
                await process.stdin.drain()
                done, length = struct.unpack(">?I", await process.stdout.readexactly(5))
                return done, await process.stdout.readexactly(length)
        except TimeoutError as error:
            raise RecordingUnusable("slow") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise RecordingUnusable("unreadable") from error

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the script's own folder must not hide the libraries it imports
            str(self._worker),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
        )


async def _end(process: asyncio.subprocess.Process) -> None:
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
