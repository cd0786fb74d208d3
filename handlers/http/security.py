"""What every response says to browsers, and from where a browser may act."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from handlers.http.context import Context, context_of
from handlers.http.problem import Problem

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would then post our own forms with the Origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_HEALTH = frozenset({"/livez", "/readyz"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Sent with everything, whoever answers; a handler's own header of that name wins."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if is_secure(request):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers[hdrs.SERVER] = "loudhailer"


def is_secure(request: web.Request) -> bool:
    """Whether people reach this by https: served by us, or by a proxy at the public URL."""
    return request.secure or context_of(request).public_url.startswith("https://")


def has_bearer(request: web.Request) -> bool:
    """Whether the request carries a key: a page of another site cannot make a browser add one."""
    return request.headers.get(hdrs.AUTHORIZATION, "").lower().startswith("bearer ")


def require_known_host(request: web.Request) -> None:
    """Raise 421 for a foreign host name: a page whose name was re-bound to our address.

    Addresses cannot be re-bound, and machines with a key or a health probe may call us any name.
    """
    if request.path in _HEALTH or has_bearer(request):
        return
    host = _host_of(request.host)
    if host is None or not (_is_address(host) or host in known_hosts(context_of(request))):
        raise Problem(421, "wrong_host")


def known_hosts(context: Context) -> frozenset[str]:
    """The host names that are ours, in lower case."""
    public = urlsplit(context.public_url).hostname
    own = {host.lower() for host in context.hosts}
    return _LOOPBACK | own | ({public} if public else set())


def require_own_page(request: web.Request, *, strict: bool) -> None:
    """Raise 403 unless the request was made by a page of ours, as its Origin says.

    `strict` refuses one without Origin as well; otherwise that is taken as "not a browser".
    """
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        if strict:
            raise Problem(403, "foreign_page")
        return
    if origin == "null" or not _same_origin(origin, request):
        raise Problem(403, "foreign_page")


def is_safe(request: web.Request) -> bool:
    """Whether the request only looks; opening a websocket does more than that."""
    upgrade = request.headers.get(hdrs.UPGRADE, "").lower()
    return request.method in _SAFE and upgrade != "websocket"


def _same_origin(origin: str, request: web.Request) -> bool:
    split = urlsplit(origin)
    public = urlsplit(context_of(request).public_url)
    ours = {request.host.lower()} | ({public.netloc.lower()} if public.netloc else set())
    return split.scheme in ("http", "https") and split.netloc.lower() in ours


def _host_of(header: str) -> str | None:
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
