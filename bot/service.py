"""The composition root: the only place where everything meets.

`open_service` builds the program out of its parts, starts it, and on leaving stops it in three
stages: take nothing more in, let what is under way end, then cut the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from bot.casework import Casework, Core, Facts, Intake, Looking, People, Timers
from bot.casework.people import MUTE
from bot.channels.alerts import open_alerts
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import (
    SECRET_HEADER,
    SEND_S,
    SEND_THIN_S,
    TelegramOptions,
    telegram_soon,
)
from bot.channels.webhook import WebhookChannel
from bot.clock import SteadyClock
from bot.clockwork import Clockwork
from bot.courier import ALERTS, HOOKS, PICTURES, SPEAKERS, Courier, Desk, Uplink
from bot.domain.response import response_table
from bot.domain.site import Line, SiteConfig
from bot.eyes import CameraEyes
from bot.heartbeat import Heartbeat
from bot.housekeeping import DiskWatch, LettingGo, Rounds, Sweep
from bot.keys import house_keys
from bot.lastresort import LastResort
from bot.ports import (
    DUTY,
    AlertPath,
    Channel,
    Share,
    Wake,
    Whole,
)
from bot.ports_console import SpeakerHub
from bot.seeing import SafeDesk, VisionReports, camera_spec, live_keys
from bot.settings import Settings
from bot.share import LeasedShare
from bot.speaking import NoAnnouncer, VoiceAnnouncer, speaker_specs
from bot.supervisor import Supervisor
from bot.watching.arrival import Arrival, LogBook
from bot.watching.cameras import CameraFigures
from bot.watching.canary import Canary
from bot.watching.clocks import ClockWatch
from bot.watching.devices import Devices
from bot.watching.figures import Figures as DeliveryFigures
from bot.watching.health import Health
from bot.watching.keeping import Keeping
from bot.watching.monitor import Monitor
from bot.watching.paths import WatchedAnnouncer, watched_channel
from bot.watching.survey import Survey
from bot.witness import Witness
from handlers.chat import ChatDesk, ChatParts
from handlers.console.context import ConsoleContext
from handlers.console.routes import console_routes
from handlers.console.speakerlinks import SpeakerLinks
from handlers.http.context import Context, Figures, Gate
from handlers.http.pictures import PictureLinks
from handlers.http.server import SetUp, Tls, build, open_door, serve_at
from handlers.http.sessions import login_url
from handlers.http.updates import UpdateDoor
from storage.access import SqlAccess
from storage.clips import ClipFolder
from storage.console import SqlConsoleLog
from storage.database import Database, open_database
from storage.erasing import SqlErasing
from storage.figures import SqlFigures
from storage.journal import JournalFile
from storage.keeping import KeptPictures
from storage.leases import SqlLeases
from storage.pictures import PictureFolder
from storage.pruning import SqlPruning
from storage.slots import process_name
from storage.stock import FileStock
from storage.store import SqlStore
from storage.wake import LocalWake

if TYPE_CHECKING:
    from vision.detector import Detector
    from vision.watch import Vision

log = logging.getLogger(__name__)

VERSION = "0.1.0"
_RELOAD_S = 2.0


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
    async with AsyncExitStack() as stack:
        builder = _Builder(settings, config, stack, role, models or settings.models_dir)
        yield await builder.build()


class _Builder:
    """Puts the parts together in the order in which they need each other."""

    def __init__(
        self, settings: Settings, config: SiteConfig, stack: AsyncExitStack, role: str, models: Path
    ) -> None:
        self._settings = settings
        self._config = config
        self._stack = stack
        self._role = role
        self._models = models
        self._wake: Wake = LocalWake()
        self._clock = SteadyClock()
        self._supervisor = Supervisor()
        self._loading: list[Callable[[], None]] = []
        self._routes: list[SetUp] = []

    async def build(self) -> Service:
        settings, config, stack = self._settings, self._config, self._stack
        door = await asyncio.to_thread(open_door, settings.http_host, settings.http_port, self._tls)
        stack.callback(door.close)
        await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
        detectors = await asyncio.to_thread(self._detectors)
        url = settings.database.reveal()
        name = await stack.enter_async_context(process_name(url, settings.data_dir))
        database = await stack.enter_async_context(open_database(url))
        self._wake = await self._wakes()
        store = SqlStore(database, self._wake)
        core = await self._core(store)
        arrival = await self._arrive(name, store)
        pictures = KeptPictures(PictureFolder(settings.data_dir / "pictures"))
        stack.callback(pictures.close)
        self._supervisor.start("pictures", pictures.run)
        desk = await self._picture_desk()
        announcer, hubs = await self._announcer()
        console_log = SqlConsoleLog(database)
        console = ConsoleChannel(console_log, pictures, desk, core.clock)
        keys = await asyncio.to_thread(house_keys, settings.data_dir)
        links = PictureLinks(keys.pictures, self._url(door.sockets[0].getsockname()[1]))
        opened = await self._channels(console)
        opened |= self._webhooks(core, links)
        channels = {name: watched_channel(one, core.clock) for name, one in opened.items()}
        watched = WatchedAnnouncer(announcer, core.clock)
        monitor, registry = Monitor(core, channels, watched), CollectorRegistry()
        figures = DeliveryFigures(registry, store, core.clock)
        facts = Facts(core)
        uplink = Uplink(thin=config.uplink is Line.THIN)
        delivery = Desk(
            core,
            facts,
            channels,
            watched,
            pictures,
            await self._alerts(),
            figures.outcome,
            uplink=uplink,
            shrinker=desk,
        )
        resort = await self._last_resort(delivery, pictures)
        intake = Intake(core, resort)
        reports = VisionReports(config, core.responses, intake, pictures, core.clock)
        stack.push_async_callback(reports.close)
        vision = self._vision(detectors, reports, core)
        eyes = CameraEyes(vision, pictures)
        if vision is not None:
            registry.register(CameraFigures(vision.status))
        access = SqlAccess(database)
        share = await self._share(name, database, channels)
        disk, letting, rounds = self._housekeeping(core, database, share)
        casework = Casework(
            core, Looking(core, facts, eyes.view, eyes.snap, disk.words, announcer.silent)
        )
        chat = ChatDesk(
            ChatParts(core, casework, channels, access, desk, pictures, self._wake, share, resort)
        )
        keeping = Keeping(disk, resort, pictures, letting.erased, rounds.pruned)
        registry.register(keeping)
        health = Health(store, core.clock, monitor, keeping.checks)
        http = Context(
            config=config,
            store=store,
            intake=intake,
            casework=casework,
            desk=desk,
            pictures=pictures,
            links=links,
            access=access,
            figures=cast(Figures, SqlFigures(database)),
            eyes=eyes,
            clock=core.clock,
            member=core.people.active,
            push=eyes.push if vision is not None else None,
            clips=ClipFolder(settings.data_dir / "clips"),
            ready=health.checks,
            registry=registry,
            public_url=settings.public_url,
            hosts=(settings.http_host, urlsplit(settings.telegram_webhook_url).hostname or ""),
        )
        speaker_links = SpeakerLinks(keys.speakers)
        page = ConsoleContext(
            config=config,
            desk=console,
            log=console_log,
            pictures=pictures,
            cases=store,
            facts=facts,
            cameras=eyes,
            clock=core.clock,
            speakers=hubs,
            speaker_links=speaker_links,
        )
        stack.push_async_callback(self._supervisor.stop)
        courier = Courier(delivery, self._wake, share=share)
        crier = Courier(delivery, self._wake, kinds=SPEAKERS, share=share)
        painter = Courier(
            delivery, self._wake, kinds=PICTURES, share=share, at_once=uplink.pictures_at_once
        )
        self._supervisor.start("last resort", resort.run)
        self._supervisor.start("intake", intake.run)
        self._supervisor.start("courier", courier.run)
        self._supervisor.start("courier of the speakers", crier.run)
        self._supervisor.start("courier of the pictures", painter.run)
        poster = Courier(delivery, self._wake, kinds=HOOKS, share=share)
        self._supervisor.start("courier of the webhooks", poster.run)
        # whoever is there first takes an alert: nobody waits until a lease has run out
        alerter = Courier(delivery, self._wake, kinds=ALERTS)
        self._supervisor.start("courier of the alerts", alerter.run)
        self._supervisor.start("chat desk", chat.run)
        clocks = ClockWatch(
            core,
            self._clock,
            [one.clock_jumped for one in (courier, crier, poster, alerter)],
            alone=database.sqlite,
        )
        await clocks.begin()
        self._supervisor.start("clock watch", clocks.run)
        self._supervisor.start("clockwork", Clockwork(core, Timers(core), self._wake).run)
        self._supervisor.start("monitor", monitor.run)
        if vision is not None:
            devices = Devices(config, intake, store, core.clock, vision.status)
            self._supervisor.start("devices", devices.run)
        witness = Witness(core, time.fromisoformat(settings.checkpoint_at))
        self._supervisor.start("witness", lambda: share.while_mine(DUTY, witness.run))
        survey = Survey(core, eyes.view, announcer.silent, arrival)
        canary = Canary(core, intake, channels, delivery.alerts, survey)
        self._supervisor.start("canary", lambda: share.while_mine(DUTY, canary.run))
        self._supervisor.start("figures", lambda: figures.run(monitor))
        self._supervisor.start("people", lambda: _keep_learning(core, access))
        if settings.heartbeat_url is not None:
            heartbeat = Heartbeat(settings.heartbeat_url, settings.proxy, health.checks)
            self._supervisor.start("heartbeat", heartbeat.run)
        app = build(http, [console_routes(page), *self._routes])
        port = await stack.enter_async_context(serve_at(app, door))
        for name, channel in channels.items():
            self._receive(name, channel, chat, share)
        for begin in self._loading:  # who receives nothing has messages to send all the same
            begin()
        await self._start_vision(vision, store)
        stack.push_async_callback(self._take_no_more, http.gate, channels)
        return Service(
            config=config,
            core=core,
            casework=casework,
            intake=intake,
            access=access,
            http=http,
            speaker_links=speaker_links,
            vision=vision,
            port=port,
            url=self._url(port),
        )

    @property
    def _tls(self) -> Tls | None:
        certificate, key = self._settings.tls_cert, self._settings.tls_key
        return Tls(certificate, key) if certificate and key else None

    def _url(self, port: int) -> str:
        if self._settings.public_url:
            return self._settings.public_url
        host = self._settings.http_host
        shown = "localhost" if host in ("0.0.0.0", "::", "127.0.0.1") else host  # noqa: S104 - compared, not bound
        return f"{'https' if self._tls else 'http'}://{shown}:{port}"

    async def _wakes(self) -> Wake:
        """Wake-ups: within this process, or through Redis where one is set."""
        if self._settings.redis_url is None:
            return LocalWake()
        from storage.redis_wake import open_redis_wake

        return await self._stack.enter_async_context(open_redis_wake(self._settings.redis_url))

    async def _core(self, store: SqlStore) -> Core:
        people = People(self._config)
        core = Core(store, people, response_table(self._config), self._clock)
        await learn(core)
        return core

    async def _arrive(self, name: str, store: SqlStore) -> Arrival:
        book = LogBook(self._settings.data_dir, name)
        arrival = await book.arrive(store, self._clock)
        await self._stack.enter_async_context(book.kept())
        return arrival

    async def _picture_desk(self) -> SafeDesk:
        from vision.pictures import PictureDesk

        desk = PictureDesk()
        await desk.start()
        self._stack.push_async_callback(desk.close)
        return SafeDesk(desk)

    async def _announcer(
        self,
    ) -> tuple[VoiceAnnouncer | NoAnnouncer, Mapping[str, SpeakerHub]]:
        if not self._config.speakers:
            return NoAnnouncer(), {}
        from voice.announcer import open_announcer
        from voice.speakers.browser import BrowserSpeaker

        opened = open_announcer(
            speaker_specs(self._config),
            data_dir=self._settings.data_dir,
            clock=lambda: self._clock() / 1000,
        )
        announcer = await self._stack.enter_async_context(opened)
        hubs = {
            id: cast(SpeakerHub, speaker)
            for id, speaker in announcer.speakers.items()
            if isinstance(speaker, BrowserSpeaker)
        }
        return VoiceAnnouncer(announcer, self._config.speakers), hubs

    async def _channels(self, console: ConsoleChannel) -> dict[str, Channel]:
        channels: dict[str, Channel] = {"console": console}
        self._stack.push_async_callback(console.close)
        if self._settings.telegram_token is not None:
            thin = self._config.uplink is Line.THIN
            options = TelegramOptions(
                token=self._settings.telegram_token,
                api=self._settings.telegram_api,
                proxy=self._settings.proxy,
                webhook_url=self._settings.telegram_webhook_url,
                send_timeout=SEND_THIN_S if thin else SEND_S,
                compact=thin,
            )
            channels["telegram"] = telegram = await telegram_soon(options)
            self._stack.push_async_callback(telegram.close)
            self._loading.append(telegram.begin)
            if options.webhook_url:
                secret = options.hook_secret
                door = UpdateDoor(options.hook_path, SECRET_HEADER, secret, telegram.push)
                self._routes.append(door.set_up)
        return channels

    def _webhooks(self, core: Core, links: PictureLinks) -> dict[str, Channel]:
        chats = [chat for chat in self._config.every_chat if chat.channel == "webhook"]
        if not chats:
            return {}

        def link(sha256: str) -> str:
            return links.url(sha256, core.clock())

        channel = WebhookChannel(chats, core.clock, link, self._settings.proxy)
        self._stack.push_async_callback(channel.close)
        return {"webhook": channel}

    async def _alerts(self) -> Mapping[str, AlertPath]:
        paths = await open_alerts(self._config.alerts, self._settings.proxy)
        for path in paths.values():
            self._stack.push_async_callback(path.close)
        return paths

    async def _last_resort(self, desk: Desk, pictures: KeptPictures) -> LastResort:
        journal = JournalFile(self._settings.data_dir)
        self._stack.push_async_callback(asyncio.to_thread, journal.close)
        resort = LastResort(desk, journal, pictures.holds)
        await resort.open()
        return resort

    def _housekeeping(
        self, core: Core, database: Database, share: Share
    ) -> tuple[DiskWatch, LettingGo, Rounds]:
        """What lets go by rule: one process prunes, each looks after its own disk."""
        stock, erasing = FileStock(self._settings.data_dir), SqlErasing(database)
        self._stack.callback(stock.close)
        kept = self._config.retention
        letting = LettingGo(erasing, stock, core.clock)
        rounds = Rounds(kept, SqlPruning(database), letting, core.clock)
        sweep = Sweep(kept, erasing, stock, core.clock)
        disk = DiskWatch(core, stock, sweep, letting, share, retention=kept)
        self._supervisor.start("rounds", lambda: share.while_mine(DUTY, rounds.run))
        self._supervisor.start("sweep", sweep.run)
        self._supervisor.start("disk watch", disk.run)
        return disk, letting, rounds

    async def _share(self, name: str, database: Database, channels: Mapping[str, Channel]) -> Share:
        """What of the work is this process's: on SQLite all of it, for there is no other."""
        if database.sqlite:
            return Whole()
        duties = [DUTY, *(_receiving(channel) for channel in channels)]
        share = LeasedShare(SqlLeases(database), name, duties, self._wake)
        return await self._stack.enter_async_context(share.kept())

    def _receive(self, name: str, channel: Channel, chat: ChatDesk, share: Share) -> None:
        async def receive() -> None:
            await channel.receive(chat.take)

        async def receive_alone() -> None:
            await share.while_mine(_receiving(name), receive)

        loop = receive_alone if channel.capabilities.one_receiver else receive
        self._supervisor.start(f"receiving {name}", loop)

    async def _take_no_more(self, gate: Gate, channels: Mapping[str, Channel]) -> None:
        """The first stage of a stop; what was received is stored, the rest stays where it is."""
        gate.close()
        await self._supervisor.stop(*(f"receiving {name}" for name in channels))

    def _detectors(self) -> Mapping[str, Detector]:
        """Every model that a camera asks for; raises `ModelStoreError` where one is not here."""
        wanted = {model for camera in self._watched() for model in camera.models}
        if not wanted:
            return {}
        from storage.models import ModelStore
        from vision.detector import OnnxDetector

        models = ModelStore(self._models)
        return {name: OnnxDetector(models.path(name), models.classes(name)) for name in wanted}

    def _watched(self) -> Sequence[Any]:
        return self._config.cameras if self._role in ("all", "vision") else ()

    def _vision(
        self, detectors: Mapping[str, Detector], reports: VisionReports, core: Core
    ) -> Vision | None:
        cameras = self._watched()
        if not cameras:
            return None
        from vision.watch import Vision

        specs = [camera_spec(camera, self._config, core.responses) for camera in cameras]
        return Vision(specs, detectors, reports.on_violation)

    async def _start_vision(self, vision: Vision | None, store: SqlStore) -> None:
        if vision is None:
            return
        await vision.start(await live_keys(store, self._config.cameras))
        self._stack.push_async_callback(vision.stop)


def _receiving(channel: str) -> str:
    """The duty of taking in what a platform has for us."""
    return f"receive:{channel}"


async def learn(core: Core) -> None:
    """Read what was learned: accounts, languages, moved chats, mutes, deactivated members."""
    await core.people.load(core.store)
    muted = await core.store.all_learned(MUTE)
    core.mutes.clear()
    core.mutes.update({place: value["until"] for place, value in muted.items()})


async def _keep_learning(core: Core, access: SqlAccess) -> None:
    """What another process (the command line) teaches is known here within seconds."""
    while True:
        await access.remember_keys()
        await asyncio.sleep(_RELOAD_S)
        await learn(core)
