"""eSpeak NG through pyttsx3: the voice that is always there, at once, in one worker process.

Its Mandarin is poor but instant, so it is what speaks when nothing better is installed or ready.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
import tempfile
import wave
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from voice.faults import SpeechFailed, VoiceMissing
from voice.reading import spoken_form
from voice.sound import Sound, read_wav
from voice.speech import VoiceKey

log = logging.getLogger(__name__)

# The pinyin voice: `sit/cmn` of some espeak-ng releases reads tone digits in English.
VOICES: Mapping[str, VoiceKey] = {
    "zh": VoiceKey("espeak", "sit/cmn-latn-pinyin", 165),
    "en": VoiceKey("espeak", "gmw/en-us", 150),
}
WORKER = Path(__file__).with_name("espeak_worker.py")
COMMAND = (sys.executable, "-P", str(WORKER))


class WorkerGone(Exception):
    """The worker ended, or was ended, without an answer."""


class EspeakVoice:
    """Text to sound through pyttsx3, one sentence at a time.

    A sentence that takes longer than `limit` seconds costs the worker its life; the sentence is
    tried once more with a fresh one, because the fault may have been an earlier sentence's.
    """

    def __init__(
        self,
        *,
        limit: float = 4.0,
        start_limit: float = 15.0,
        voices: Mapping[str, VoiceKey] = VOICES,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._limit = limit
        self._start_limit = start_limit
        self._voices = voices
        self._command = tuple(command)
        self._worker: Worker | None = None
        self._one_at_a_time = asyncio.Lock()
        self._closed = False

    def key(self, language: str) -> VoiceKey:
        """The voice that speaks a language. Raises VoiceMissing."""
        try:
            return self._voices[language]
        except KeyError:
            raise VoiceMissing(language) from None

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, None while there is none."""
        return self._worker.process.pid if self._worker else None

    async def make(self, text: str, language: str) -> Sound:
        """Say `text`. Raises SpeechFailed (VoiceMissing where the engine lacks the voice)."""
        key = self.key(language)
        request = {
            "text": spoken_form(text, language),
            "voice": key.voice,
            "rate": key.rate,
            # The worker ends itself a little later, should nobody be left to kill it.
            "limit": self._limit * 2,
        }
        async with self._one_at_a_time:
            for attempt in (1, 2):
                try:
                    return await self._attempt(request)
                except WorkerGone as gone:
                    log.warning("speech worker lost (attempt %d): %s", attempt, gone)
                    await self._end_worker()
                    reason = str(gone)
                except asyncio.CancelledError:
                    # Its answer would be taken for the next sentence's: this worker is spent.
                    await asyncio.shield(self._end_worker())
                    raise
        raise SpeechFailed(reason)

    async def warm_up(self) -> None:
        """Start the worker ahead of the first sentence. Raises SpeechFailed."""
        async with self._one_at_a_time:
            try:
                await self._running_worker()
            except WorkerGone as gone:
                raise SpeechFailed(str(gone)) from gone

    async def _attempt(self, request: dict[str, Any]) -> Sound:
        worker = await self._running_worker()
        path = worker.scratch / "sentence.wav"
        answer = await worker.ask({**request, "path": str(path)}, self._limit)
        if answer.get("fault") == "voice":
            raise VoiceMissing(str(answer["detail"]))
        if "fault" in answer:
            raise SpeechFailed(str(answer["detail"]))
        return await asyncio.to_thread(taken_sound, path)

    async def _running_worker(self) -> Worker:
        if self._closed:
            raise SpeechFailed("the voice has been closed")
        return self._worker or await self._new_worker()

    async def _new_worker(self) -> Worker:
        starting = asyncio.ensure_future(Worker.start(self._command))
        try:
            worker = await asyncio.shield(starting)
            await worker.answer(self._start_limit)
        except (asyncio.CancelledError, WorkerGone):
            # Half-started, it would give its first word as the answer to a sentence.
            self._worker = await asyncio.shield(starting)
            await asyncio.shield(self._end_worker())
            raise
        self._worker = worker
        return worker

    async def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            await worker.end()

    async def close(self) -> None:
        """End the worker. Waits for a sentence in progress; its time is limited."""
        self._closed = True
        async with self._one_at_a_time:
            await self._end_worker()


def taken_sound(path: Path) -> Sound:
    """Read and remove what the worker wrote. Raises SpeechFailed: pyttsx3 reports no errors."""
    try:
        return read_wav(path)
    except (OSError, EOFError, wave.Error) as fault:
        raise SpeechFailed(f"pyttsx3 wrote no usable file: {fault}") from fault
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
            raise SpeechFailed(f"the speech worker cannot be started: {fault}") from fault
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
            raise WorkerGone(f"no answer within {limit:g} s") from None
        if not line.endswith(b"\n"):
            raise WorkerGone(await self._last_words())
        return json.loads(line)

    async def _last_words(self) -> str:
        tail = (await asyncio.to_thread(read_tail, self.complaints)).strip()
        return f"the speech worker ended: {tail or 'no message'}"

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
