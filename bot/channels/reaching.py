"""Whether an address could be posted to: a connection, TLS included, and not a byte more."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from urllib.parse import urlsplit

from bot.channels.proxy import is_near
from bot.domain.error import RetryLater
from bot.domain.secret import Secret

_WITHIN_S = 5.0
_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080}


async def reach(url: Secret, proxy: Secret | None = None) -> None:
    """Connect to the address, or to the proxy in front of it; raises `RetryLater`."""
    by_proxy = proxy is not None and not is_near(url.reveal())
    split = urlsplit(proxy.reveal() if by_proxy and proxy else url.reveal())
    port = split.port or _PORTS.get(split.scheme, 443)
    try:
        async with asyncio.timeout(_WITHIN_S):
            secured = None
            if split.scheme == "https":
                # reading the certificates takes a moment of the disk
                secured = await asyncio.to_thread(ssl.create_default_context)
            _, writer = await asyncio.open_connection(split.hostname, port, ssl=secured)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    except (OSError, TimeoutError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise RetryLater(f"{split.hostname}:{port}: {reason}") from None
