"""Second paths of emergencies, one kind a file.

http.py     posts JSON to a gateway
apprise.py  whatever the package apprise knows how to reach
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.channels.alerts.http import HttpAlert
from bot.domain.people import Alert
from bot.domain.secret import Secret
from bot.ports import AlertPath

__all__ = ["open_alert", "open_alerts"]


async def open_alerts(alerts: Sequence[Alert], proxy: Secret | None) -> dict[str, AlertPath]:
    """Every configured path by its id; nothing is called yet.

    Raises `bot.domain.error.BadInput` where a package is missing or an address is not understood.
    """
    return {alert.id: await open_alert(alert, proxy) for alert in alerts}


async def open_alert(alert: Alert, proxy: Secret | None) -> AlertPath:
    """One of them."""
    if alert.kind == "http":
        return HttpAlert(alert.url, proxy)
    from bot.channels.alerts.apprise import AppriseAlert

    # importing apprise and its plugins takes a second, which must not stop the event loop
    return await asyncio.to_thread(AppriseAlert, alert.id, alert.url)
