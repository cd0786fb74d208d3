"""Tells a monitor outside, once a minute, that all is well; silence is its alarm.

The address alone is what lets one call it, so it is a secret: no redirect carries it elsewhere and
no log shows it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from bot.domain.secret import Secret
from handlers.http.context import Check

if TYPE_CHECKING:
    from aiohttp import ClientSession

log = logging.getLogger(__name__)

EVERY_S = 60.0
_WITHIN_S = 10.0


class Heartbeat:
    """Calls `url` while every check of `healthy` passes; by an HTTP proxy where there is one."""

    def __init__(
        self,
        url: Secret,
        proxy: Secret | None,
        healthy: Callable[[], Awaitable[Sequence[Check]]],
        *,
        every: float = EVERY_S,
    ) -> None:
        self._url = url
        self._proxy = proxy.reveal() if proxy and proxy.reveal().startswith("http") else None
        self._healthy = healthy
        self._every = every
        self._fault = ""

    async def run(self) -> None:
        """Beat until cancelled."""
        from aiohttp import ClientSession, ClientTimeout

        async with ClientSession(timeout=ClientTimeout(total=_WITHIN_S)) as session:
            while True:
                self._tell(await self._beat(session))
                await asyncio.sleep(self._every)

    async def _beat(self, session: ClientSession) -> str:
        """What kept the monitor from hearing of us; empty: it heard."""
        from aiohttp import ClientError

        ill = [check.name for check in await self._healthy() if not check.ok]
        if ill:
            return f"not called while these fail: {', '.join(ill)}"
        try:
            async with session.get(
                self._url.reveal(), allow_redirects=False, proxy=self._proxy
            ) as response:
                return "" if response.ok and response.status < 300 else f"HTTP {response.status}"
        except (ClientError, TimeoutError, OSError) as error:
            return type(error).__name__  # its text may hold the address

    def _tell(self, fault: str) -> None:
        """Log a fault once, not once a minute, and its end."""
        if fault == self._fault:
            return
        if fault:
            log.warning("the monitor does not hear of us: %s", fault)
        else:
            log.info("the monitor hears of us again")
        self._fault = fault
