"""The composition root: the only place where everything meets.

`open_service` puts the program together out of the parts of `bot.assembly`, starts it, and on
leaving stops it in three stages: take nothing more in, let what is under way end, cut the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.address import url_at
from bot.assembly.delivery import open_delivery, start_couriers
from bot.assembly.doors import open_doors, tls_of
from bot.assembly.foundation import Foundation, lay_foundation
from bot.assembly.outlets import open_outlets
from bot.assembly.sight import load_detectors, open_sight
from bot.assembly.watches import (
    keep_house,
    open_horns,
    receiving,
    start_clocks,
    start_receiving,
    start_watches,
    stop_receiving,
)
from bot.casework import Casework, Core, Intake, Looking
from bot.domain.site import Camera, SiteConfig
from bot.keys import house_keys
from bot.settings import Settings
from handlers.chat import ChatDesk
from handlers.console.speakerlinks import SpeakerLinks
from handlers.http.context import Context
from handlers.http.pictures import PictureLinks
from handlers.http.server import Door, build, open_door, serve_at
from handlers.http.sessions import login_url
from handlers.parts import ChatParts
from storage.access import SqlAccess
from voice.pronouncing import syllables

if TYPE_CHECKING:
    from vision.detector import Detector
    from vision.watch import Vision

VERSION = "0.1.0"


@dataclass(frozen=True)
class Service:
    """The running program, for whoever started it."""

    config: SiteConfig
    core: Core
    casework: Casework
    intake: Intake
    access: SqlAccess
    http: Context
    speaker_links: SpeakerLinks
    vision: Vision | None
    port: int
    url: str

    async def login_link(self, member: str, life_ms: int = 15 * 60_000) -> str:
        """A single-use link to the console for a member."""
        token = await self.access.create_login_link(member, now=self.core.clock(), life=life_ms)
        return login_url(self.http, token, self.url)


@asynccontextmanager
async def open_service(
    settings: Settings,
    config: SiteConfig,
    *,
    role: str = "all",
    models: Path | None = None,
) -> AsyncIterator[Service]:
    """Build, start, and stop everything.

    Raises what stands in the way before anything is half started: `BadInput` for the address or
    the token, `OutdatedSchema` and `DatabaseUnusable`, `ModelStoreError` for a model that is not
    here, `VisionError` and `VoiceFault` for what cannot be opened, `OSError` for the disk.
    """
    cameras = config.cameras if role in ("all", "vision") else ()
    async with AsyncExitStack() as stack:
        address = (settings.http_host, settings.http_port, tls_of(settings))
        door = await asyncio.to_thread(open_door, *address)
        stack.callback(door.close)
        await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
        folder = models or settings.models_dir
        detectors = await asyncio.to_thread(load_detectors, folder, cameras)
        base = await lay_foundation(settings, config, folder, stack)
        yield await _build(base, door, cameras, detectors)


async def _build(
    base: Foundation, door: Door, cameras: tuple[Camera, ...], detectors: Mapping[str, Detector]
) -> Service:
    """The parts in the order in which they need each other; they end the other way round."""
    settings, config, core = base.settings, base.config, base.core
    keys = await asyncio.to_thread(house_keys, settings.data_dir)
    links = PictureLinks(keys.pictures, url_at(settings, door.port))
    outlets = await open_outlets(base, links)
    channels = outlets.channels
    delivery = await open_delivery(base, outlets)
    intake = Intake(core, delivery.resort)
    sight = open_sight(base, cameras, detectors, intake)
    share = await base.share([receiving(name) for name in channels])
    house = keep_house(base, delivery, share)
    eyes, told = sight.eyes, house.disk.words
    asked = (outlets.silent, outlets.dark)
    looking = Looking(core, delivery.facts, eyes.view, eyes.snap, told, *asked)
    casework = Casework(core, looking)
    parts = (core, casework, channels, base.access, base.desk, base.pictures, outlets.voices)
    ways = (base.wake, share, delivery.resort, outlets.ears, syllables)
    chat = ChatDesk(ChatParts(*parts, *ways))
    horns = open_horns(base, outlets, intake, share)
    doors = open_doors(
        base, outlets, delivery, sight, intake, casework, horns, house.health, links, keys, chat
    )
    base.stack.push_async_callback(base.supervisor.stop)
    base.supervisor.start("last resort", delivery.resort.run)
    base.supervisor.start("intake", intake.run)
    couriers = start_couriers(base, delivery, share)
    base.supervisor.start("chat desk", chat.run)
    await start_clocks(base, couriers)
    start_watches(base, delivery, outlets, sight, intake, horns, share, house.health)
    app = build(doors.http, doors.routes)
    port = await base.stack.enter_async_context(serve_at(app, door))
    start_receiving(base, channels, chat, share)
    outlets.begin()  # who receives nothing has messages to send all the same
    await sight.begin(base)
    if outlets.prepare is not None:
        base.supervisor.start("sentences", outlets.prepare)

    async def take_no_more() -> None:
        doors.http.gate.close()
        await stop_receiving(base, channels)

    base.stack.push_async_callback(take_no_more)
    return Service(
        config=config,
        core=core,
        casework=casework,
        intake=intake,
        access=base.access,
        http=doors.http,
        speaker_links=doors.speaker_links,
        vision=sight.vision,
        port=port,
        url=url_at(settings, port),
    )
