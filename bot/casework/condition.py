"""How a site is doing, for `/status`: what works there, who is there, what did not get through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.casework.canaries import verdict_of
from bot.casework.core import Core
from bot.domain.actuator import Actuator
from bot.domain.case import LIVE
from bot.domain.site import Member, Purpose, Role, Speaker
from bot.ports import CaseFilter, Undelivered
from bot.ports_console import CameraView
from bot.texts.vocabulary import join
from bot.texts.wording import Wording

_LIST_LIMIT = 500
_LATE_MS = 10_000
"""What waits no longer than this is on its way."""
_LATELY_MS = 24 * 3_600_000
_NAMED = 3
_OVERSEE = (Role.AUDITOR, Role.SUPERVISOR, Role.ADMIN)

Views = Callable[[str], CameraView]
"""Camera id -> how it does."""

Silent = Callable[[], Awaitable[Mapping[str, str]]]
"""Speakers that could not play now, with the reason."""

Dark = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Lights by id -> those of them that would not do what they are told now."""


def no_cameras(camera: str) -> CameraView:
    """Where this process watches no camera."""
    return CameraView(camera, "off")


async def none_silent() -> Mapping[str, str]:
    """Where this process has no speakers."""
    return {}


async def none_dark(_: Collection[str]) -> Collection[str]:
    """Where this process has no lights."""
    return ()


@dataclass
class Condition:
    """Only what is worth a line is told: silence means that it works."""

    core: Core
    view: Views = no_cameras
    silent: Silent = none_silent
    dark: Dark = none_dark

    async def of_site(self, site: str, wording: Wording, now: int) -> list[str]:
        """The lines of one site."""
        live = CaseFilter(sites=(site,), states=tuple(LIVE), limit=_LIST_LIMIT)
        count = len(await self.core.store.list_cases(live))
        return [
            wording.say("status.head", site=site, at=now),
            wording.say("status.cases", count=count, text=""),
            *self._cameras(site, wording),
            *await self._speakers(site, wording),
            *await self._lights(site, wording),
            *self._muted(site, wording, now),
            *self._duty(site, wording, now),
            *await self._undelivered(site, wording, now),
        ]

    async def of_delivery(self, member: Member, wording: Wording, now: int) -> list[str]:
        """How the last test of delivery went, for those who oversee more than their own cases."""
        verdict = await verdict_of(self.core.store)
        if verdict is None or member.role not in _OVERSEE:
            return []
        if verdict.ok:
            seconds = "-" if verdict.seconds is None else f"{verdict.seconds:.1f}"
            return [wording.say("status.canary", at=verdict.at, now=now, text=seconds)]
        where = _some(list(verdict.faults), wording)
        return [wording.say("status.canary_failed", at=verdict.at, now=now, text=where)]

    def _cameras(self, site: str, wording: Wording) -> list[str]:
        cameras = self.core.people.config.cameras_of(site)
        if not cameras:
            return []
        working = sum(self.view(camera.id).state in ("live", "slow") for camera in cameras)
        return [wording.say("status.cameras", count=working, total=len(cameras))]

    async def _speakers(self, site: str, wording: Wording) -> list[str]:
        speakers = [one for one in self.core.people.config.speakers if one.site == site]
        if not speakers:
            return []
        return [_ready("status.speakers", speakers, await self.silent(), wording)]

    async def _lights(self, site: str, wording: Wording) -> list[str]:
        lights = [one for one in self.core.people.config.actuators if one.site == site]
        if not lights:
            return []
        dark = await self.dark([one.id for one in lights])
        return [_ready("status.lights", lights, dark, wording)]

    def _muted(self, site: str, wording: Wording, now: int) -> list[str]:
        muted = [
            (camera.name, until)
            for camera in self.core.people.config.cameras_of(site)
            if (until := self.core.mutes.get(camera.id, 0)) > now
        ]
        return [
            wording.say("status.muted", speaker=name, until=until, now=now) for name, until in muted
        ]

    def _duty(self, site: str, wording: Wording, now: int) -> list[str]:
        """Where there is a rota, nobody on duty is worth a warning."""
        config = self.core.people.config
        on_duty = config.on_duty(site, datetime.fromtimestamp(now / 1000, UTC))
        if on_duty:
            return [wording.say("status.duty", people=[member.id for member in on_duty])]
        has_rota = any(line.site == site for line in config.duty)
        return [wording.say("status.nobody")] if has_rota else []

    async def _undelivered(self, site: str, wording: Wording, now: int) -> list[str]:
        """What should have reached the chats and speakers of the site, and has not."""
        config, store = self.core.people.config, self.core.store
        chats = [self.core.people.ref_of(one).key for one in config.chats_for(site, Purpose.CASES)]
        places = {*chats, *(one.id for one in config.speakers if one.site == site)}
        waiting = [
            one
            for one in await store.waiting(now)
            if one.place.partition("/")[0] in places or one.place in places
        ]
        late = sum(one.count for one in waiting if now - one.since > _LATE_MS)
        since = min((one.since for one in waiting if now - one.since > _LATE_MS), default=now)
        lost = 0
        for chat in chats:
            dead = await store.undelivered(Undelivered(("dead",), chat))
            lost += sum(now - row.created_at < _LATELY_MS for row in dead)
        lines: list[str] = []
        if late:
            lines.append(wording.say("status.waiting", count=late, since=since, now=now))
        if lost:
            lines.append(wording.say("status.lost", count=lost))
        return lines


def _ready(
    key: str, parts: Sequence[Speaker | Actuator], down: Collection[str], wording: Wording
) -> str:
    """How many are; those that are not by name."""
    names = [one.name for one in parts if one.id in down]
    count, total = len(parts) - len(names), len(parts)
    key = f"{key}_down" if names else key
    return wording.say(key, count=count, total=total, text=_some(names, wording))


def _some(names: list[str], wording: Wording) -> str:
    """The first few by name."""
    return join(names[:_NAMED], wording.language) + ("…" if len(names) > _NAMED else "")
