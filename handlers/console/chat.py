"""What the page fetches about a chat: older messages, one message, pictures; and its uploads."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from aiohttp import BodyPartReader, web

from bot.domain.error import NotFound
from bot.domain.rfc3339 import utc
from bot.domain.site import Member
from handlers.console import audience, wire
from handlers.console.context import console_of, member_of
from handlers.console.frames import BadFrame, typed
from handlers.http.problem import Problem

log = logging.getLogger(__name__)

PAGE = 60
_SHA256 = re.compile(r"[0-9a-f]{64}")


async def visitor_of_chat(request: web.Request) -> tuple[Member, str]:
    """The member and the chat of the address; 404 for a chat that is not theirs to see."""
    member = await member_of(request)
    chat = request.match_info["chat"]
    if chat not in audience.chat_ids_of(console_of(request).config, member):
        raise web.HTTPNotFound
    return member, chat


async def older(request: web.Request) -> web.Response:
    """`GET /console/chats/{chat}/messages[?before=N]`: the page of messages before that one."""
    member, chat = await visitor_of_chat(request)
    before = _number(request.query["before"]) if "before" in request.query else None
    messages = await console_of(request).log.latest(chat, PAGE, before)
    shown = [wire.message(one, member) for one in messages]
    return web.json_response({"messages": shown, "more": len(messages) == PAGE})


async def one(request: web.Request) -> web.Response:
    """`GET /console/chats/{chat}/messages/{id}`."""
    member, chat = await visitor_of_chat(request)
    found = await console_of(request).log.get(chat, _number(request.match_info["id"]))
    if found is None:
        raise web.HTTPNotFound
    return web.json_response(wire.message(found, member))


async def picture(request: web.Request) -> web.Response:
    """`GET /console/chats/{chat}/pictures/{sha256}`: only what hangs in that chat."""
    _, chat = await visitor_of_chat(request)
    sha256 = request.match_info["sha256"]
    console = console_of(request)
    if not _SHA256.fullmatch(sha256) or not await console.log.shows(chat, sha256):
        raise web.HTTPNotFound
    jpeg = await console.pictures.get(sha256)
    if jpeg is None:
        if (erased_at := await console.cases.erased_at(sha256)) is not None:
            raise Problem(410, "picture_erased", at=utc(erased_at))
        raise web.HTTPNotFound
    headers = {"Cache-Control": "private, max-age=604800, immutable"}
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)


async def photo(request: web.Request) -> web.Response:
    """`POST /console/chats/{chat}/photos`: multipart with `said` (a frame, as JSON) and `photo`.

    204 once it is stored for good; 413 and 422 where it never will be, anything else where not now.
    """
    member, chat = await visitor_of_chat(request)
    console = console_of(request)
    try:
        frame, data = await _read_upload(request, console.photo_limit)
        kept = await console.desk.keep_photo(data)
        await console.desk.typed(typed({**frame, "chat": chat}, member, kept))
    except (BadFrame, NotFound) as fault:
        log.info("an upload was refused: %s", fault)
        raise web.HTTPUnprocessableEntity from fault
    return web.Response(status=204)


async def _read_upload(request: web.Request, limit: int) -> tuple[dict[str, Any], bytes]:
    parts: dict[str, bytes] = {}
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name in ("said", "photo"):
                parts[part.name] = await _part(part, limit)
        frame = json.loads(parts["said"])
    except (ValueError, KeyError, RecursionError, AssertionError) as fault:  # aiohttp asserts, too
        raise BadFrame("said") from fault
    if not isinstance(frame, dict) or "photo" not in parts:
        raise BadFrame("photo")
    return frame, parts["photo"]


async def _part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > limit:
            raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(data))
    return bytes(data)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise web.HTTPNotFound
    return int(text)
