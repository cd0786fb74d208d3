"""What the page fetches about a chat: older messages, one message, pictures; and its uploads."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from aiohttp import BodyPartReader, web

from bot.domain.error import NotFound, Refused
from bot.domain.recording import MOST_BYTES
from bot.domain.rfc3339 import utc
from bot.domain.site import Member
from bot.ports_console import ConsoleRecording
from bot.texts.page import TEXTS
from handlers.console import audience, wire
from handlers.console.context import console_of, member_of
from handlers.console.frames import BadFrame, typed
from handlers.http.errors import refusal
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
        frame, data = await _read_upload(request, "photo", console.photo_limit)
        kept = await console.desk.keep_photo(data)
        await console.desk.typed(typed({**frame, "chat": chat}, member, photo=kept))
    except (BadFrame, NotFound) as fault:
        log.info("an upload was refused: %s", fault)
        raise web.HTTPUnprocessableEntity from fault
    return web.Response(status=204)


async def recorded(request: web.Request) -> web.Response:
    """`POST /console/chats/{chat}/recordings`: multipart with `said` and `recording`.

    As for a photo; a 422 tells in words why a recording cannot be used.
    """
    member, chat = await visitor_of_chat(request)
    console = console_of(request)
    try:
        frame, data = await _read_upload(request, "recording", MOST_BYTES)
        typed({**frame, "chat": chat}, member, recording=ConsoleRecording("", 0))
        kept = await console.desk.keep_recording(data)
        await console.desk.typed(typed({**frame, "chat": chat}, member, recording=kept))
    except (BadFrame, NotFound) as fault:
        log.info("a recording was refused: %s", fault)
        raise web.HTTPUnprocessableEntity from fault
    except Refused as unusable:
        raise refusal(422, unusable.key, unusable.params, request) from unusable
    return web.Response(status=204)


async def recording(request: web.Request) -> web.Response:
    """`GET /console/chats/{chat}/recordings/{sha256}`: only what was said in that chat."""
    _, chat = await visitor_of_chat(request)
    sha256 = request.match_info["sha256"]
    console = console_of(request)
    if not _SHA256.fullmatch(sha256) or not await console.log.shows(chat, sha256):
        raise web.HTTPNotFound
    wav = await console.recordings.get(sha256)
    if wav is None:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "private, max-age=604800, immutable"}
    return web.Response(body=wav, content_type="audio/wav", headers=headers)


async def speech(request: web.Request) -> web.Response:
    """`GET /console/chats/{chat}/messages/{id}/speech[?language=]`: a message, spoken.

    Only what answers somebody: cards are read by the loudspeakers.  404 where no voice is.
    """
    _, chat = await visitor_of_chat(request)
    console = console_of(request)
    message = await console.log.get(chat, _number(request.match_info["id"]))
    if message is None or message.kind != "post" or message.reply_to is None:
        raise web.HTTPNotFound
    language = request.query.get("language", console.config.language)
    wav = await console.speech(message.post.text, language) if language in TEXTS else None
    if wav is None:
        raise web.HTTPNotFound
    return web.Response(body=wav, content_type="audio/wav")


async def _read_upload(request: web.Request, name: str, limit: int) -> tuple[dict[str, Any], bytes]:
    parts: dict[str, bytes] = {}
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name in ("said", name):
                parts[part.name] = await _part(part, limit)
        frame = json.loads(parts["said"])
    except (ValueError, KeyError, RecursionError, AssertionError) as fault:  # aiohttp asserts, too
        raise BadFrame("said") from fault
    if not isinstance(frame, dict) or name not in parts:
        raise BadFrame(name)
    return frame, parts[name]


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
