"""From rows to messages: what the couriers work with, and the couriers themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from bot.assembly.foundation import Foundation
from bot.assembly.outlets import Outlets
from bot.casework import Facts
from bot.courier import (
    ALERTS,
    HOOKS,
    LIGHTS,
    PICTURES,
    SPEAKERS,
    Afterglow,
    Courier,
    Desk,
    Uplink,
)
from bot.courier.courier import AT_ONCE
from bot.domain.site import Line
from bot.lastresort import LastResort
from bot.ports import Share
from bot.watching.figures import Figures
from bot.watching.monitor import Monitor
from storage.journal import JournalFile


@dataclass(frozen=True)
class Delivery:
    """What is known of delivering, and what to do where the database takes nothing."""

    desk: Desk
    facts: Facts
    uplink: Uplink
    monitor: Monitor
    figures: Figures
    registry: CollectorRegistry
    resort: LastResort


async def open_delivery(base: Foundation, outlets: Outlets) -> Delivery:
    """All but the couriers; raises `OSError` where the disk has no room for the journal."""
    core, registry = base.core, CollectorRegistry()
    monitor = Monitor(core, outlets.channels, outlets.announcer, outlets.actuators)
    figures = Figures(registry, base.store, core.clock)
    facts, uplink = Facts(core), Uplink(thin=base.config.uplink is Line.THIN)
    desk = Desk(
        core,
        facts,
        outlets.channels,
        outlets.announcer,
        base.pictures,
        outlets.alerts,
        figures.outcome,
        uplink=uplink,
        shrinker=base.desk,
        actuators=outlets.actuators,
    )
    journal = JournalFile(base.settings.data_dir)
    base.stack.push_async_callback(asyncio.to_thread, journal.close)
    resort = LastResort(desk, journal, base.pictures.holds)
    await resort.open()
    return Delivery(desk, facts, uplink, monitor, figures, registry, resort)


def start_couriers(base: Foundation, delivery: Delivery, share: Share) -> list[Courier]:
    """One for each kind of way out, so that a slow one holds up no other."""
    desk, wake = delivery.desk, base.wake
    # Sentences that wait for their speakers must leave room for an emergency on each.
    spoken_at_once = AT_ONCE * max(len(base.config.speakers), 1)
    couriers = {
        "courier": Courier(desk, wake, share=share),
        "courier of the speakers": Courier(
            desk, wake, kinds=SPEAKERS, share=share, at_once=lambda: spoken_at_once
        ),
        "courier of the pictures": Courier(
            desk, wake, kinds=PICTURES, share=share, at_once=delivery.uplink.pictures_at_once
        ),
        "courier of the lights": Courier(desk, wake, kinds=LIGHTS, share=share),
        "courier of the webhooks": Courier(desk, wake, kinds=HOOKS, share=share),
        # whoever is there first takes an alert: nobody waits until a lease has run out
        "courier of the alerts": Courier(desk, wake, kinds=ALERTS),
    }
    for name, courier in couriers.items():
        base.supervisor.start(name, courier.run)
    if desk.actuators:
        base.supervisor.start("afterglow", Afterglow(desk).run)
    return list(couriers.values())
