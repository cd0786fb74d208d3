"""An engine in a process of its own: started when it is needed, killed when it hangs.

A line of JSON goes in, a line comes out. The worker's one argument is a folder for its files, its
first line of output says that it is ready, and it ends when its input ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import shutil
import tempfile
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from voice.faults import SpeechFailed, VoiceMissing
from voice.sound import Sound, read_wav

log = logging.getLogger(__name__)


class WorkerGone(Exception):
    """The worker ended, or was ended, without an answer."""


class WorkerLate(WorkerGone):
    """It has not answered in time, and is of no more use."""


class KeptWorker:
    """At most one worker process.  Not for two callers at once."""

    def __init__(self, command: Sequence[str], start_limit: float) -> None:
        self._command = tuple(command)
        self._start_limit = start_limit
        self._worker: Worker | None = None
        self._closed = False

    @property
    def worker(self) -> Worker | None:
        """The running worker, None while there is none."""
        return self._worker

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._worker.process.pid if self._worker else None

    @property
    def closed(self) -> bool:
        """Whether no other one will be started."""
        return self._closed

    async def running(self) -> Worker:
        """The worker, started if there is none.  Raises SpeechFailed, WorkerGone."""
        if self._closed:
            raise SpeechFailed("the engine has been closed")
        return self._worker or await self._new_worker()

    async def _new_worker(self) -> Worker:
        starting = asyncio.ensure_future(Worker.start(self._command))
        try:
            worker = await asyncio.shield(starting)
            await worker.answer(self._start_limit)
        except (asyncio.CancelledError, WorkerGone):
            # Half-started, it would give its first word as the answer to a sentence.
            self._worker = await asyncio.shield(starting)
            await asyncio.shield(self.end())
            raise
        self._worker = worker
        return worker

    async def end(self) -> None:
        """End the worker; the next one starts when it is asked for."""
        worker, self._worker = self._worker, None
        if worker:
            await worker.end()

    def close(self) -> None:
        """Start no other one."""
        self._closed = True


class SpeakingProcess:
    """At most one worker process, one sentence at a time.

    A sentence that takes longer than `limit` seconds costs the worker its life; the sentence is
    tried once more with a fresh one, because the fault may have been an earlier sentence's. After
    `idle` seconds without a sentence the worker is ended, and with it its memory given back.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        limit: float,
        start_limit: float,
        idle: float | None = None,
    ) -> None:
        self._kept = KeptWorker(command, start_limit)
        self._limit = limit
        self._idle = idle
        self._resting: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, None while there is none."""
        return self._kept.pid

    async def say(self, request: dict[str, Any]) -> Sound:
        """Have one request spoken. Raises SpeechFailed (VoiceMissing where there is none such)."""
        async with self._one_at_a_time:
            self._stay()
            try:
                return await self._try_twice(request)
            finally:
                self._rest_later()

    async def warm_up(self) -> None:
        """Start the worker ahead of the first sentence. Raises SpeechFailed."""
        async with self._one_at_a_time:
            try:
                await self._kept.running()
            except WorkerGone as gone:
                raise SpeechFailed(str(gone)) from gone
            self._rest_later()

    async def _try_twice(self, request: dict[str, Any]) -> Sound:
        reason = ""
        for attempt in (1, 2):
            try:
                return await self._attempt(request)
            except WorkerGone as gone:
                log.warning("speech worker lost (attempt %d): %s", attempt, gone)
                await self._kept.end()
                reason = str(gone)
            except asyncio.CancelledError:
                # Its answer would be taken for the next sentence's: this worker is spent.
                await asyncio.shield(self._kept.end())
                raise
        raise SpeechFailed(reason)

    async def _attempt(self, request: dict[str, Any]) -> Sound:
        worker = await self._kept.running()
        path = worker.scratch / "sentence.wav"
        # The worker ends itself a little later, should nobody be left to kill it.
        asked = {**request, "path": str(path), "limit": self._limit * 2}
        answer = await worker.ask(asked, self._limit)
        if answer.get("fault") == "voice":
            raise VoiceMissing(str(answer["detail"]))
        if "fault" in answer:
            raise SpeechFailed(str(answer["detail"]))
        return await asyncio.to_thread(taken_sound, path)

    def _stay(self) -> None:
        resting, self._resting = self._resting, None
        if resting:
            resting.cancel()

    def _rest_later(self) -> None:
        self._stay()
        if self._idle is not None and self._kept.worker and not self._kept.closed:
            # A context of its own: whoever asked for a sentence may have been in a transaction.
            self._resting = asyncio.get_running_loop().create_task(
                self._rest(self._idle), context=contextvars.Context()
            )

    async def _rest(self, idle: float) -> None:
        await asyncio.sleep(idle)
        async with self._one_at_a_time:
            await self._kept.end()

    async def close(self) -> None:
        """End the worker. Waits for a sentence in progress; its time is limited."""
        self._kept.close()
        async with self._one_at_a_time:
            self._stay()
            await self._kept.end()


def taken_sound(path: Path) -> Sound:
    """Read and remove what the worker wrote. Raises SpeechFailed: engines report no errors."""
    try:
        return read_wav(path)
    except (OSError, EOFError, wave.Error) as fault:
        raise SpeechFailed(f"the speech engine wrote no usable file: {fault}") from fault
    finally:
        path.unlink(missing_ok=True)


@dataclass(slots=True)
class Worker:
    """One running worker process and its folder."""

    process: asyncio.subprocess.Process
    scratch: Path
    complaints: IO[bytes]

    @classmethod
    async def start(cls, command: Sequence[str]) -> Worker:
        """Start a process; its first answer says that it is ready."""
        scratch, complaints = await asyncio.to_thread(working_files)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                str(scratch),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=complaints,
            )
        except OSError as fault:
            complaints.close()
            await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
            raise SpeechFailed(f"the worker cannot be started: {fault}") from fault
        return cls(process, scratch, complaints)

    async def ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        """Send one request and wait for its answer, `limit` seconds at most. Raises WorkerGone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            await self.process.stdin.drain()
        except ConnectionError:
            raise WorkerGone(await self._last_words()) from None
        return await self.answer(limit)

    async def answer(self, limit: float) -> dict[str, Any]:
        """Wait for a line of the worker's. Raises WorkerGone."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(limit):
                line = await self.process.stdout.readline()
        except TimeoutError:
            raise WorkerLate(f"no answer within {limit:g} s") from None
        if not line.endswith(b"\n"):
            raise WorkerGone(await self._last_words())
        return json.loads(line)

    async def _last_words(self) -> str:
        tail = (await asyncio.to_thread(read_tail, self.complaints)).strip()
        return f"the worker ended: {tail or 'no message'}"

    async def end(self) -> None:
        """Kill the process, reap it and remove its folder."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()
        with suppress(ConnectionError):
            await self.process.stdin.wait_closed()
        self.complaints.close()
        await asyncio.to_thread(shutil.rmtree, self.scratch, ignore_errors=True)


def working_files() -> tuple[Path, IO[bytes]]:
    """A folder for the worker's files and an unnamed file for its complaints. Blocking."""
    return Path(tempfile.mkdtemp(prefix="loudhailer-voice-")), tempfile.TemporaryFile()


def read_tail(file: IO[bytes]) -> str:
    """The last 500 characters of a file. Blocking."""
    file.seek(0)
    return file.read().decode(errors="replace")[-500:]
