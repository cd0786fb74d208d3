"""What the console's routes are handed by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from bot.domain.case import Case
from bot.domain.site import Member, SiteConfig
from bot.ports import AuditRow, CaseFilter, Clock, PictureStore, RecordingStore, Snapshot
from bot.ports_console import CameraWall, ConsoleDesk, ConsoleLog, HornView, SpeakerHub
from bot.texts.cardfacts import CardFacts
from handlers.console.speakerlinks import SpeakerLinks
from handlers.http.context import context_of
from handlers.http.sessions import cookie_name

MB = 1024 * 1024
LONGEST_TOKEN = 200


async def signed_in(request: web.Request) -> Member | None:
    """The member whose session the request's cookie carries, if it lives and they may still act."""
    token = request.cookies.get(cookie_name(request), "")
    if not 0 < len(token) <= LONGEST_TOKEN or not token.isascii():
        return None
    http = context_of(request)
    session = await http.access.session(token, http.clock())
    return http.member(session.member) if session else None


Speech = Callable[[str, str], Awaitable[bytes | None]]


async def silent(text: str, language: str) -> bytes | None:
    """Where there is no voice."""


class CaseShelf(Protocol):
    """Looks at cases; `bot.ports.Store` is one."""

    async def list_cases(self, which: CaseFilter) -> list[Case]: ...

    async def get_case(self, number: int) -> Case | None: ...

    async def history(self, case: int) -> list[AuditRow]: ...

    async def snapshots(self, case: int) -> list[Snapshot]: ...

    async def erased_at(self, picture: str) -> int | None: ...


class CaseFacts(Protocol):
    """What a card says beside its case; `bot.casework.Facts` is one."""

    async def of(self, case: Case, channel: str) -> CardFacts: ...


@dataclass(frozen=True)
class ConsoleContext:
    """Everything that the console's handlers may use.

    `visitor` asks anew who the signed-in member behind a request is, None for anybody else: an open
    socket outlives sessions.  `speakers` are the loudspeakers that are pages, by id;
    `speaker_links` lets devices be one without a session.  `beat`: how often (s) an open page's
    right is looked at.  `horns` tells how the loudspeakers do that were looked at, by id. `speech`
    speaks a text in a language into a WAV file, where there is a voice.
    """

    config: SiteConfig
    desk: ConsoleDesk
    log: ConsoleLog
    pictures: PictureStore
    recordings: RecordingStore
    cases: CaseShelf
    facts: CaseFacts
    cameras: CameraWall
    clock: Clock
    visitor: Callable[[web.Request], Awaitable[Member | None]] = signed_in
    speakers: Mapping[str, SpeakerHub] = field(default_factory=dict[str, SpeakerHub])
    speaker_links: SpeakerLinks | None = None
    photo_limit: int = 10 * MB
    beat: float = 15.0
    horns: Callable[[], Mapping[str, HornView]] = dict
    speech: Speech = silent


CONSOLE = web.AppKey("console", ConsoleContext)
SOCKETS = web.AppKey("console_sockets", WeakSet[web.WebSocketResponse])


@asynccontextmanager
async def open_socket(request: web.Request, **limits: Any) -> AsyncIterator[web.WebSocketResponse]:
    """A socket with a page, closed on leaving, and when the service stops."""
    socket = web.WebSocketResponse(**limits)
    await socket.prepare(request)
    request.config_dict[SOCKETS].add(socket)
    try:
        yield socket
    finally:
        await socket.close()


async def close_sockets(app: web.Application) -> None:
    """Tell the pages that the service goes: they try again at once when it is back."""
    closing = [socket.close(code=WSCloseCode.GOING_AWAY) for socket in set(app[SOCKETS])]
    await asyncio.gather(*closing, return_exceptions=True)


def console_of(request: web.Request) -> ConsoleContext:
    """The console's context in the application that the request came to."""
    return request.config_dict[CONSOLE]


async def member_of(request: web.Request) -> Member:
    """The signed-in member; ends the request with 401 where there is none."""
    member = await console_of(request).visitor(request)
    if member is None:
        raise web.HTTPUnauthorized(reason="Sign in first")
    return member
