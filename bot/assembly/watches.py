"""What looks after the program itself: clocks, disk, devices, delivery, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from bot.assembly.delivery import Delivery
from bot.assembly.foundation import Foundation
from bot.assembly.outlets import Outlets
from bot.assembly.sight import Sight
from bot.casework import Intake, Timers
from bot.clockwork import Clockwork
from bot.courier import Courier
from bot.heartbeat import Heartbeat
from bot.housekeeping import DiskWatch, LettingGo, Rounds, Sweep
from bot.ports import DUTY, Channel, Share, part_of
from bot.watching.cameras import CameraFigures
from bot.watching.canary import Canary
from bot.watching.clocks import ClockWatch
from bot.watching.devices import Devices
from bot.watching.health import Health
from bot.watching.horns import HornFigures, Horns
from bot.watching.keeping import Keeping
from bot.watching.lights import LightFigures, Lights
from bot.watching.schedule import Schedule
from bot.watching.survey import Survey
from bot.witness import Witness
from handlers.chat import ChatDesk
from storage.erasing import SqlErasing
from storage.pruning import SqlPruning
from storage.stock import FileStock


@dataclass(frozen=True)
class House:
    """How the disk and the program are."""

    disk: DiskWatch
    health: Health


def keep_house(base: Foundation, delivery: Delivery, share: Share) -> House:
    """What lets go by rule: one process prunes, each looks after its own disk."""
    core, kept = base.core, base.config.retention
    stock, erasing = FileStock(base.settings.data_dir), SqlErasing(base.database)
    base.stack.callback(stock.close)
    letting = LettingGo(erasing, stock, core.clock)
    rounds = Rounds(kept, SqlPruning(base.database), letting, core.clock)
    sweep = Sweep(kept, erasing, stock, core.clock)
    disk = DiskWatch(core, stock, sweep, letting, share, retention=kept)
    start = base.supervisor.start
    start("rounds", lambda: share.while_mine(DUTY, rounds.run))
    start("sweep", sweep.run)
    start("disk watch", disk.run)
    keeping = Keeping(disk, delivery.resort, base.pictures, letting.erased, rounds.pruned)
    delivery.registry.register(keeping)
    return House(disk, Health(base.store, core.clock, delivery.monitor, keeping.checks))


def open_horns(base: Foundation, outlets: Outlets, intake: Intake, share: Share) -> Horns:
    """The watch over the speakers, which each process keeps for those that it speaks through."""

    def mine(speaker: str) -> bool:
        return part_of(speaker) in share.parts()

    return Horns(base.core, intake, outlets.silent, outlets.announcer.ended, mine)


async def start_clocks(base: Foundation, couriers: Sequence[Courier]) -> None:
    """Timers, and what notices that the clock itself jumped."""
    jumped = [courier.clock_jumped for courier in couriers]
    watch = ClockWatch(base.core, base.clock, jumped, alone=base.database.sqlite)
    await watch.begin()
    base.supervisor.start("clock watch", watch.run)
    work = Clockwork(base.core, Timers(base.core), base.wake)
    base.supervisor.start("clockwork", work.run)


def start_watches(
    base: Foundation,
    delivery: Delivery,
    outlets: Outlets,
    sight: Sight,
    intake: Intake,
    horns: Horns,
    share: Share,
    health: Health,
) -> None:
    """Whatever looks on a schedule."""
    core, start, monitor = base.core, base.supervisor.start, delivery.monitor
    start("monitor", monitor.run)
    if base.config.speakers:
        delivery.registry.register(HornFigures(horns.views))
        start("horns", horns.run)
    if lights := outlets.actuators:
        delivery.registry.register(LightFigures(lights))
        start("lights", Lights(lights, lambda light: part_of(light) in share.parts()).run)
    if base.config.announcements:
        start("announcements", lambda: share.while_mine(DUTY, Schedule(core).run))
    if sight.vision is not None:
        delivery.registry.register(CameraFigures(sight.vision.status))
        devices = Devices(base.config, intake, base.store, core.clock, sight.vision.status)
        start("devices", devices.run)
    witness = Witness(core, time.fromisoformat(base.settings.checkpoint_at))
    start("witness", lambda: share.while_mine(DUTY, witness.run))
    survey = Survey(core, sight.eyes.view, outlets.silent, base.arrival, outlets.dark)
    canary = Canary(core, intake, outlets.channels, outlets.alerts, survey)
    start("canary", lambda: share.while_mine(DUTY, canary.run))
    start("figures", lambda: delivery.figures.run(monitor))
    start("people", base.keep_learning)
    if base.settings.heartbeat_url is not None:
        heartbeat = Heartbeat(base.settings.heartbeat_url, base.settings.proxy, health.checks)
        start("heartbeat", heartbeat.run)


def start_receiving(
    base: Foundation, channels: Mapping[str, Channel], chat: ChatDesk, share: Share
) -> None:
    """Take in what people say; where only one process may, the one that holds the duty."""
    for name, channel in channels.items():
        _receive(base, name, channel, chat, share)


async def stop_receiving(base: Foundation, channels: Mapping[str, Channel]) -> None:
    """What was received is stored, the rest stays where it is."""
    await base.supervisor.stop(*(f"receiving {name}" for name in channels))


def _receive(base: Foundation, name: str, channel: Channel, chat: ChatDesk, share: Share) -> None:
    async def receive() -> None:
        await channel.receive(chat.take)

    async def receive_alone() -> None:
        await share.while_mine(receiving(name), receive)

    loop = receive_alone if channel.capabilities.one_receiver else receive
    base.supervisor.start(f"receiving {name}", loop)


def receiving(channel: str) -> str:
    """The duty of taking in what a platform has for us."""
    return f"receive:{channel}"
