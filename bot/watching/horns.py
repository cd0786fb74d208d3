"""Speakers that fail become cases, one each, and close themselves when they answer again.

They are probed, without a sound, every minute or so; how real announcements ended counts as well,
for there are devices that answer and do not play.  One that answers now and then is as good as
dead: an outage is over only when all has been well for a while.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.casework import Core, Intake
from bot.domain.clocks import ms
from bot.domain.error import LoudhailerError
from bot.domain.hazard import SPEAKER_DOWN
from bot.domain.report import Because, Phase, Report
from bot.domain.site import Speaker
from bot.ports_console import HornView
from bot.redact import redact
from bot.texts.reasons import reason_in
from bot.texts.wording import Wording

log = logging.getLogger(__name__)

PROBED_EVERY = timedelta(minutes=1)
_CALM = timedelta(minutes=1)
_LOOKS_WITHIN = 5
"""A speaker is looked at so often at least before it is called dead."""

REACHED = "speaker_reached"
"""Kind under which is kept when a speaker answered for the first time."""

_UNPROVEN = frozenset(
    {"not_supported", "refused", "not_played", "not_found", "cut_off", "failed", "unauthorised"}
)
"""Outcomes that a probe says nothing against: only an announcement that sounds does."""

Silent = Callable[[], Awaitable[Mapping[str, str]]]


@dataclass
class _Course:
    """How a speaker goes, in ms."""

    failing_since: int | None = None
    well_since: int | None = None
    error: str = ""
    looked: bool = False
    told: bool = False


@dataclass
class Horns:
    """`silent` probes them all and tells which fail, and why; `ended` are the last outcomes of real
    announcements; `mine`: whether this process is the one that speaks through a speaker."""

    core: Core
    intake: Intake
    silent: Silent
    ended: Mapping[str, str]
    mine: Callable[[str], bool] = lambda _: True
    _courses: dict[str, _Course] = field(default_factory=dict[str, _Course])
    _reached: set[str] = field(default_factory=set[str])
    _run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    _count: int = 0

    async def run(self) -> None:
        """Look until cancelled; first of all take up what was before the start."""
        if not self._speakers:
            return
        await self.take_up()
        while True:
            await self.look()
            await asyncio.sleep(self.every.total_seconds())

    @property
    def every(self) -> timedelta:
        """How often they are probed."""
        watched = [one.dead_after for one in self._speakers if one.dead_after]
        shortest = min(watched, default=_LOOKS_WITHIN * PROBED_EVERY)
        return max(timedelta(seconds=1), min(PROBED_EVERY, shortest / _LOOKS_WITHIN))

    @property
    def _speakers(self) -> tuple[Speaker, ...]:
        return self.core.people.config.speakers

    async def take_up(self) -> None:
        """The cases of before the start, and which speakers have ever answered."""
        self._reached |= set(await self.core.store.all_learned(REACHED))
        for speaker in self._speakers:
            key = self._report(speaker, Phase.START, 0, "").live_key("subject")
            live = await self.core.store.holding(key)
            if live is not None:
                told = _Course(live.first_seen, told=True)
                self._courses[speaker.id] = told

    async def look(self) -> None:
        """Probe them all; what cannot be reported now is tried at the next look."""
        silent = await self.silent()
        now = self.core.clock()
        for speaker in self._speakers:
            if not self.mine(speaker.id):
                self._courses.pop(speaker.id, None)
                continue
            course = self._courses.setdefault(speaker.id, _Course())
            error = self._fault(speaker, silent)
            if not course.looked:
                await self._first(speaker, error, now)
            course.looked = True
            if not error and speaker.id not in self._reached:
                await self._answered(speaker, now)
            self._note(speaker, course, error, now)
            await self._judge(speaker, course, now)

    def views(self) -> Mapping[str, HornView]:
        """How each does that was looked at."""
        return {id: _view(id, one) for id, one in self._courses.items() if one.looked}

    def _fault(self, speaker: Speaker, silent: Mapping[str, str]) -> str:
        """Why it cannot be heard now; "" where nothing is known against it."""
        if speaker.id in silent:
            return silent[speaker.id] or "-"
        last = self.ended.get(speaker.id, "")
        return last if last in _UNPROVEN else ""

    async def _first(self, speaker: Speaker, error: str, now: int) -> None:
        """Said at the start: what has never answered was perhaps never right."""
        if error and speaker.id not in self._reached:
            log.warning("speaker %s has never answered: %s", speaker.id, redact(error))
            if not speaker.url.reveal().startswith("browser:"):  # its page is opened later
                params = {"speaker": speaker.id, "error": redact(error)}
                async with self.core.store.begin() as tx:
                    await tx.send(*self.core.to_admins("admin.speaker_never", params, now))
        elif error:
            log.warning("speaker %s does not answer: %s", speaker.id, redact(error))

    async def _answered(self, speaker: Speaker, now: int) -> None:
        self._reached.add(speaker.id)
        async with self.core.store.begin() as tx:
            await tx.learn(REACHED, speaker.id, {"at": now})

    def _note(self, speaker: Speaker, course: _Course, error: str, now: int) -> None:
        if error:
            course.error, course.well_since = error, None
            if course.failing_since is None:
                course.failing_since = now
            return
        if course.well_since is None:
            course.well_since = now
        calm = min(ms(_CALM), ms(speaker.dead_after))
        if course.failing_since is not None and now - course.well_since >= calm:
            course.failing_since, course.error = None, ""

    async def _judge(self, speaker: Speaker, course: _Course, now: int) -> None:
        since = course.failing_since
        if since is None:
            if course.told and await self._hand_in(self._report(speaker, Phase.END, now, "")):
                course.told = False
        elif not course.told and speaker.dead_after and now - since >= ms(speaker.dead_after):
            report = self._report(speaker, Phase.START, since, self._words(speaker, course))
            course.told = await self._hand_in(report)

    def _words(self, speaker: Speaker, course: _Course) -> str:
        config = self.core.people.config
        key = "horn.dead" if speaker.id in self._reached else "horn.never"
        error = reason_in(redact(course.error), config.language)
        wording = Wording(config, config.language, config.site(speaker.site))
        return wording.say(key, speaker=speaker.id, error=error)

    async def _hand_in(self, report: Report) -> bool:
        try:
            await self.intake.report(report)
        except LoudhailerError as error:
            log.warning("report %s is not taken: %s", report.key, error)
            return False
        return True

    def _report(self, speaker: Speaker, phase: Phase, at: int, note: str) -> Report:
        self._count += 1
        return Report(
            id=f"{self._run}-{self._count}",
            source="speakers",
            hazard=SPEAKER_DOWN,
            site=speaker.site,
            at=at,
            received_at=self.core.clock(),
            subject=speaker.id,
            phase=phase,
            because=Because.RECTIFIED if phase is Phase.END else None,
            headcount=True,
            note=note,
        )


def _view(id: str, course: _Course) -> HornView:
    since = course.failing_since
    return HornView(id, since is None, since, course.error, course.well_since if since else None)


class HornFigures(Collector):
    """The speakers' figures for /metrics."""

    def __init__(self, views: Callable[[], Mapping[str, HornView]]) -> None:
        self._views = views

    def collect(self) -> Iterable[Metric]:
        """A line for each that was probed."""
        help = "1 while a speaker answers, and plays what it is given."
        family = GaugeMetricFamily("loudhailer_speaker_up", help, labels=("speaker",))
        for view in self._views().values():
            family.add_metric((view.id,), float(view.ok))
        yield family
