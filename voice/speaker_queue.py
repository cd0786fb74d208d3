"""One speaker's queue: what waits, what goes first, what has become untrue."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.hazard import Severity
from bot.domain.response import Style
from voice.faults import SpeechFailed
from voice.policy import Manners, SpeakerSpec
from voice.shaping import shaped
from voice.sound import Sound
from voice.speakers.port import SOUNDED, Outcome, PlayReport, Speaker

if TYPE_CHECKING:
    from voice.speech import SpeechMaker

log = logging.getLogger(__name__)

# Beyond the sound's own length; a speaker has its own, shorter limits.
PLAY_GRACE_SECONDS = 20.0
REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Announcement:
    """A sentence for some speakers.

    `id` names the announcement: given twice, it is spoken once. `expires_at` in epoch seconds: a
    warning that has not started by then is never spoken. `lead_silence_s` where it should be more
    than the speaker's own. `repeat_in_one` says the sentence that often in one sound.
    """

    id: str
    speakers: tuple[str, ...]
    text: str
    language: str
    severity: Severity
    expires_at: float
    style: Style = Style.NORMAL
    lead_silence_s: float = 0.0
    repeat_in_one: int = 1

    @property
    def sentence(self) -> tuple[str, str, Style, int]:
        """What is heard: announcements that agree in it are one."""
        return self.text, self.language, self.style, self.repeat_in_one


@dataclass(slots=True, eq=False)
class Turn:
    """An announcement in a queue, and whoever else asked for the same sentence meanwhile."""

    announcement: Announcement
    order: int
    done: asyncio.Future[PlayReport]
    severity: Severity
    expires_at: float
    gone_by: float  # the same on the monotonic clock: setting the clock back revives nothing
    ids: set[str] = field(default_factory=set)

    def join(self, other: Announcement, gone_by: float) -> None:
        """Let another announcement of the same sentence share this turn."""
        self.ids.add(other.id)
        self.severity = max(self.severity, other.severity)
        self.expires_at = max(self.expires_at, other.expires_at)
        self.gone_by = max(self.gone_by, gone_by)


class SpeakerQueue:
    """Says one thing at a time on one speaker, the gravest first."""

    def __init__(
        self,
        spec: SpeakerSpec,
        speaker: Speaker,
        speech: SpeechMaker,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec = spec
        self.speaker = speaker
        self._speech = speech
        self._clock = clock
        self._monotonic = monotonic
        self._manners = Manners(spec)
        self._waiting: list[Turn] = []
        self._current: Turn | None = None
        self._spoken: OrderedDict[str, PlayReport] = OrderedDict()
        self._wake = asyncio.Event()
        self._taken = 0
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to speak. Called once, outside any transaction: the task keeps its context."""
        self._task = asyncio.create_task(self._run(), name=f"speaker {self.spec.id}")

    async def say(self, announcement: Announcement) -> PlayReport:
        """Wait for a turn and for its end. A cancelled caller does not stop the sound."""
        if self._closing:
            return PlayReport(Outcome.STOPPED)
        if spoken := self._spoken.get(announcement.id):
            return spoken
        return await asyncio.shield(self._turn_for(announcement).done)

    def _turn_for(self, announcement: Announcement) -> Turn:
        gone_by = self._monotonic() + announcement.expires_at - self._clock()
        if self._current and announcement.id in self._current.ids:
            return self._current
        for turn in self._waiting:
            if announcement.id in turn.ids or turn.announcement.sentence == announcement.sentence:
                turn.join(announcement, gone_by)
                return turn
        self._taken += 1
        turn = Turn(
            announcement,
            self._taken,
            asyncio.get_running_loop().create_future(),
            announcement.severity,
            announcement.expires_at,
            gone_by,
            {announcement.id},
        )
        self._waiting.append(turn)
        self._wake.set()
        return turn

    async def _run(self) -> None:
        while not self._closing:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            self._current = min(self._waiting, key=lambda turn: (-turn.severity, turn.order))
            self._waiting.remove(self._current)
            await self._take_turn(self._current)
            self._current = None

    async def _take_turn(self, turn: Turn) -> None:
        report = PlayReport(Outcome.STOPPED)
        try:
            report = await self._said(turn)
        except Exception as fault:
            log.exception("announcement %s on %s", turn.announcement.id, self.spec.id)
            report = PlayReport(Outcome.FAILED, detail=repr(fault))
        finally:
            turn.done.set_result(report)
        self._remember(turn, report)

    def _remember(self, turn: Turn, report: PlayReport) -> None:
        if report.outcome in (*SOUNDED, Outcome.NOT_CONFIRMED, Outcome.CUT_OFF):
            self._manners.spoke(self._clock())
        if report.outcome in SOUNDED:
            self._spoken.update(dict.fromkeys(turn.ids, report))
        while len(self._spoken) > REMEMBERED:
            self._spoken.popitem(last=False)

    async def _said(self, turn: Turn) -> PlayReport:
        if refusal := self._refusal(turn):
            return PlayReport(refusal)
        try:
            sound = await self._sound(turn.announcement)
        except SpeechFailed as fault:
            return PlayReport(Outcome.NO_SPEECH, detail=str(fault))
        if self._expired(turn):
            return PlayReport(Outcome.EXPIRED, detail="while the sentence was made")
        try:
            async with asyncio.timeout(sound.seconds + PLAY_GRACE_SECONDS):
                return await self.speaker.play(sound, key=turn.announcement.id)
        except TimeoutError:
            return PlayReport(Outcome.FAILED, detail="the speaker did not come to an end")

    def _refusal(self, turn: Turn) -> Outcome | None:
        if self._expired(turn):
            return Outcome.EXPIRED
        return self._manners.refusal(turn.severity, self._clock())

    def _expired(self, turn: Turn) -> bool:
        return self._clock() >= turn.expires_at or self._monotonic() >= turn.gone_by

    async def _sound(self, announcement: Announcement) -> Sound:
        speech = await self._speech.speak_to_file(announcement.text, announcement.language)
        return await asyncio.to_thread(
            shaped,
            speech.sound,
            calm=announcement.style is Style.CALM,
            lead_silence=max(self.spec.lead_silence_s, announcement.lead_silence_s),
            repeat=announcement.repeat_in_one,
        )

    async def close(self, drain: float) -> None:
        """Take no more; let what sounds come to its end within `drain` seconds; then cut it off."""
        self._closing = True
        self._wake.set()
        for turn in self._waiting:
            turn.done.set_result(PlayReport(Outcome.STOPPED))
        self._waiting.clear()
        if self._task:
            await asyncio.wait([self._task], timeout=drain)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.speaker.close()
