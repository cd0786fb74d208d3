"""The application and the server around it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from handlers.http import api, pictures, sessions
from handlers.http.auth import FAILURES
from handlers.http.context import CONTEXT, Context
from handlers.http.errors import error_middleware
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


def build(context: Context, extra_routes: Sequence[SetUp] = ()) -> web.Application:
    """The application: API, pictures, sign-in, health, and what `extra_routes` add to it."""
    middlewares = [
        measuring(context.registry),
        error_middleware,
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


@asynccontextmanager
async def serve(
    app: web.Application, host: str, port: int, tls: Tls | None = None
) -> AsyncIterator[int]:
    """Serve until left; gives the bound port (useful with port 0).  Raises OSError where it cannot.

    Leaving stops taking connections, lets requests in progress end within a few seconds, then
    cuts the rest.
    """
    secured = await asyncio.to_thread(_tls_context, tls) if tls else None
    runner = web.AppRunner(
        app,
        access_log=None,
        # Compressed bodies are refused, so nothing is to be unpacked before that.
        auto_decompress=False,
        # Also ends new connections that never come to the end of their headers.
        keepalive_timeout=app[CONTEXT].limits.headers,
        lingering_time=_LINGER,
        shutdown_timeout=_DRAIN,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=secured).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    return context
