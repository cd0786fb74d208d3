"""Announcements: which sentence is said where, in what order, and what became of it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from bot.domain.hazard import Severity
from voice.espeak import EspeakVoice
from voice.faults import SpeechFailed
from voice.policy import SpeakerSpec
from voice.speaker_queue import SpeakerQueue
from voice.speakers import open_speaker
from voice.speakers.port import Outcome, PlayReport, Speaker, SpeakerHealth
from voice.speech import SpeechMaker, Voice
from voice.turns import Announcement, Begins, SpeakerReport

__all__ = ["Announcement", "Announcer", "SpeakerReport", "open_announcer"]

log = logging.getLogger(__name__)


class Announcer:
    """Speaks announcements on the site's speakers, each with a queue of its own.

    Nothing is stored: what waits when the service ends is not spoken later.
    """

    def __init__(
        self,
        speech: SpeechMaker,
        speakers: Iterable[tuple[SpeakerSpec, Speaker]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._speech = speech
        self._clock = clock
        self._queues = {
            spec.id: SpeakerQueue(spec, speaker, speech, clock=clock) for spec, speaker in speakers
        }

    @property
    def speakers(self) -> Mapping[str, Speaker]:
        """The open speakers by id."""
        return MappingProxyType({id: queue.speaker for id, queue in self._queues.items()})

    @property
    def speech(self) -> SpeechMaker:
        """What makes the sentences."""
        return self._speech

    def start(self) -> None:
        """Start the queues."""
        for queue in self._queues.values():
            queue.start()

    async def announce(
        self, announcement: Announcement, begins: Begins | None = None
    ) -> Sequence[SpeakerReport]:
        """Say it on all its speakers; one report each, in their order. Never raises for a speaker.

        Returns when the last of them is done, which may take as long as the sound and what is
        before it. Giving the same id again joins, or reports, what was done the first time.
        `begins` is awaited before anything can be heard.
        """
        return await asyncio.gather(
            *(self._announce_on(one, announcement, begins) for one in announcement.speakers)
        )

    async def _announce_on(
        self, speaker: str, announcement: Announcement, begins: Begins | None
    ) -> SpeakerReport:
        queue = self._queues.get(speaker)
        if queue is None:
            report = PlayReport(Outcome.UNKNOWN_SPEAKER, detail=speaker)
            return SpeakerReport(speaker, report, self._clock())
        return await queue.say(announcement, begins)

    def remember(self, speaker: str, at: float, severity: Severity) -> None:
        """It has sounded before the start, at epoch second `at`: that counts to its limits."""
        if queue := self._queues.get(speaker):
            queue.remember(at, severity)

    async def probe(self) -> Mapping[str, SpeakerHealth]:
        """The health of every speaker, by id; one that speaks is not disturbed."""
        healths = await asyncio.gather(*(queue.health() for queue in self._queues.values()))
        return dict(zip(self._queues, healths, strict=True))

    async def close(self, *, drain: float = 3.0) -> None:
        """Stop: nothing new, what sounds may end within `drain` seconds, the rest is `stopped`."""
        await asyncio.gather(*(queue.close(drain) for queue in self._queues.values()))
        await self._speech.close()


@asynccontextmanager
async def open_announcer(
    specs: Iterable[SpeakerSpec],
    *,
    data_dir: Path,
    work_dir: Path | None = None,
    clock: Callable[[], float] = time.time,
    voice: Voice | None = None,
    better: Voice | None = None,
    drain: float = 3.0,
) -> AsyncIterator[Announcer]:
    """The announcer with its speakers, the cache under `data_dir/speech` and a warm voice.

    What a `better` voice has prepared is said instead of the instant one's.

    `work_dir` holds what is being played and is emptied first: a second announcer beside a
    running one must name another than the default, `data_dir/playing`.

    Raises BadSpeakerUrl for a URL that cannot be used; nothing is started then.
    """
    voice = voice or EspeakVoice()
    playing = work_dir or data_dir / "playing"
    speakers = [(spec, open_speaker(spec.url, work_dir=playing)) for spec in specs]
    # What a killed run left behind belongs to no play any more.
    await asyncio.to_thread(shutil.rmtree, playing, ignore_errors=True)
    speech = SpeechMaker(voice, data_dir / "speech", better=better)
    announcer = Announcer(speech, speakers, clock=clock)
    announcer.start()
    warming = asyncio.create_task(warmed_up(voice), name="voice warm-up")
    try:
        yield announcer
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
        await announcer.close(drain=drain)


async def warmed_up(voice: Voice) -> None:
    """Have the voice ready before its first sentence; a fault is reported with that sentence."""
    try:
        await voice.warm_up()
    except SpeechFailed as fault:
        log.warning("the voice is not ready: %s", fault)
