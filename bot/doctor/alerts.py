"""The second paths of emergencies: whether they could be taken.  Nobody's phone rings for it."""

from __future__ import annotations

from functools import partial

from bot.doctor.finding import Finding, Probe
from bot.domain.error import BadInput, DeliveryError
from bot.domain.site import Alert, SiteConfig
from bot.settings import Settings


def probes(settings: Settings, config: SiteConfig) -> list[Probe]:
    """One for each path."""
    return [Probe("alert", one.id, partial(_alert, settings, one)) for one in config.alerts]


async def _alert(settings: Settings, configured: Alert) -> Finding:
    from bot.channels.alerts import open_alert

    try:
        path = await open_alert(configured, settings.proxy)
    except BadInput as error:
        reason = "; ".join(fault.message for fault in error.faults)
        return Finding("alert", configured.id, False, "alert.unusable", {"reason": reason})
    try:
        await path.probe()
    except DeliveryError as error:
        return Finding("alert", configured.id, False, "alert.away", {"reason": error})
    finally:
        await path.close()
    fine = "alert.reached" if configured.kind == "http" else "alert.understood"
    return Finding("alert", configured.id, True, fine)
