"""One speaker's queue: what waits, what goes first, what gives way, what has become untrue."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.domain.hazard import Severity
from bot.domain.response import Style
from voice.faults import SpeechFailed
from voice.policy import Manners, SpeakerSpec
from voice.shaping import shaped
from voice.sound import Sound
from voice.speakers.port import SOUNDED, Outcome, PlayReport, Speaker, SpeakerHealth
from voice.turns import Announcement, Begins, SpeakerReport, Turn

if TYPE_CHECKING:
    from voice.speech import SpeechMaker

log = logging.getLogger(__name__)

# Beyond the sound's own length; a speaker has its own, shorter limits.
PLAY_GRACE_SECONDS = 20.0
# A database that cannot be written must not keep a warning from being spoken.
BEGINS_WITHIN_SECONDS = 0.5
REMEMBERED = 256


class SpeakerQueue:
    """Says one thing at a time on one speaker, the gravest first.

    An emergency breaks off whatever less is being said; another emergency it waits for.
    """

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
        self._act: asyncio.Task[PlayReport] | None = None
        self._making: set[asyncio.Task[Sound]] = set()
        self._spoken: OrderedDict[str, SpeakerReport] = OrderedDict()
        self._wake = asyncio.Event()
        self._taken = 0
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to speak. Called once, outside any transaction: the task keeps its context."""
        self._task = asyncio.create_task(self._run(), name=f"speaker {self.spec.id}")

    async def say(self, announcement: Announcement, begins: Begins | None = None) -> SpeakerReport:
        """Wait for a turn and for its end. A cancelled caller does not stop the sound.

        `begins` is awaited, for a moment, before anything can be heard.
        """
        if self._closing:
            return self._stopped()
        if spoken := self._spoken.get(announcement.id):
            return spoken
        turn = self._turn_for(announcement)
        if begins is not None:
            turn.begins.append(begins)
        return await asyncio.shield(turn.done)

    def _turn_for(self, announcement: Announcement) -> Turn:
        if self._current and announcement.id in self._current.ids:
            return self._current
        turn = self._joined(announcement) or self._queued(announcement)
        self._make_way(turn)
        return turn

    def _joined(self, announcement: Announcement) -> Turn | None:
        for turn in self._waiting:
            if announcement.id in turn.ids or turn.announcement.sentence == announcement.sentence:
                turn.join(announcement, self._gone_by(announcement))
                return turn
        return None

    def _queued(self, announcement: Announcement) -> Turn:
        self._taken += 1
        turn = Turn(
            announcement,
            self._taken,
            asyncio.get_running_loop().create_future(),
            announcement.severity,
            announcement.expires_at,
            self._gone_by(announcement),
            {announcement.id},
            round=announcement.round,
            forced=announcement.forced,
        )
        self._waiting.append(turn)
        self._wake.set()
        return turn

    def _gone_by(self, announcement: Announcement) -> float:
        return self._monotonic() + announcement.expires_at - self._clock()

    def _make_way(self, turn: Turn) -> None:
        """Break off what is being said where it is less than an emergency that may speak."""
        current = self._current
        if current is None or self._act is None or not current.gives_way_to(turn):
            return
        if self._refusal(turn) is None and self._act.cancel():
            current.interrupted_by = turn
            self._made(turn)  # while the speaker lets go of the other

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
        turn.interrupted_by = None
        self._act = act = asyncio.create_task(self._said(turn))
        report = PlayReport(Outcome.STOPPED)
        try:
            await asyncio.wait([act])
            if act.cancelled() and turn.began_at is None:
                self._waiting.append(turn)  # it was not heard yet, and keeps its place
                return
            report = self._broken_off(turn) if act.cancelled() else act.result()
        except Exception as fault:
            log.exception("announcement %s on %s", turn.announcement.id, self.spec.id)
            report = PlayReport(Outcome.FAILED, detail=repr(fault))
        finally:
            if not act.done():  # the speaker is being closed
                act.cancel()
                await asyncio.wait([act])
            if turn not in self._waiting:
                self._settle(turn, report)

    def _settle(self, turn: Turn, report: PlayReport) -> None:
        by = turn.interrupted_by
        interrupted = report.outcome is Outcome.PREEMPTED and by is not None
        about = by.announcement.about if interrupted and by else ""
        told = SpeakerReport(self.spec.id, report, self._clock(), turn.began_at, about, turn.voice)
        self._remember(turn, told)
        turn.done.set_result(told)

    def _broken_off(self, turn: Turn) -> PlayReport:
        """It sounded no longer than since it began; how much of that was heard nobody knows."""
        seconds = max(0.0, self._monotonic() - turn.began_on)
        return PlayReport(Outcome.PREEMPTED, seconds=round(seconds, 2))

    def _remember(self, turn: Turn, told: SpeakerReport) -> None:
        outcome = told.report.outcome
        if outcome in (*SOUNDED, Outcome.NOT_CONFIRMED, Outcome.CUT_OFF, Outcome.PREEMPTED):
            self._manners.spoke(self._clock(), turn.severity)
        if outcome in SOUNDED:
            self._spoken.update(dict.fromkeys(turn.ids, told))
        while len(self._spoken) > REMEMBERED:
            self._spoken.popitem(last=False)

    async def _said(self, turn: Turn) -> PlayReport:
        if refusal := self._refusal(turn):
            return PlayReport(refusal)
        try:
            sound = await self._ready(turn)
        except SpeechFailed as fault:
            return PlayReport(Outcome.NO_SPEECH, detail=str(fault))
        if self._expired(turn):
            return PlayReport(Outcome.EXPIRED, detail="while the sentence was made")
        turn.began_at, turn.began_on = self._clock(), self._monotonic()
        turn.voice, sound = sound.voice, sound.to_begin_by(turn.gone_by)
        try:
            async with asyncio.timeout(sound.seconds + PLAY_GRACE_SECONDS):
                return await self.speaker.play(sound, key=turn.announcement.id)
        except TimeoutError:
            return PlayReport(Outcome.FAILED, detail="the speaker did not come to an end")

    async def _ready(self, turn: Turn) -> Sound:
        """The sound; whoever asked knows by then that it is about to begin.

        Making goes on when the turn has to give way, for it will be wanted soon.
        """
        begins = list(turn.begins)
        _, sound = await asyncio.gather(_begun(begins), asyncio.shield(self._made(turn)))
        del turn.begins[: len(begins)]
        return sound

    def _made(self, turn: Turn) -> asyncio.Task[Sound]:
        if turn.making is None:
            turn.making = asyncio.create_task(self._sound(turn))
            self._making.add(turn.making)
            turn.making.add_done_callback(self._making.discard)
        return turn.making

    def _refusal(self, turn: Turn) -> Outcome | None:
        if self._expired(turn):
            return Outcome.EXPIRED
        return self._manners.refusal(turn.severity, self._clock(), forced=turn.forced)

    def _expired(self, turn: Turn) -> bool:
        return self._clock() >= turn.expires_at or self._monotonic() >= turn.gone_by

    async def _sound(self, turn: Turn) -> Sound:
        announcement = turn.announcement
        return await asyncio.to_thread(
            shaped,
            await self._speech_of(announcement),
            calm=announcement.style is Style.CALM,
            lead_silence=max(self.spec.lead_silence_s, announcement.lead_silence_s),
            repeat=announcement.repeat_in_one,
            gain=self._manners.gain(turn.severity, self._clock(), turn.round),
        )

    def remember(self, at: float, severity: Severity) -> None:
        """The speaker has sounded before the start; counts to its limits an hour."""
        self._manners.spoke(at, severity)

    async def health(self) -> SpeakerHealth:
        """Whether the speaker could play; a device in the middle of a play is not asked."""
        if self._current is not None and self._current.began_at is not None:
            return SpeakerHealth(True, "it is speaking")
        try:
            return await self.speaker.probe()
        except Exception as fault:  # what one speaker says must not hide how the others are
            log.exception("probe of %s", self.spec.id)
            return SpeakerHealth(False, repr(fault))

    async def _speech_of(self, announcement: Announcement) -> Sound:
        if announcement.recorded is not None:
            return announcement.recorded.sound.captioned(announcement.text)
        speech = await self._speech.speak_to_file(announcement.text, announcement.language)
        return speech.sound

    async def close(self, drain: float) -> None:
        """Take no more; let what sounds come to its end within `drain` seconds; then cut it off."""
        self._closing = True
        self._wake.set()
        self._stop_waiting()
        if self._task:
            await asyncio.wait([self._task], timeout=drain)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._stop_waiting()  # what had just given way
        for making in self._making:
            making.cancel()
        await asyncio.gather(*self._making, return_exceptions=True)
        await self.speaker.close()

    def _stop_waiting(self) -> None:
        for turn in self._waiting:
            turn.done.set_result(self._stopped())
        self._waiting.clear()

    def _stopped(self) -> SpeakerReport:
        return SpeakerReport(self.spec.id, PlayReport(Outcome.STOPPED), self._clock())


async def _begun(begins: list[Begins]) -> None:
    """Tell those who asked; what they make of it must hold up no warning."""
    if not begins:
        return
    try:
        async with asyncio.timeout(BEGINS_WITHIN_SECONDS):
            await asyncio.gather(*(one() for one in begins))
    except Exception as fault:  # boundary: whatever they could not do, the warning is spoken
        log.warning(
            "nobody could be told that an announcement begins: %s",
            f"{type(fault).__name__}: {fault}".rstrip(": "),
            exc_info=log.isEnabledFor(logging.DEBUG),  # mostly a database busy for a moment
        )
