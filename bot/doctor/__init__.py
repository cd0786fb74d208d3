"""Probes of everything that the program works with; each leaves no trace and has a time limit.

finding.py   what a probe found, and how probes are run together
place.py     data folder, database, clock, HTTP port
keeping.py   pictures, and the journal of emergencies
chats.py     the bot, its groups, the people it writes to
webhooks.py  receivers of webhooks
alerts.py    second paths of emergencies
devices.py   voice, speakers, models, cameras
capacity.py  whether the machine can look at all cameras often enough
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.doctor import alerts, capacity, chats, devices, keeping, place
from bot.doctor.finding import Finding, Limits, run_all
from bot.domain.site import SiteConfig
from bot.settings import Settings

__all__ = ["Finding", "Limits", "examine"]


async def examine(
    settings: Settings, config: SiteConfig, limits: Limits | None = None
) -> Sequence[Finding]:
    """Run every probe at once; one finding each, in the order in which things depend on another."""
    probes = [
        *place.probes(settings, config),
        *keeping.probes(settings),
        *await chats.probes(settings, config),
        *alerts.probes(settings, config),
        *devices.probes(settings, config),
        *capacity.probes(settings, config),
    ]
    return await run_all(probes, limits or Limits())
