"""What a source sends: a report with, perhaps, a picture and a clip, in one of two wrappings."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from handlers.http.body import Read, chunks, collect, in_time, parts, read_body, require_plain
from handlers.http.context import ClipStore, IncomingClip, Limits
from handlers.http.limits import Budget
from handlers.http.problem import (
    Fault,
    invalid,
    malformed,
    too_large,
    unavailable,
    unsupported,
)
from handlers.http.strictjson import parse_object

_SPACE = b" \t\r\n"
_OFF_LOOP = 256 * 1024
"""Longer documents are read in a thread, so that the loop keeps turning."""

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
BUDGET = web.AppKey("upload_budget", Budget)


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent: the report's JSON object, a JPEG's or PNG's bytes, a clip not yet kept."""

    document: Mapping[str, Any]
    image: bytes | None = None
    clip: IncomingClip | None = None


@asynccontextmanager
async def received(
    request: web.Request, limits: Limits, clips: ClipStore | None
) -> AsyncIterator[Submission]:
    """The submission in a request, within the limits; a clip that is not kept inside is dropped."""
    require_plain(request)
    kind = request.content_type
    if kind not in ("application/json", "multipart/form-data"):
        raise unsupported("Content-Type", "application/json, multipart/form-data")
    async with memory(request, _json_limit(limits)), AsyncExitStack() as stack:
        if kind == "application/json":
            submission = await _from_json(request, limits)
        else:
            async with in_time(limits):
                submission = await _from_parts(request, limits, clips, stack)
        if submission.image is not None:
            _check_kind(submission.image)
        yield submission


@asynccontextmanager
async def memory(request: web.Request, most: int) -> AsyncIterator[None]:
    """Reserve the memory that the body may take; 503 while others hold too much."""
    budget = request.config_dict[BUDGET]
    amount = min(request.content_length or most, most)
    if not budget.take(amount):
        raise unavailable(1)
    try:
        yield
    finally:
        budget.give_back(amount)


def _json_limit(limits: Limits) -> int:
    """Base64 takes four letters for three bytes, and a little is left for its line breaks."""
    return limits.report + limits.image * 3 // 2


async def _from_json(request: web.Request, limits: Limits) -> Submission:
    data = await read_body(request, _json_limit(limits), limits)
    if len(data) < _OFF_LOOP:
        return _unwrap(data, limits)
    return await asyncio.to_thread(_unwrap, data, limits)


def _unwrap(data: bytes, limits: Limits) -> Submission:
    document = parse_object(data, "body")
    encoded = document.get("image_base64")
    if not isinstance(encoded, str):
        return Submission(document)
    if len(data) - len(encoded) > limits.report:
        raise too_large("report", limits.report)
    image = _decoded(encoded)
    if len(image) > limits.image:
        raise too_large("image_base64", limits.image)
    return Submission({**document, "image_base64": None}, image)


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded.encode().translate(None, _SPACE), validate=True)
    except (binascii.Error, ValueError):
        raise invalid([Fault("image_base64", "base64")]) from None


async def _from_parts(
    request: web.Request, limits: Limits, clips: ClipStore | None, stack: AsyncExitStack
) -> Submission:
    found: dict[str, Any] = {}
    async for name, read in parts(request):
        if name in found:
            raise malformed(name, "twice")
        if name == "report":
            found[name] = await collect(read, limits.report, name, limits)
        elif name == "image":
            found[name] = await collect(read, limits.image, name, limits)
        elif name == "clip":
            found[name] = await _receive_clip(read, limits, clips, stack)
        else:
            raise invalid([Fault(name[:64], "unknown_field")])
    if "report" not in found:
        raise invalid([Fault("report", "missing")])
    document = parse_object(found["report"], "report")
    return _joined(document, found.get("image"), found.get("clip"))


def _joined(
    document: Mapping[str, Any], image: bytes | None, clip: IncomingClip | None
) -> Submission:
    encoded = document.get("image_base64")
    if not isinstance(encoded, str):
        return Submission(document, image, clip)
    if image is not None:
        raise invalid([Fault("image", "picture_twice")])
    return Submission({**document, "image_base64": None}, _decoded(encoded), clip)


async def _receive_clip(
    read: Read, limits: Limits, clips: ClipStore | None, stack: AsyncExitStack
) -> IncomingClip:
    if clips is None:
        raise invalid([Fault("clip", "clip_not_kept")])
    clip = await stack.enter_async_context(clips.receive())
    head = b""
    async for chunk in chunks(read, limits.clip, "clip", limits):
        if len(head) < 12:
            head += chunk[:12]
        await clip.write(chunk)
    # An MP4 begins with the length of its first box and that box's name.
    if head[4:8] != b"ftyp":
        raise unsupported("clip", "video/mp4")
    return clip


def _check_kind(image: bytes) -> None:
    if not image:
        raise invalid([Fault("image", "picture_empty")])
    if not image.startswith((_JPEG, _PNG)):
        raise unsupported("image", "image/jpeg, image/png")
