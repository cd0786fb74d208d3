"""The one place where whatever went wrong becomes an answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.domain.error import BadInput, Conflict, LoudhailerError, NotFound, Refused, Unavailable
from bot.texts.wording import Wording
from handlers.http.context import context_of
from handlers.http.problem import (
    Fault,
    Problem,
    conflict,
    invalid,
    language_of,
    render,
    unavailable,
)

log = logging.getLogger(__name__)

_RIGHTS = frozenset({"refused.role", "refused.other_site", "refused.emergency_supervisor"})
_SLUGS = {401: "unauthenticated", 403: "forbidden"}
_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
_BACK_SOON_S = 5.0
_UNKNOWN = frozenset({"refused.unknown_case"})


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers every error with problem+json and without anything of the inside."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return render(_of_http(error), request)
    except Problem as problem:
        return _render(problem, request)
    except LoudhailerError as error:
        return _render(of_core(error, request), request)
    except Exception as error:  # boundary: the caller gets an answer, whatever it was, we a trace
        if isinstance(error, ConnectionError) and _is_gone(request):
            return web.Response(status=400)  # read by nobody
        log.exception("%s %s failed", request.method, request.path)
        return render(Problem(500, "internal"), request)


@web.middleware
async def stopping_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """While the service stops it takes nothing in: whoever sends comes again when it is back."""
    stopping = context_of(request).gate.closed
    if stopping and request.method not in _LOOKING:
        response = render(unavailable(_BACK_SOON_S), request)
    else:
        response = await handler(request)
    if stopping and not response.prepared:
        response.force_close()
    return response


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _render(problem: Problem, request: web.Request) -> web.Response:
    response = render(problem, request)
    if problem.status == 408:
        response.force_close()
    return response


def of_core(error: LoudhailerError, request: web.Request) -> Problem:
    """The problem that an error of the core is, seen from outside."""
    if isinstance(error, BadInput):
        return invalid([of_input(fault.where, fault.message) for fault in error.faults])
    if isinstance(error, Conflict):
        return conflict("id" if request.path.endswith("/reports") else "Idempotency-Key")
    if isinstance(error, Unavailable):
        return unavailable(error.retry_after)
    if isinstance(error, NotFound | Refused):
        status = 404 if isinstance(error, NotFound) else status_of_refusal(error.key)
        return refusal(status, error.key, error.params, request)
    log.error("%s %s failed: %s", request.method, request.path, error)
    return Problem(500, "internal")


def refusal(status: int, key: str, params: Mapping[str, Any], request: web.Request) -> Problem:
    """A refusal of the core in its own words."""
    context = context_of(request)
    wording = Wording(context.config, language_of(request))
    words = wording.say(key, now=context.clock(), **params)
    return Problem(status, "unknown" if status == 404 else "refused", detail=words)


def of_input(where: str, message: str) -> Fault:
    """A fault that another part found, in that part's words."""
    return Fault(where, "invalid_because", {"reason": message})


def status_of_refusal(key: str) -> int:
    """403 where rights are missing, 404 where there is no such case, 409 for the rest."""
    if key in _RIGHTS:
        return 403
    return 404 if key in _UNKNOWN else 409


def _of_http(error: web.HTTPException) -> Problem:
    """What aiohttp itself refuses: unknown addresses, methods, oversized forms."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return Problem(405, "method", headers={hdrs.ALLOW: allowed}, allowed=allowed)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return Problem(413, "too_large", field="body", limit=error.headers.get("limit", "?"))
    if error.status == 404:
        return Problem(404, "no_such_address")
    return Problem(error.status, _SLUGS.get(error.status, "malformed"))
