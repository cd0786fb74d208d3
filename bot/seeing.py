"""Between vision and the core: violations become reports, frames become evidence."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.casework import Intake
from bot.domain import presence
from bot.domain.error import BadInput, InputFault, LoudhailerError, Unavailable
from bot.domain.message import Picture
from bot.domain.report import Because, Phase, Report, Shot
from bot.domain.response import Responses
from bot.domain.site import Camera, Mode, SiteConfig
from bot.holding import Holding
from bot.ports import Clock, PictureStore, Store

if TYPE_CHECKING:
    from vision.pictures import Picture as Decoded
    from vision.pictures import PictureDesk as VisionDesk
    from vision.specs import CameraSpec
    from vision.violation import Key, Violation
    from vision.violation import Shot as Seen

log = logging.getLogger(__name__)

_CONTINUE_EVERY_S = 10.0
_CLEAR_S = 1.5


def clear_after(hazard: str, site: str, responses: Responses) -> float:
    """For how many seconds looks must show a hazard gone before vision says that it ended.

    Where a case may close itself the whole window runs in vision, on frames that the detector has
    looked at, and not on a clock that goes on when the camera does not.
    """
    response = responses.of(hazard, site)
    seconds = response.self_close_after.total_seconds()
    return seconds if response.may_self_close else min(seconds, _CLEAR_S)


def camera_spec(camera: Camera, config: SiteConfig, responses: Responses) -> CameraSpec:
    """What vision is told about a configured camera.

    Not of zones whose hazard it cannot judge: those are places that others report on.
    """
    from vision.rules import hazards
    from vision.specs import CameraSpec, ZoneSpec

    site = config.site(camera.site)
    timezone = str(site.timezone) if site else "UTC"
    zones = tuple(
        ZoneSpec(
            id=zone.id,
            hazard=zone.hazard,
            polygon=zone.polygon,
            dwell_s=zone.dwell.total_seconds(),
            active=str(zone.active[0]) if zone.active else None,
            timezone=timezone,
            clear_after_s=clear_after(zone.hazard, camera.site, responses),
        )
        for zone in camera.zones
        if zone.hazard in hazards()
    )
    return CameraSpec(
        id=camera.id,
        source=camera.source.reveal(),
        models=camera.models,
        loop=camera.loop,
        mode=camera.mode.value,
        zones=zones,
    )


async def live_keys(store: Store, cameras: Sequence[Camera]) -> list[Key]:
    """What lasted when the program stopped, so that vision says whether it goes on or has gone."""
    from vision.violation import Key

    return [
        Key(camera.id, case.zone, case.hazard, subject)
        for camera in cameras
        for case in await store.live_keys(camera.id)
        for subject in presence.still_there(case.subjects)
    ]


class VisionReports:
    """Hands violations on as reports; what cannot be written now is held until it can."""

    def __init__(
        self,
        config: SiteConfig,
        responses: Responses,
        intake: Intake,
        pictures: PictureStore,
        clock: Clock,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._responses = responses
        self._intake = intake
        self._pictures = pictures
        self._clock = clock
        self._ticks = ticks
        self._run = uuid.uuid4().hex[:12]
        self._count = 0
        self._continued: dict[Key, float] = {}
        self._holding = Holding(self._hand_in)

    async def settled(self) -> None:
        """Wait until everything that was seen is taken."""
        await self._holding.settled()

    async def close(self) -> None:
        """Hand on no more."""
        await self._holding.close()

    async def on_violation(self, violation: Violation) -> None:
        """The callback of `vision.watch.Vision`."""
        if self._is_too_soon(violation):
            return
        camera = self._config.camera(violation.camera)
        assert camera is not None, "vision watches configured cameras only"
        self._count += 1
        report = await self._report(violation, camera)
        if violation.now is not None and await self._intake.would_open(report):
            report = replace(report, shot=await self._kept(await asyncio.to_thread(violation.now)))
        self._holding.add(violation.key, report)

    async def _hand_in(self, report: Report) -> bool:
        try:
            await self._intake.report(report)
        except LoudhailerError as error:
            log.warning("report %s of the camera is not taken: %s", report.id, error)
            return False
        return True

    def _is_too_soon(self, violation: Violation) -> bool:
        """That a hazard goes on is news only every few seconds."""
        if violation.phase != "continue":
            self._continued.pop(violation.key, None)
            return False
        now = self._ticks()
        last = self._continued.setdefault(violation.key, now)
        if 0 < now - last < _CONTINUE_EVERY_S or last == now:
            return True
        self._continued[violation.key] = now
        return False

    async def _report(self, violation: Violation, camera: Camera) -> Report:
        start = violation.phase == "start"
        seen = violation.best if start else violation.after
        return Report(
            id=f"{self._run}-{self._count}",
            source=f"camera:{camera.id}",
            hazard=violation.hazard,
            site=camera.site,
            at=round((violation.first_seen if start else violation.last_seen) * 1000),
            received_at=self._clock(),
            camera=camera.id,
            zone=violation.zone,
            subject=violation.subject,
            phase=Phase(violation.phase),
            because=Because(violation.because) if violation.because else None,
            confidence=round(violation.confidence, 3),
            people=max(violation.people, 1),
            headcount=True,
            shot=await self._kept(seen),
            trial=camera.mode is Mode.TRIAL,
            clear_ms=self._clear_ms(violation, camera),
        )

    def _clear_ms(self, violation: Violation, camera: Camera) -> int:
        if violation.because != "rectified" or violation.zone is None:
            return 0
        return round(clear_after(violation.hazard, camera.site, self._responses) * 1000)

    async def _kept(self, seen: Seen | None) -> Shot | None:
        """The pictures of a violation; an alarm goes on without those that cannot be kept."""
        if seen is None:
            return None
        try:
            annotated, blurred, clean = [
                await self._put(jpeg) for jpeg in (seen.annotated, seen.blurred, seen.clean)
            ]
        except OSError as error:
            log.error("a picture could not be kept, its report goes on without: %s", error)
            return None
        return Shot(annotated, blurred, clean)

    async def _put(self, jpeg: bytes) -> Picture:
        sha256 = await self._pictures.put(jpeg)
        return Picture(jpeg, sha256, kept=not self._pictures.holds(sha256))


class SafeDesk:
    """See `bot.ports.PictureDesk` and `PictureShrinker`: vision's desk, with the core's errors."""

    def __init__(self, desk: VisionDesk) -> None:
        self._desk = desk

    async def sanitise(self, data: bytes) -> Picture:
        """A clean JPEG; raises `BadInput` for a bad picture, `Unavailable` for a slow machine."""
        return await self._safely(self._desk.sanitise(data))

    async def shrink(self, jpeg: bytes, most: int) -> Picture:
        """The same picture in at most `most` bytes; raises as `sanitise` does."""
        return await self._safely(self._desk.sanitise(jpeg, most))

    async def _safely(self, work: Awaitable[Decoded]) -> Picture:
        from vision.errors import PictureError, PictureTimeout

        try:
            clean = await work
        except PictureTimeout as error:
            raise Unavailable(str(error)) from error
        except PictureError as error:
            raise BadInput([InputFault("image", str(error))]) from error
        return Picture(clean.jpeg, "", clean.width, clean.height)
