"""Tells the admins of a path that fails, over one that works; once, and once more when it is back.

What a platform needs a person for (another program has our credentials, they are not known any
more) and a speaker that makes no sound are told at once, what may pass by itself after a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.casework import Core
from bot.casework.notices import to_admins_elsewhere
from bot.ports import Waiting
from bot.redact import redact
from bot.texts.wording import Wording
from bot.watching.course import Course, Spell
from bot.watching.lights import WatchedActuator
from bot.watching.paths import WatchedAnnouncer, WatchedChannel

log = logging.getLogger(__name__)

AFTER_MS = 60_000
CALM_MS = 30_000
_LOOK_S = 1.0
_AT_ONCE = {"second_holder": "admin.second_holder", "webhook": "admin.webhook_found"}


@dataclass
class Monitor:
    """Looks once a second at every path; `after` and `calm` are milliseconds."""

    core: Core
    channels: Mapping[str, WatchedChannel]
    announcer: WatchedAnnouncer
    lights: Mapping[str, WatchedActuator] = field(default_factory=dict[str, WatchedActuator])
    after: int = AFTER_MS
    calm: int = CALM_MS
    _sending: dict[str, Spell] = field(default_factory=dict[str, Spell])
    _hearing: dict[str, Spell] = field(default_factory=dict[str, Spell])
    _speaking: dict[str, Spell] = field(default_factory=dict[str, Spell])
    _shining: dict[str, Spell] = field(default_factory=dict[str, Spell])
    _receptions: dict[str, Course] = field(default_factory=dict[str, Course])

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """One look at everything."""
        now = self.core.clock()
        waiting = await self.core.store.waiting(now)
        for channel in self.channels.values():
            self._listen(channel, now)
            nothing_waits = not any(w.channel == channel.name for w in waiting)
            for course in list(channel.courses.values()):
                if channel.hears and nothing_waits:
                    course.worked()  # it is there, and nothing is left to prove it with
                await self._sends(course, waiting, now)
            await self._hears(self._receptions[channel.name], channel.reception.cause, now)
        for course in list(self.announcer.courses.values()):
            await self._speaks(course, now)
        for light in self.lights.values():
            await self._shines(light.course, now)

    def failing(self) -> Iterable[Course]:
        """The paths that have failed for long, or need a person."""
        now = self.core.clock()
        for course in (*self._courses(), *self._receptions.values()):
            if self._is_lasting(course, now):
                yield course

    def _is_lasting(self, course: Course, now: int) -> bool:
        failing = course.failing_since is not None
        return failing and (course.urgent or course.failing_for(now) >= self.after)

    def _listen(self, channel: WatchedChannel, now: int) -> None:
        reception = channel.reception
        hearing = self._receptions.setdefault(channel.name, Course(f"{channel.name} (receiving)"))
        if reception.cause == "token":  # sending fails likewise, and that is what is told
            channel.courses[channel.name].failed(now, reception.fault, urgent=True)
        elif reception.fault:
            hearing.failed(now, reception.fault, urgent=reception.cause in _AT_ONCE)
        else:
            hearing.worked()

    async def _sends(self, course: Course, waiting: Collection[Waiting], now: int) -> None:
        count = sum(w.count for w in waiting if course.name in (w.channel, w.place))
        spell = self._sending.get(course.name)
        if spell is None and self._is_lasting(course, now):
            key = "admin.token_refused" if course.urgent else "admin.channel_failing"
            begun = Spell(course.failing_since or now, count)
            params = {"channel": course.name, "since": course.failing_since, "count": count}
            await self._tell(key, {**params, "error": course.error}, now)
            self._sending[course.name] = begun
        elif spell is not None and course.failing_since is not None:
            spell.most_waiting = max(spell.most_waiting, count)
        elif spell is not None:
            params = {"channel": course.name, "count": spell.most_waiting}
            await self._tell("admin.channel_back", {**params, **_lasted(spell, now)}, now)
            del self._sending[course.name]

    async def _hears(self, course: Course, cause: str, now: int) -> None:
        """Two programs that fight for the updates both get some: it is over when all is calm."""
        name = course.name.partition(" ")[0]
        spell = self._hearing.get(name)
        if spell is None and self._is_lasting(course, now):
            begun = Spell(course.failing_since or now)
            key = _AT_ONCE.get(cause, "admin.receiving_failing")
            params = {"channel": name, "since": course.failing_since, "error": course.error}
            await self._tell(key, params, now)
            self._hearing[name] = begun
        elif spell is not None and course.failing_since is not None:
            spell.well_since = None
        elif spell is not None:
            spell.well_since = spell.well_since if spell.well_since is not None else now
            if now - spell.well_since >= self.calm:
                params = {"channel": name, **_lasted(spell, spell.well_since)}
                await self._tell("admin.receiving_back", params, now)
                del self._hearing[name]

    async def _speaks(self, course: Course, now: int) -> None:
        spell = self._speaking.get(course.name)
        if spell is None and course.failing_since is not None:
            begun = Spell(course.failing_since)
            params = {"speaker": course.name, "error": course.error}
            await self._tell("admin.speaker_down", params, now)
            self._speaking[course.name] = begun
        elif spell is not None and course.failing_since is None:
            params = {"speaker": course.name, **_lasted(spell, now)}
            await self._tell("admin.speaker_back", params, now)
            del self._speaking[course.name]

    async def _shines(self, course: Course, now: int) -> None:
        spell = self._shining.get(course.name)
        if spell is None and self._is_lasting(course, now):
            begun = Spell(course.failing_since or now)
            params = {"light": course.name, "error": course.error}
            await self._tell("admin.light_down", params, now)
            self._shining[course.name] = begun
        elif spell is not None and course.failing_since is None:
            params = {"light": course.name, **_lasted(spell, now)}
            await self._tell("admin.light_back", params, now)
            del self._shining[course.name]

    async def _tell(self, key: str, params: Mapping[str, Any], now: int) -> None:
        """In every admins' chat that can be reached; two processes that see the same tell once.

        Where that cannot be written, it counts as not told, and is told when it can be.
        """
        said = {name: redact(v) if isinstance(v, str) else v for name, v in params.items()}
        log.warning("%s", Wording(self.core.people.config, "en").say(key, now=now, **said))
        down = {c.name for c in self._courses() if self._is_lasting(c, now)}
        subject = params.get("channel") or params.get("speaker") or params.get("light")
        rows = [
            replace(row, dedupe_key=f"{key}:{subject}:{row.target}:{now // self.after}")
            for row in to_admins_elsewhere(self.core, key, said, now, not_by=down)
        ]
        async with self.core.store.begin() as tx:
            await tx.send(*rows)

    def _courses(self) -> list[Course]:
        return [course for channel in self.channels.values() for course in channel.courses.values()]


def _lasted(spell: Spell, now: int) -> Mapping[str, int]:
    return {"minutes": max(round((now - spell.since) / 60_000), 1)}
