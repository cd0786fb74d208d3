"""The application and the server around it.

The address is taken (`open_door`) before the program starts anything, so that one that is in use
stops it in time; requests are answered (`serve_at`) once everything else runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.domain.error import BadInput, InputFault
from handlers.http import api, pictures, sessions
from handlers.http.auth import FAILURES
from handlers.http.context import CONTEXT, Context
from handlers.http.errors import error_middleware, stopping_middleware
from handlers.http.health import Readiness, live, show_metrics
from handlers.http.limits import SlidingCounter
from handlers.http.measure import measuring
from handlers.http.security import add_headers

SetUp = Callable[[web.Application], None]
"""Adds routes, and whatever belongs to them, to the application."""

_LINGER = 2.0
_DRAIN = 5.0


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate chain and private key, PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Door:
    """The addresses that are taken, not listening yet, and what they speak."""

    sockets: Sequence[socket.socket]
    secured: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        """The port, also where any free one was asked for."""
        return int(self.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Give the addresses back."""
        for one in self.sockets:
            one.close()


def open_door(host: str, port: int, tls: Tls | None = None) -> Door:
    """Take host and port.  Blocking; raises `BadInput` naming the setting at fault."""
    secured = _tls_context(tls) if tls else None
    return Door(_bound(host, port), secured)


def build(context: Context, extra_routes: Sequence[SetUp] = ()) -> web.Application:
    """The application: API, pictures, sign-in, health, and what `extra_routes` add to it."""
    middlewares = [
        measuring(context.registry),
        error_middleware,
        stopping_middleware,
        sessions.session_middleware,
    ]
    app = web.Application(middlewares=middlewares)
    app[CONTEXT] = context
    app[FAILURES] = SlidingCounter(context.limits.failures_per_minute, 60_000)
    app.on_response_prepare.append(add_headers)
    app.router.add_get("/livez", live)
    app.router.add_get("/readyz", Readiness().show)
    app.router.add_get("/metrics", show_metrics)
    app.router.add_get("/pictures/{sha}", pictures.show_picture)
    app.router.add_get("/clips/{sha}", pictures.show_clip)
    sessions.set_up(app)
    api.set_up(app)
    for set_up in extra_routes:
        set_up(app)
    return app


def _strangers() -> logging.Logger:
    """aiohttp's own log, in which what is no HTTP at all is a line and no traceback."""
    log = logging.getLogger("aiohttp.server")
    if _one_line not in log.filters:
        log.addFilter(_one_line)
    return log


def _one_line(record: logging.LogRecord) -> bool:
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, HttpProcessingError):
        record.msg, record.args = "%s sent what is no HTTP: %s", (*_who(record), _kind(fault))
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


def _who(record: logging.LogRecord) -> tuple[object, ...]:
    return record.args[:1] if isinstance(record.args, tuple) and record.args else ("somebody",)


def _kind(fault: HttpProcessingError) -> str:
    return type(fault).__name__


@asynccontextmanager
async def serve(
    app: web.Application, host: str, port: int, tls: Tls | None = None
) -> AsyncIterator[int]:
    """Open the door and serve at it; see there."""
    door = await asyncio.to_thread(open_door, host, port, tls)
    with contextlib.closing(door):
        async with serve_at(app, door) as bound:
            yield bound


@asynccontextmanager
async def serve_at(app: web.Application, door: Door) -> AsyncIterator[int]:
    """Serve until left; gives the bound port (useful with port 0).

    Leaving stops taking connections, lets requests in progress end within a few seconds, then
    cuts the rest.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_strangers(),
        # Compressed bodies are refused, so nothing is to be unpacked before that.
        auto_decompress=False,
        # Also ends new connections that never come to the end of their headers.
        keepalive_timeout=app[CONTEXT].limits.headers,
        lingering_time=_LINGER,
        shutdown_timeout=_DRAIN,
    )
    await runner.setup()
    try:
        for one in door.sockets:
            await web.SockSite(runner, one, ssl_context=door.secured).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.certificate, tls.key, _no_password)
    except OSError as error:  # SSLError is one, too
        reason = (
            f"{tls.certificate} and {tls.key} are no certificate with its key: {error.strerror}"
        )
        raise _wrong("TLS_CERT", reason) from error
    return context


def _no_password() -> str:
    """Instead of asking for one at the terminal, which nobody may be watching."""
    return ""


def _bound(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host, as asyncio's own servers bind them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise _wrong("HTTP_HOST", f"{host}: {error.strerror}") from error
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            sockets += _bound_to(family, address)
    except BaseException:
        Door(sockets).close()
        raise
    if not sockets:
        raise _wrong("HTTP_HOST", f"{host} is no address of this machine")
    return sockets


def _bound_to(family: int, address: Any) -> list[socket.socket]:
    """The socket, or none: resolvers know ::1 also where the machine has no IPv6."""
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return []
    try:
        _bind(one, address)
    except BaseException as error:
        one.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRNOTAVAIL:
            return []
        raise
    return [one]


def _bind(one: socket.socket, address: Any) -> None:
    if os.name == "posix":
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.setblocking(False)
    host, port = address[:2]
    try:
        one.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise
        taken = "another program has it: stop that one, or choose another port"
        reason = taken if error.errno == errno.EADDRINUSE else error.strerror
        raise _wrong("HTTP_PORT", f"port {port} of {host}: {reason}") from error


def _wrong(setting: str, reason: str) -> BadInput:
    return BadInput([InputFault(f"LOUDHAILER_{setting}", reason)])
