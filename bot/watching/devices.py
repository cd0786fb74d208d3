"""Cameras that fail become cases: one for each, or one for the site where many go at once.

They come by the same door as every hazard, and close themselves when pictures come again. A
recording that has ended is no fault, nor is a camera that has never given a picture: it may not be
there yet. One that gave some before a restart and gives none since is.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.casework import Intake
from bot.domain.error import LoudhailerError
from bot.domain.report import Because, Phase, Report
from bot.domain.site import Camera, Mode, SiteConfig
from bot.ports import Clock, Store

if TYPE_CHECKING:
    from vision.status import CameraStatus

log = logging.getLogger(__name__)

CAMERA, SITE = "device_offline", "site_offline"
DOWN_MS = 15_000
"""A camera must be without pictures for so long: what passes by itself is no case."""
TOGETHER_MS = 60_000
"""Cameras that went within this have one cause."""
STARTING_MS = 60_000
"""So long after a start a camera that gave pictures before it may take until the first."""
MANY = 2
_LOOK_S = 1.0
_SEEN = "camera_seen"


@dataclass
class Devices:
    """Looks once a second at how the cameras do; `status` tells it."""

    config: SiteConfig
    intake: Intake
    store: Store
    clock: Clock
    status: Callable[[], Sequence[CameraStatus]]
    _down: dict[str, int] = field(default_factory=dict[str, int])
    """Camera -> since when it has no pictures (ms)."""
    _told: set[tuple[str, str | None]] = field(default_factory=set[tuple[str, str | None]])
    """Site and camera (None: all of the site) for which a case was opened."""
    _seen: set[str] = field(default_factory=set[str])
    """Cameras that have given a picture, in this run or before it."""
    _run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    _count: int = 0

    def __post_init__(self) -> None:
        self._begun = self.clock()

    async def run(self) -> None:
        """Look until cancelled; first of all take up what was known before the start."""
        await self._take_up()
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_S)

    async def _take_up(self) -> None:
        self._seen |= (await self.store.all_learned(_SEEN)).keys()
        for site in self.config.sites:
            for camera in (None, *self.config.cameras_of(site.id)):
                key = self._report(site.id, camera, Phase.START, 0).live_key("place")
                if await self.store.holding(key) is not None:
                    self._told.add((site.id, camera.id if camera else None))

    async def look(self) -> None:
        """One look at all cameras; what cannot be reported now is tried at the next look."""
        now = self.clock()
        states = {status.camera: status.state for status in self.status()}
        await self._keep_seen({camera for camera, state in states.items() if state == "live"}, now)
        for camera, state in states.items():
            if state in ("failed", "stale"):
                self._down.setdefault(camera, now)
            elif state == "starting" and camera in self._seen and self._late(now):
                self._down.setdefault(camera, self._begun)
            else:
                self._down.pop(camera, None)
        for site in self.config.sites:
            watched = [one for one in self.config.cameras_of(site.id) if one.id in states]
            await self._judge(site.id, watched, states, now)

    def _late(self, now: int) -> bool:
        """Whether a camera that is there should have given its first picture since the start."""
        if now < self._begun:  # the clock was set back
            self._begun = now
        return now - self._begun >= STARTING_MS

    async def _keep_seen(self, live: Collection[str], now: int) -> None:
        new = [camera for camera in live if camera not in self._seen]
        if not new:
            return
        try:
            async with self.store.begin() as tx:
                for camera in new:
                    await tx.learn(_SEEN, camera, {"at": now})
        except LoudhailerError as error:
            log.warning("cameras that were seen cannot be noted: %s", error)
            return
        self._seen |= set(new)

    async def _judge(
        self, site: str, cameras: Sequence[Camera], states: Mapping[str, str], now: int
    ) -> None:
        down = {
            camera.id: self._down[camera.id]
            for camera in cameras
            if now - self._down.get(camera.id, now) >= DOWN_MS
        }
        if (site, None) in self._told:
            if 2 * len(down) < len(cameras):
                await self._end(site, None, now)
        elif _all_at_once(down, cameras):
            await self._start(site, None, min(down.values()))
        for camera in cameras:
            told = (site, camera.id) in self._told
            if told and states[camera.id] == "live":
                await self._end(site, camera, now)
            elif camera.id in down and not told and (site, None) not in self._told:
                await self._start(site, camera, down[camera.id])

    async def _start(self, site: str, camera: Camera | None, since: int) -> None:
        if await self._hand_in(self._report(site, camera, Phase.START, since)):
            self._told.add((site, camera.id if camera else None))

    async def _end(self, site: str, camera: Camera | None, now: int) -> None:
        if await self._hand_in(self._report(site, camera, Phase.END, now)):
            self._told.discard((site, camera.id if camera else None))

    async def _hand_in(self, report: Report) -> bool:
        try:
            await self.intake.report(report)
        except LoudhailerError as error:
            log.warning("report %s is not taken: %s", report.key, error)
            return False
        return True

    def _report(self, site: str, camera: Camera | None, phase: Phase, at: int) -> Report:
        self._count += 1
        return Report(
            id=f"{self._run}-{self._count}",
            source="cameras",
            hazard=CAMERA if camera else SITE,
            site=site,
            at=at,
            received_at=self.clock(),
            camera=camera.id if camera else None,
            phase=phase,
            because=Because.RECTIFIED if phase is Phase.END else None,
            headcount=True,
            trial=camera is not None and camera.mode is Mode.TRIAL,
        )


def _all_at_once(down: Mapping[str, int], cameras: Collection[Camera]) -> bool:
    """Whether half of a site's cameras, and more than one, went within a minute."""
    newest = max(down.values(), default=0)
    together = sum(newest - since <= TOGETHER_MS for since in down.values())
    return together >= MANY and 2 * together >= len(cameras)
