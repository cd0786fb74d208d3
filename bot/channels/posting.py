"""Posting to an address of somebody else's choice, as webhooks and alerts do.

No redirects (what is posted, and its signature, would go to strangers), certificates are verified,
little of an answer is read, and no error shows the address: knowing it is often enough to use it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from aiohttp import (
    BaseConnector,
    ClientConnectorError,
    ClientError,
    ClientHttpProxyError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    TCPConnector,
    hdrs,
)

from bot.channels.proxy import is_near, is_socks, require_usable_proxy
from bot.domain.error import CopyGone, DeliveryError, Rejected, RetryLater, Uncertain
from bot.domain.secret import Secret
from bot.redact import redact

WITHIN_S = 5.0
CONNECT_S = 3.0
LONGEST_WAIT_S = 3600.0

_ANSWER_BYTES = 64 * 1024
_ANSWER_S = 1.0
_SHOWN_BYTES = 300
_NOT_REACHED = (ClientConnectorError, ConnectionTimeoutError, ClientHttpProxyError, InvalidURL)
"""Nothing was sent yet when these are raised."""
_TOO_EARLY = frozenset({408, 425, 429})
"""Refusals of the moment, not of what was sent."""


class Postman:
    """Posts bodies; a connection is kept between two posts.  Times in seconds.

    Raises `BadInput` for a proxy that cannot be used.
    """

    def __init__(
        self, proxy: Secret | None = None, *, within: float = WITHIN_S, connect: float = CONNECT_S
    ) -> None:
        require_usable_proxy(proxy)
        self._proxy = proxy
        self._timeout = ClientTimeout(total=within, sock_connect=connect)
        self._sessions: dict[bool, ClientSession] = {}

    async def post(self, url: Secret, body: bytes, headers: Mapping[str, str]) -> None:
        """Returns once it was accepted (any 2xx).

        Raises `CopyGone` for 410, `RetryLater`, `Uncertain` (may have arrived) or `Rejected`.
        """
        try:
            async with self._session(url).post(
                url.reveal(),
                data=body,
                headers=headers,
                allow_redirects=False,
                proxy=self._http_proxy(url),
            ) as response:
                if 200 <= response.status < 300:
                    await _leave(response)
                    return
                words = await _beginning(response)
        except (ClientError, TimeoutError, OSError) as error:
            raise _transport_fault(error) from None
        raise _refusal(response.status, response.headers, words)

    async def close(self) -> None:
        """Let go of connections, which the event loop finishes doing in its next turns."""
        for session in self._sessions.values():
            await session.close()
        if self._sessions:
            await asyncio.sleep(0)

    def _session(self, url: Secret) -> ClientSession:
        """One for what goes through a SOCKS proxy, one for everything else."""
        socks = is_socks(self._proxy) and not is_near(url.reveal())
        if socks not in self._sessions:
            self._sessions[socks] = ClientSession(
                connector=self._connector(socks),
                timeout=self._timeout,
                auto_decompress=False,  # nobody knows what it would grow to
            )
        return self._sessions[socks]

    def _connector(self, socks: bool) -> BaseConnector:
        if not socks or self._proxy is None:
            return TCPConnector()
        return importlib.import_module("aiohttp_socks").ProxyConnector.from_url(
            self._proxy.reveal()
        )

    def _http_proxy(self, url: Secret) -> str | None:
        if self._proxy is None or is_socks(self._proxy) or is_near(url.reveal()):
            return None
        return self._proxy.reveal()


async def _leave(response: ClientResponse) -> None:
    """Read an answer that says no more to its end, for the connection's next use; not for long."""
    with contextlib.suppress(ClientError, TimeoutError, OSError, EOFError):
        async with asyncio.timeout(_ANSWER_S):
            await response.content.readexactly(_ANSWER_BYTES)
    if not response.content.at_eof():
        response.close()


async def _beginning(response: ClientResponse) -> str:
    """The first words of a refusal, on one line and without secrets."""
    found = b""
    with contextlib.suppress(ClientError, TimeoutError, OSError):
        async with asyncio.timeout(_ANSWER_S):
            found = await response.content.read(_SHOWN_BYTES)
    response.close()
    return redact(" ".join(found.decode("utf-8", "replace").split()))


def _transport_fault(error: BaseException) -> DeliveryError:
    """Surely not sent, or nobody knows; told by its type, for its text may hold the address."""
    kind = type(error).__name__
    if isinstance(error, _NOT_REACHED):
        return RetryLater(f"cannot be reached ({kind})")
    return Uncertain(f"no answer came ({kind})")


def _refusal(status: int, headers: Mapping[str, str], words: str) -> DeliveryError:
    told = f"HTTP {status}: {words}" if words else f"HTTP {status}"
    if status in _TOO_EARLY or (status == 503 and hdrs.RETRY_AFTER in headers):
        return RetryLater(told, _retry_after(headers))
    if status == 410:
        return CopyGone(told)
    if status >= 500:
        return Uncertain(told)
    if 300 <= status < 400:
        return Rejected(f"HTTP {status}: redirects are not followed")
    return Rejected(told)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, also from a date, by the clock of whoever answered; at most an hour."""
    value = headers.get(hdrs.RETRY_AFTER, "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(value)
        there = parsedate_to_datetime(headers.get(hdrs.DATE, ""))
        return min(max((until - there).total_seconds(), 0.0), LONGEST_WAIT_S)
    except (ValueError, TypeError):  # no date, or one with and one without a zone
        return None
