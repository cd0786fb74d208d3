"""Reading request bodies piece by piece, never more than allowed, never for longer than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from handlers.http.context import Limits
from handlers.http.problem import Problem, malformed, too_large, unsupported

_CHUNK = 64 * 1024
_PLAIN_TRANSFER = frozenset({"", "binary", "8bit", "7bit"})

Read = Callable[[], Awaitable[bytes]]
"""The next bytes; none at the end."""


@asynccontextmanager
async def in_time(limits: Limits) -> AsyncIterator[None]:
    """Raise 408 where the body as a whole, or its next piece, does not come in time."""
    try:
        async with asyncio.timeout(limits.whole):
            yield
    except TimeoutError:
        raise Problem(408, "timeout") from None
    except RequestPayloadError:
        raise malformed("body", "invalid") from None


def require_plain(request: web.Request) -> None:
    """Raise 415 for a compressed body: what it grows to is not known beforehand."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise unsupported("Content-Encoding", "identity")


def require_short(request: web.Request, limit: int) -> None:
    """Raise 413 at once for a body that says it is too long."""
    if (request.content_length or 0) > limit:
        raise too_large("body", limit)


async def read_body(request: web.Request, limit: int, limits: Limits) -> bytes:
    """The whole body of at most `limit` bytes."""
    require_plain(request)
    require_short(request, limit)
    async with in_time(limits):
        return await collect(lambda: request.content.read(_CHUNK), limit, "body", limits)


async def collect(read: Read, limit: int, field: str, limits: Limits) -> bytes:
    """Everything that `read` gives, at most `limit` bytes."""
    data = bytearray()
    async for chunk in chunks(read, limit, field, limits):
        data += chunk
    return bytes(data)


async def chunks(read: Read, limit: int, field: str, limits: Limits) -> AsyncIterator[bytes]:
    """The pieces that `read` gives; raises 413 as soon as they are over `limit` bytes."""
    total = 0
    while True:
        async with asyncio.timeout(limits.idle):
            chunk = await read()
        if not chunk:
            return
        total += len(chunk)
        if total > limit:
            raise too_large(field, limit)
        yield chunk


async def parts(request: web.Request) -> AsyncIterator[tuple[str, Read]]:
    """Name and reader of each part of a multipart body; raises 400 where it is broken or cut."""
    with _broken_is_malformed():
        reader = await request.multipart()
    while True:
        with _broken_is_malformed():
            part = await reader.next()
        if part is None:
            return
        if isinstance(part, MultipartReader):
            raise malformed("body", "multipart")
        if not part.name:
            raise malformed("body", "multipart")
        yield part.name, _reader_of(part)


def _reader_of(part: BodyPartReader) -> Read:
    encoding = part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "").lower()
    if encoding not in _PLAIN_TRANSFER:
        raise unsupported("Content-Transfer-Encoding", "binary")

    async def read() -> bytes:
        # An empty piece may come before the end of a part, where a boundary spans two of them.
        while not part.at_eof():
            with _broken_is_malformed():
                chunk = await part.read_chunk(_CHUNK)
            if chunk:
                return chunk
        return b""

    return read


class _broken_is_malformed:
    """Turns aiohttp's many ways to say "this is no multipart" into one."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError | HttpProcessingError | AssertionError | RuntimeError):
            raise malformed("body", "multipart") from None
