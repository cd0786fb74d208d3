"""PUT /api/v1/cameras/{id}/frame: the next picture of a `push` camera."""

from __future__ import annotations

from aiohttp import web

from bot.domain.error import BadInput
from bot.domain.report import is_believed
from bot.domain.site import Camera
from handlers.http.auth import REPORTING, require
from handlers.http.body import read_body
from handlers.http.context import Context, context_of
from handlers.http.problem import (
    Fault,
    Problem,
    invalid,
    unavailable,
    unknown_name,
    unsupported,
)
from handlers.http.times import BadTime, moment

_KINDS = ("image/jpeg", "image/png")
_NOT_HERE_S = 30


async def put_frame(request: web.Request) -> web.Response:
    """Takes one frame; `at` (RFC 3339, default now) says when it was taken.

    204 when it was handed to the camera, 200 with `{"taken": false}` when it is not newer than the
    frame before, 409 for a camera that takes no frames, 503 where this process watches none.
    """
    context = context_of(request)
    principal = await require(request, REPORTING)
    camera = context.config.camera(request.match_info["id"])
    if camera is None:
        raise unknown_name("camera", request.match_info["id"])
    if not principal.may_see(camera.site):
        raise Problem(403, "other_site", site=camera.site)
    at = _moment(request, context)
    if request.content_type not in _KINDS:
        raise unsupported("Content-Type", ", ".join(_KINDS))
    data = await read_body(request, context.limits.image, context.limits)
    taken = await _hand_on(context, camera, data, at)
    return web.Response(status=204) if taken else web.json_response({"taken": False})


def _moment(request: web.Request, context: Context) -> int:
    """When it was taken; a wrong clock must not make every later frame an old one."""
    given, now = request.query.get("at"), context.clock()
    try:
        at = moment(given) if given else now
        return at if is_believed(at, now) else now
    except BadTime as error:
        raise invalid([Fault("at", error.key, {}, given)]) from None


async def _hand_on(context: Context, camera: Camera, data: bytes, at: int) -> bool:
    if context.push is None:
        raise unavailable(_NOT_HERE_S)
    try:
        picture = await context.desk.sanitise(data)
        return await context.push(camera.id, picture.jpeg, at)
    except BadInput as error:
        faults = [Fault("body", "picture", {"reason": fault.message}) for fault in error.faults]
        raise invalid(faults) from None
    except LookupError:
        raise Problem(409, "no_push", camera=camera.id) from None
