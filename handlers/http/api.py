"""The routes under /api/v1, as one table."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from handlers.http.cases import list_cases, list_work_orders, show_case, show_stats
from handlers.http.commands import post_command
from handlers.http.context import CONTEXT
from handlers.http.frames import put_frame
from handlers.http.limits import Budget, SlidingCounter
from handlers.http.openapi import show_openapi
from handlers.http.reports import RATES, post_report
from handlers.http.submission import BUDGET
from handlers.http.voice import post_voice

PREFIX = "/api/v1"

ROUTES: Sequence[tuple[str, str, Handler]] = (
    ("POST", "/reports", post_report),
    ("PUT", "/cameras/{id}/frame", put_frame),
    ("GET", "/cases", list_cases),
    ("GET", "/cases/{n}", show_case),
    ("POST", "/cases/{n}/commands", post_command),
    ("POST", "/voice", post_voice),
    ("GET", "/workorders", list_work_orders),
    ("GET", "/stats", show_stats),
    ("GET", "/openapi.json", show_openapi),
)
"""Method, path below the prefix, handler."""


def set_up(app: web.Application) -> None:
    """Add the API to the application."""
    limits = app[CONTEXT].limits
    app[RATES] = SlidingCounter(limits.reports_per_second, 1000)
    app[BUDGET] = Budget(limits.uploads_in_memory)
    for method, path, handler in ROUTES:
        if method == "GET":  # HEAD is answered as well
            app.router.add_get(PREFIX + path, handler)
        else:
            app.router.add_route(method, PREFIX + path, handler)
