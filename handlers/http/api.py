"""The routes under /api/v1, as one table."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

PREFIX = "/api/v1"

ROUTES: Sequence[tuple[str, str, Handler]] = ()
"""Method, path below the prefix, handler."""


def set_up(app: web.Application) -> None:
    """Add the API to the application."""
    for method, path, handler in ROUTES:
        app.router.add_route(method, PREFIX + path, handler)
