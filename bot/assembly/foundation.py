"""What every other part stands on: the database, the core, the pictures, who we are."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.casework import Core, People
from bot.clock import SteadyClock, this_boot
from bot.domain.response import response_table
from bot.domain.site import SiteConfig
from bot.ports import DUTY, Share, Wake, Whole
from bot.seeing import SafeDesk
from bot.settings import Settings
from bot.share import LeasedShare
from bot.supervisor import Supervisor
from bot.watching.arrival import Arrival, LogBook
from storage.access import SqlAccess
from storage.database import Database, open_database
from storage.keeping import KeptPictures
from storage.leases import SqlLeases
from storage.pictures import PictureFolder, RecordingFolder
from storage.server_clock import ServerClock
from storage.slots import process_name
from storage.store import SqlStore
from storage.wake import LocalWake

_RELOAD_S = 2.0
_RECORDINGS_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Foundation:
    """Open as long as its `stack` is; `name` tells this process from others on the database.

    `models` is the model store's folder.
    """

    settings: Settings
    config: SiteConfig
    models: Path
    stack: AsyncExitStack
    supervisor: Supervisor
    clock: SteadyClock
    wake: Wake
    name: str
    database: Database
    store: SqlStore
    core: Core
    arrival: Arrival
    pictures: KeptPictures
    recordings: KeptPictures
    desk: SafeDesk
    access: SqlAccess

    async def share(self, receiving: Collection[str]) -> Share:
        """What of the work is this process's: on SQLite all of it, for there is no other.

        `receiving` are the duties of taking in what the platforms have.
        """
        if self.database.sqlite:
            return Whole()
        leases = SqlLeases(self.database)
        share = LeasedShare(leases, self.name, [DUTY, *receiving], self.wake)
        return await self.stack.enter_async_context(share.kept())

    async def keep_learning(self) -> None:
        """What another process (the command line) teaches is known here within seconds."""
        while True:
            await self.access.remember_keys()
            await asyncio.sleep(_RELOAD_S)
            await self.core.recall()


async def lay_foundation(
    settings: Settings, config: SiteConfig, models: Path, stack: AsyncExitStack
) -> Foundation:
    """Open what everything needs; raises `OutdatedSchema` and `DatabaseUnusable`."""
    supervisor = Supervisor()
    url = settings.database.reveal()
    name = await stack.enter_async_context(process_name(url, settings.data_dir))
    database = await stack.enter_async_context(open_database(url))
    clock = SteadyClock() if database.sqlite else await _shared_clock(database, supervisor)
    wake = await _wakes(settings, stack)
    store = SqlStore(database, wake)
    uptime = await asyncio.to_thread(this_boot)
    core = Core(store, People(config), response_table(config), clock, uptime=uptime)
    await core.recall()
    if database.sqlite:  # nobody else can have it open: whoever held rows is no more
        await store.take_over(clock())
    book = LogBook(settings.data_dir, name)
    arrival = await book.arrive(store, clock)
    await stack.enter_async_context(book.kept())
    pictures = KeptPictures(PictureFolder(settings.data_dir / "pictures"))
    folder = RecordingFolder(settings.data_dir / "recordings")
    recordings = KeptPictures(folder, _RECORDINGS_BYTES, "recordings")
    for kept in (pictures, recordings):
        stack.callback(kept.close)
        supervisor.start(kept.what, kept.run)
    return Foundation(
        settings=settings,
        config=config,
        models=models,
        stack=stack,
        supervisor=supervisor,
        clock=clock,
        wake=wake,
        name=name,
        database=database,
        store=store,
        core=core,
        arrival=arrival,
        pictures=pictures,
        recordings=recordings,
        desk=await _picture_desk(stack),
        access=SqlAccess(database),
    )


async def _shared_clock(database: Database, supervisor: Supervisor) -> SteadyClock:
    """One time for all processes, whatever the clocks of their machines say."""
    server = ServerClock(database)
    await server.look()
    supervisor.start("database's clock", server.run)
    return SteadyClock(server)


async def _wakes(settings: Settings, stack: AsyncExitStack) -> Wake:
    """Wake-ups: within this process, or through Redis where one is set."""
    if settings.redis_url is None:
        return LocalWake()
    from storage.redis_wake import open_redis_wake

    return await stack.enter_async_context(open_redis_wake(settings.redis_url))


async def _picture_desk(stack: AsyncExitStack) -> SafeDesk:
    from vision.pictures import PictureDesk

    desk = PictureDesk()
    await desk.start()
    stack.push_async_callback(desk.close)
    return SafeDesk(desk)
