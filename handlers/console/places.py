"""What surrounds the chat on the page: cases, cameras, loudspeakers, and who is looking."""

from __future__ import annotations

from aiohttp import web

from bot.domain.case import LIVE, State
from bot.ports import CaseFilter
from bot.ports_console import CameraView
from handlers.console import audience, wire
from handlers.console.context import ConsoleContext, console_of, member_of

MOST_CASES = 200
RECENT = 50


async def session(request: web.Request) -> web.Response:
    """`GET /console/session`: who is signed in, and what there is to see."""
    member = await member_of(request)
    console = console_of(request)
    config = console.config
    return web.json_response(
        {
            "member": {"id": member.id, "name": member.name},
            "language": config.language,
            "now": console.clock(),
            "own_chat": audience.own_chat(member),
            "timezone": audience.timezone_of(config, None),
            "chats": [wire.chat(chat, config) for chat in audience.chats_of(config, member)],
            "sites": [
                {"id": site.id, "name": site.name, "timezone": site.timezone.key}
                for site in audience.sites_of(config, member)
            ],
            "speakers": [
                wire.speaker(speaker, config, speaker.id in console.speakers)
                for speaker in audience.speakers_of(config, member)
            ],
        },
        headers={"Cache-Control": "no-store"},
    )


async def cases(request: web.Request) -> web.Response:
    """`GET /console/cases?which=live|closed&language=zh|en`: gravest and newest first."""
    member = await member_of(request)
    console = console_of(request)
    language = "en" if request.query.get("language") == "en" else "zh"
    closed = request.query.get("which") == "closed"
    which = CaseFilter(
        sites=tuple(site.id for site in audience.sites_of(console.config, member)),
        states=(State.CLOSED,) if closed else tuple(LIVE),
        limit=RECENT if closed else MOST_CASES,
    )
    found = await console.cases.list_cases(which)
    if not closed:
        found = sorted(found, key=lambda case: (-case.severity, -case.number))
    lines = [wire.case(case, console.config, language) for case in found if not case.trial]
    return web.json_response({"cases": lines, "now": console.clock()})


async def cameras(request: web.Request) -> web.Response:
    """`GET /console/cameras`: a tile for each camera of one's sites."""
    member = await member_of(request)
    console = console_of(request)
    of_member = audience.cameras_of(console.config, member)
    views = await _views(console, [camera.id for camera in of_member])
    tiles = [wire.camera(camera, views.get(camera.id), console.config) for camera in of_member]
    return web.json_response({"cameras": tiles, "now": console.clock()})


async def _views(console: ConsoleContext, ids: list[str]) -> dict[str, CameraView]:
    return {view.id: view for view in await console.cameras.views(ids)}


async def speakers(request: web.Request) -> web.Response:
    """`GET /console/speakers`: how each loudspeaker of one's sites does."""
    member = await member_of(request)
    console = console_of(request)
    views = console.horns()
    of_member = audience.speakers_of(console.config, member)
    language = "en" if request.query.get("language") == "en" else "zh"
    shown = [wire.horn(views.get(one.id), one.id, language) for one in of_member]
    return web.json_response({"speakers": shown, "now": console.clock()})


async def camera_picture(request: web.Request) -> web.Response:
    """`GET /console/cameras/{id}/picture`: the newest one; 304 no newer, 204 none at all."""
    member = await member_of(request)
    console = console_of(request)
    id = request.match_info["id"]
    if id not in {camera.id for camera in audience.cameras_of(console.config, member)}:
        raise web.HTTPNotFound
    found = await console.cameras.picture(id)
    if found is None:
        return web.Response(status=204)
    jpeg, at = found
    headers = {"ETag": f'"{at}"', "Cache-Control": "private, no-cache", "X-Captured-At": str(at)}
    if f'"{at}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)
