"""The proxy of outgoing calls: whether it can be used, and for which addresses it is meant."""

from __future__ import annotations

import importlib.util
import ipaddress
from urllib.parse import urlsplit

from bot.domain.error import BadInput, InputFault
from bot.domain.secret import Secret


def require_usable_proxy(proxy: Secret | None) -> None:
    """Raise `BadInput` for a proxy that needs a package which is not installed."""
    if is_socks(proxy) and importlib.util.find_spec("aiohttp_socks") is None:
        words = "a SOCKS proxy needs the package aiohttp-socks: install it"
        raise BadInput([InputFault("LOUDHAILER_PROXY", words)])


def is_socks(proxy: Secret | None) -> bool:
    """Whether it speaks SOCKS, not HTTP."""
    return proxy is not None and proxy.reveal().startswith("socks")


def is_near(url: str) -> bool:
    """Whether an address lies in the house's own network: a proxy is the way out of it."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
