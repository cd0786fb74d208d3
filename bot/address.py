"""The address under which people reach this program: in links on the terminal and in chats."""

from __future__ import annotations

import ipaddress

from bot.settings import Settings

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  compared, not bound


def url_at(settings: Settings, port: int) -> str:
    """What people open: the address they were given, else this machine's."""
    if settings.public_url:
        return settings.public_url
    scheme = "https" if settings.tls_cert and settings.tls_key else "http"
    return f"{scheme}://{_shown(settings.http_host)}:{port}"


def only_here(settings: Settings) -> bool:
    """Whether no other machine can reach it: it listens to itself, and no proxy is told of."""
    return not settings.public_url and _is_loopback(settings.http_host)


def _shown(host: str) -> str:
    if host in _EVERYWHERE or host == "127.0.0.1":
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
