"""The ears: one process that listens to one recording at a time, the others wait their turn.

A recording that breaks the process, or keeps it too long, is answered all the same, and the next
one is listened to by a fresh process.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from voice.faults import SpeechFailed
from voice.hearing.engine import Name
from voice.hearing.transcript import Heard
from voice.worker import KeptWorker, WorkerGone, WorkerLate

log = logging.getLogger(__name__)

# Our packages by their place: the program may have been started from anywhere.
ROOT = Path(__file__).resolve().parents[2]
START = (
    "import os, sys; os.environ.update(OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1'); "
    "sys.path.insert(0, sys.argv.pop(1)); from voice.hearing.worker import main; main()"
)
"""One thread a library: for so little to compute, two wait for each other most of the time."""

LIMIT_S = 30.0
"""For one recording of a minute on a busy machine."""

START_LIMIT_S = 180.0
MOST_WAITING = 20


def command_of(name: Name, folder: Path) -> tuple[str, ...]:
    """How the process of an engine on a model is started."""
    return (sys.executable, "-P", "-c", START, str(ROOT), name, str(folder))


class Ears:
    """Sound to words; `close` after use."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        limit: float = LIMIT_S,
        start_limit: float = START_LIMIT_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._kept = KeptWorker(command, start_limit)
        self._limit = limit
        self._most_waiting = most_waiting
        self._waiting = 0
        self._one_at_a_time = asyncio.Lock()

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, None while there is none."""
        return self._kept.pid

    async def warm_up(self) -> None:
        """Start the process ahead of the first recording.  Raises SpeechFailed."""
        async with self._one_at_a_time:
            try:
                await self._kept.running()
            except WorkerGone as gone:
                raise SpeechFailed(str(gone)) from gone

    async def hear(self, wav: bytes) -> Heard:
        """The words in a mono WAV file of 16,000 samples a second, or why there are none."""
        if self._waiting >= self._most_waiting:
            return Heard(refusal="busy")
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                return await self._try_twice(wav)
        finally:
            self._waiting -= 1

    async def _try_twice(self, wav: bytes) -> Heard:
        """The process may have been lost before, or by the recording: then a second one is too."""
        reason = ""
        for attempt in (1, 2):
            try:
                return await self._attempt(wav)
            except WorkerLate as late:
                log.warning("a recording was given up: %s", late)
                await self._kept.end()
                return Heard(refusal="slow", detail=str(late))
            except WorkerGone as gone:
                log.warning("the process that listens was lost (attempt %d): %s", attempt, gone)
                await self._kept.end()
                reason = str(gone)
            except SpeechFailed as failed:
                return Heard(refusal="failed", detail=str(failed))
            except asyncio.CancelledError:
                # Its answer would be taken for the next recording's: this process is spent.
                await asyncio.shield(self._kept.end())
                raise
        return Heard(refusal="failed", detail=reason)

    async def _attempt(self, wav: bytes) -> Heard:
        worker = await self._kept.running()
        path = worker.scratch / "recording.wav"
        await asyncio.to_thread(path.write_bytes, wav)
        # The process ends itself a little later, should nobody be left to kill it.
        answer = await worker.ask({"path": str(path), "limit": 2 * self._limit}, self._limit)
        await asyncio.to_thread(path.unlink, missing_ok=True)
        if fault := answer.get("fault"):
            log.error("a recording could not be understood: %s", fault)
            return Heard(refusal="failed", detail=str(fault))
        return Heard(**answer)

    async def close(self) -> None:
        """End the process.  A recording that is being listened to is given up."""
        self._kept.close()
        await self._kept.end()
        async with self._one_at_a_time:
            await self._kept.end()
