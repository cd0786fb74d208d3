"""An alert by the package apprise, which speaks to over a hundred services.

Who is told stands in its address.  It calls its services synchronously, tries each once, and says
no more than whether all of them took it; so each path has threads of its own, and a service that
hangs holds up nothing but itself.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bot.domain.error import BadInput, InputFault, Uncertain
from bot.domain.secret import Secret
from bot.ports import AlertMessage

_THREADS = 4
_WITHIN_S = 10.0


class AppriseAlert:
    """See `bot.ports.AlertPath`.  Blocking to make: apprise takes a second to import.

    Raises `BadInput` where apprise is not installed or does not understand the address.
    """

    def __init__(self, id: str, url: Secret) -> None:
        try:
            import apprise
        except ModuleNotFoundError:
            words = 'kind = "apprise" needs a package: pip install "loudhailer[apprise]"'
            raise BadInput([InputFault(f"alerts.{id}.kind", words)]) from None
        # outgoing calls with credentials follow no redirects
        asset = apprise.AppriseAsset(http_redirects=False)
        self._to = apprise.Apprise(asset=asset)
        self._kind, self._format = apprise.NotifyType.FAILURE, apprise.NotifyFormat.TEXT
        if not self._to.add(url.reveal()):
            words = "apprise does not understand this address"
            raise BadInput([InputFault(f"alerts.{id}.url", words)])
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"alert-{id}")

    async def send(self, message: AlertMessage) -> None:
        """Hand it over; for apprise a failure and half a success are the same."""
        notify = partial(
            self._to.notify,
            body=message.text,
            title=message.title,
            notify_type=self._kind,
            body_format=self._format,
            timeout=_WITHIN_S,
        )
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(self._threads, notify):
            raise Uncertain("apprise could not hand it over")

    async def probe(self) -> None:
        """Nothing can be looked at without sending."""

    async def close(self) -> None:
        """Let running calls end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
