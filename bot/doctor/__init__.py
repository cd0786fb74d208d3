"""Probes of everything that the program works with, each for a limited time.

None leaves a trace, but for the test of delivery: a silent message in the admins' chat.

finding.py   what a probe found, and how probes are run together
web.py       certificate, public address
backlog.py   what was not delivered
canary.py    a test of delivery
place.py     data folder, database, Redis, clock, HTTP port
keeping.py   pictures, and the journal of emergencies
chats.py     the bot, its groups, the people it writes to
webhooks.py  receivers of webhooks
alerts.py    second paths of emergencies
devices.py   voice, speakers, models, cameras
capacity.py  whether the machine can look at all cameras often enough
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor import (
    alerts,
    backlog,
    canary,
    capacity,
    chats,
    devices,
    keeping,
    place,
    web,
)
from bot.doctor.finding import Finding, Limits, run_all
from bot.domain.site import SiteConfig
from bot.settings import Settings

__all__ = ["Finding", "Limits", "examine"]


async def examine(
    settings: Settings, config: SiteConfig, limits: Limits | None = None, *, flies: bool = True
) -> Sequence[Finding]:
    """Run every probe at once; one finding each, in the order in which things depend on another.

    Without `flies` nothing is posted anywhere.
    """
    learned = await chats.learn(settings, config)
    probes = [
        *place.probes(settings, config),
        *web.probes(settings),
        *keeping.probes(settings),
        *backlog.probes(settings),
        *chats.probes(settings, config, learned),
        *alerts.probes(settings, config),
        *(canary.probes(settings, config, learned.people) if flies else []),
        *devices.probes(settings, config),
        *capacity.probes(settings, config),
    ]
    return await run_all(probes, limits or Limits())
