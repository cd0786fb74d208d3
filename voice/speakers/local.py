"""`local:`: the sound card of this machine, through a process that may be killed."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import time
from contextlib import suppress
from pathlib import Path

from voice.faults import SpeechFailed
from voice.sound import Sound, write_atomically
from voice.speakers.port import Outcome, PlayFault, PlayReport, SpeakerHealth
from voice.worker import Worker, WorkerGone

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("local_worker.py")))
START_SECONDS = 15.0
BEGIN_SECONDS = 5.0
BEYOND_ITS_LENGTH = 5.0


class LocalSpeaker:
    """One sound card. `name` is a part of its name, empty for the usual one."""

    kind = "local"

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._worker: Worker | None = None
        self._using = asyncio.Lock()
        self._warming: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, None while there is none."""
        return self._worker.process.pid if self._worker else None

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Play on the card; spoken means that it took the sound to its end, at its own pace."""
        asked = time.monotonic()
        async with self._using:
            if self._closed:
                return PlayReport(Outcome.FAILED, detail="the speaker is closed")
            try:
                return await self._played(sound, asked)
            except PlayFault as fault:
                return PlayReport(fault.outcome, detail=fault.detail)
            except WorkerGone as gone:
                await self._end()
                log.warning("play %s: the sound card's process is lost: %s", key, gone)
                return PlayReport(Outcome.FAILED, detail=str(gone))
            except asyncio.CancelledError:
                await asyncio.shield(self._end())  # killed, it is silent at once
                self._warm_later()
                raise

    async def _played(self, sound: Sound, asked: float) -> PlayReport:
        worker = await self._running()
        path = worker.scratch / "play.wav"
        await asyncio.to_thread(write_atomically, path, sound.to_wav())
        begun = await worker.ask({"play": self._name, "path": str(path)}, BEGIN_SECONDS)
        if "fault" in begun:
            raise PlayFault(Outcome(begun["fault"]), str(begun["detail"]))
        first_ms = (time.monotonic() - asked) * 1000
        ended = await worker.answer(sound.seconds + BEYOND_ITS_LENGTH)
        outcome = Outcome(ended.get("fault", Outcome.SPOKEN))
        frames, detail = int(ended["frames"]), str(ended.get("detail", ""))
        seconds = min(frames / sound.sample_rate, sound.seconds)
        return PlayReport(outcome, frames * 2, seconds, first_ms, detail)

    async def probe(self) -> SpeakerHealth:
        """Whether the card is there. While it plays, it is."""
        if self._using.locked():
            return SpeakerHealth(True)
        async with self._using:
            if self._closed:
                return SpeakerHealth(False, "the speaker is closed")
            try:
                worker = await self._running()
                found = await worker.ask({"probe": self._name}, BEGIN_SECONDS)
            except (PlayFault, WorkerGone) as fault:
                await self._end()
                return SpeakerHealth(False, str(fault))
            except asyncio.CancelledError:
                await asyncio.shield(self._end())
                raise
        return SpeakerHealth("fault" not in found, str(found.get("detail", found.get("device"))))

    async def close(self) -> None:
        """Stop, and end the process."""
        self._closed = True
        if self._warming:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        await self._end()

    def _warm_later(self) -> None:
        """Have a process ready for whatever took this play's place."""
        if not self._closed:
            # A context of its own: whoever cancelled the play may have been in a transaction.
            self._warming = asyncio.get_running_loop().create_task(
                self._warm(), context=contextvars.Context()
            )

    async def _warm(self) -> None:
        async with self._using:
            with suppress(PlayFault, WorkerGone):  # the next play reports it
                await self._running()

    async def _running(self) -> Worker:
        """The process, started where there is none. Raises PlayFault, WorkerGone."""
        if self._worker is None:
            starting = asyncio.ensure_future(Worker.start(COMMAND))
            try:
                worker = await asyncio.shield(starting)
                await worker.answer(START_SECONDS)
            except SpeechFailed as fault:
                raise PlayFault(Outcome.FAILED, str(fault)) from fault
            except (asyncio.CancelledError, WorkerGone):
                self._worker = await asyncio.shield(starting)
                await asyncio.shield(self._end())
                raise
            self._worker = worker
        return self._worker

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            await worker.end()
