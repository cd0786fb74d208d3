"""The console's addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import WeakSet

from aiohttp import web

from bot.texts import page
from handlers.console import chat, details, places, socket, speaker
from handlers.console.context import (
    CONSOLE,
    SOCKETS,
    ConsoleContext,
    close_sockets,
    console_of,
)
from handlers.console.shells import Shells


def console_routes(context: ConsoleContext) -> Callable[[web.Application], None]:
    """What adds the console to an application."""

    def set_up(app: web.Application) -> None:
        app[CONSOLE] = context
        app[SOCKETS] = WeakSet()
        app.on_shutdown.append(close_sockets)
        app.add_routes(routes())

    return set_up


def routes() -> Sequence[web.AbstractRouteDef]:
    """Everything below `/console`, the page at `/` and the speakers' pages."""
    pages = Pages(Shells())
    return (
        web.get("/", pages.console),
        web.get("/speaker/chime.wav", speaker.chime),
        web.get("/speaker/{speaker}", pages.speaker),
        web.get("/speaker/{speaker}/about", speaker.about),
        web.get("/speaker/{speaker}/socket", speaker.socket),
        web.get("/speaker/{speaker}/sound/{play}", speaker.sound),
        web.get("/console/static/{name}", pages.shells.serve),
        web.get("/console/texts/{language}", texts),
        web.get("/console/session", places.session),
        web.get("/console/socket", socket.serve),
        web.get("/console/cases", places.cases),
        web.get("/console/cases/{case}", details.show),
        web.get("/console/cases/{case}/picture", details.picture),
        web.get("/console/speakers", places.speakers),
        web.get("/console/cameras", places.cameras),
        web.get("/console/cameras/{id}/picture", places.camera_picture),
        web.get("/console/chats/{chat}/messages", chat.older),
        web.get("/console/chats/{chat}/messages/{id}", chat.one),
        web.get("/console/chats/{chat}/pictures/{sha256}", chat.picture),
        web.get("/console/chats/{chat}/messages/{id}/speech", chat.speech),
        web.get("/console/chats/{chat}/recordings/{sha256}", chat.recording),
        web.post("/console/chats/{chat}/photos", chat.photo),
        web.post("/console/chats/{chat}/recordings", chat.recorded),
    )


class Pages:
    """The HTML pages; who is not signed in is told how to get a link."""

    def __init__(self, shells: Shells) -> None:
        self.shells = shells

    async def console(self, request: web.Request) -> web.Response:
        """`GET /`."""
        console = console_of(request)
        if await console.visitor(request) is None:
            return await self._sign_in(console)
        return await self.shells.page("console.html", console.config.language)

    async def speaker(self, request: web.Request) -> web.Response:
        """`GET /speaker/{id}`."""
        console = console_of(request)
        try:
            await speaker.speaker_of(request)
        except web.HTTPUnauthorized:
            return await self._sign_in(console)
        return await self.shells.page("speaker.html", console.config.language)

    async def _sign_in(self, console: ConsoleContext) -> web.Response:
        return await self.shells.page("signin.html", console.config.language, status=401)


async def texts(request: web.Request) -> web.Response:
    """`GET /console/texts/{language}`: every sentence of the page."""
    language = request.match_info["language"]
    if language not in page.TEXTS:
        raise web.HTTPNotFound
    return web.json_response(page.TEXTS[language], headers={"Cache-Control": "no-cache"})
