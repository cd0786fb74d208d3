"""One log line and one observation a request; no query strings, where tokens may stand."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

log = logging.getLogger(__name__)


def measuring(registry: CollectorRegistry | None) -> Middleware:
    """A middleware that measures every request, also those that fail."""
    observe = _observer(registry)

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        begun = perf_counter()
        status = 500
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            seconds = perf_counter() - begun
            observe(request.method, _route(request), status, seconds)
            log.debug("%s %s %d %.0f ms", request.method, request.path, status, seconds * 1000)

    return measure


def _observer(registry: CollectorRegistry | None):
    if registry is None:
        return lambda method, route, status, seconds: None
    from prometheus_client import Histogram

    seconds_taken = Histogram(
        "loudhailer_http_seconds",
        "Time to answer HTTP requests.",
        ("method", "route", "status"),
        registry=registry,
        buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    )

    def observe(method: str, route: str, status: int, seconds: float) -> None:
        known = method if method in _METHODS else "other"
        seconds_taken.labels(known, route, str(status)).observe(seconds)

    return observe


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _route(request: web.Request) -> str:
    """The route's pattern, so that addresses made up by strangers do not become series."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
