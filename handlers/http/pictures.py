"""Pictures and clips by signed links that expire: who was given the link may look, nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from urllib.parse import urlencode

from aiohttp import hdrs, web

from bot.domain.rfc3339 import utc
from bot.domain.secret import Secret
from handlers.http.context import context_of
from handlers.http.problem import Problem

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_EXPIRY = re.compile(r"[0-9]{1,15}", re.ASCII)


class PictureLinks:
    """Makes and checks links to pictures and clips.  `key`: 32 random bytes that outlive restarts.

    `kind` is the first part of the address: `pictures` or `clips`.
    """

    def __init__(self, key: bytes, base: str = "") -> None:
        if len(key) < 32:
            raise ValueError("the key of the picture links is 32 bytes or more")
        self._key = key
        self._base = base.rstrip("/")
        Secret(key.hex())

    def path(self, sha256: str, now: int, valid: int = HOUR_MS, kind: str = "pictures") -> str:
        """A link without host that lives at least `valid` milliseconds and at most twice that.

        The expiry is rounded, so that the same picture keeps the same address for a while and a
        browser takes it from its cache.
        """
        expiry = (now // valid + 2) * valid // 1000
        query = urlencode({"e": expiry, "s": self._signature(kind, sha256, expiry)})
        return f"/{kind}/{sha256}?{query}"

    def url(self, sha256: str, now: int, valid: int = 7 * DAY_MS) -> str:
        """The same with the public address before it: for messages that leave the house."""
        return self._base + self.path(sha256, now, valid)

    def valid_until(self, kind: str, sha256: str, expiry: str, signature: str) -> int | None:
        """When a link expires (ms); None where it is not one of ours."""
        if not (_NAME.fullmatch(sha256) and _EXPIRY.fullmatch(expiry)):
            return None
        expected = self._signature(kind, sha256, int(expiry))
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        return int(expiry) * 1000 if genuine else None

    def _signature(self, kind: str, sha256: str, expiry: int) -> str:
        message = f"{kind}\n{sha256}\n{expiry}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


async def show_picture(request: web.Request) -> web.Response:
    """GET /pictures/{sha}?e=<expiry, seconds>&s=<hmac>"""
    sha256, headers = _checked(request, "pictures")
    if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
        return web.Response(status=304, headers=headers)
    jpeg = await context_of(request).pictures.get(sha256)
    if jpeg is None:
        raise await _missing(request, sha256)
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)


async def show_clip(request: web.Request) -> web.StreamResponse:
    """GET /clips/{sha}?e=<expiry, seconds>&s=<hmac>; a player may ask for ranges."""
    sha256, headers = _checked(request, "clips")
    clips = context_of(request).clips
    path = clips.path(sha256) if clips else None
    if path is None or not await asyncio.to_thread(path.is_file):
        raise await _missing(request, sha256)
    del headers[hdrs.ETAG]  # the file's own goes with its ranges
    return web.FileResponse(path, headers={**headers, hdrs.CONTENT_TYPE: "video/mp4"})


async def _missing(request: web.Request, sha256: str) -> Problem:
    """410 for what went by rule, 404 for what was never here, or is lost."""
    erased_at = await context_of(request).store.erased_at(sha256)
    if erased_at is None:
        return Problem(404, "no_such_address")
    return Problem(410, "picture_erased", at=utc(erased_at))


def _checked(request: web.Request, kind: str) -> tuple[str, dict[str, str]]:
    """The content asked for and the headers to answer with; 403 for a link that will not do."""
    context = context_of(request)
    sha256, query = request.match_info["sha"], request.query
    until = context.links.valid_until(kind, sha256, query.get("e", ""), query.get("s", ""))
    now = context.clock()
    if until is None or until <= now:
        raise Problem(403, "link")
    keep = f"private, immutable, max-age={(until - now) // 1000}"
    return sha256, {hdrs.CACHE_CONTROL: keep, hdrs.ETAG: f'"{sha256}"'}
