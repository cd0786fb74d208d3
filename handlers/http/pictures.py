"""Pictures by signed links that expire: whoever was given the link may look, nobody else."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import urlencode

from aiohttp import hdrs, web

from bot.domain.secret import Secret
from handlers.http.context import context_of
from handlers.http.problem import Problem

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_EXPIRY = re.compile(r"[0-9]{1,15}", re.ASCII)


class PictureLinks:
    """Makes and checks links to pictures.  `key` is 32 random bytes that outlive restarts."""

    def __init__(self, key: bytes, base: str = "") -> None:
        if len(key) < 32:
            raise ValueError("the key of the picture links is 32 bytes or more")
        self._key = key
        self._base = base.rstrip("/")
        Secret(key.hex())

    def path(self, sha256: str, now: int, valid: int = HOUR_MS) -> str:
        """A link without host that lives at least `valid` milliseconds and at most twice that.

        The expiry is rounded, so that the same picture keeps the same address for a while and a
        browser takes it from its cache.
        """
        expires = (now // valid + 2) * valid
        query = urlencode({"e": expires // 1000, "s": self._signature(sha256, expires // 1000)})
        return f"/pictures/{sha256}?{query}"

    def url(self, sha256: str, now: int, valid: int = 7 * DAY_MS) -> str:
        """The same with the public address before it: for messages that leave the house."""
        return self._base + self.path(sha256, now, valid)

    def valid_until(self, sha256: str, expiry: str, signature: str) -> int | None:
        """When a link expires (ms); None where it is not one of ours."""
        if not (_NAME.fullmatch(sha256) and _EXPIRY.fullmatch(expiry)):
            return None
        expected = self._signature(sha256, int(expiry))
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        return int(expiry) * 1000 if genuine else None

    def _signature(self, sha256: str, expiry: int) -> str:
        message = f"picture\n{sha256}\n{expiry}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


async def show_picture(request: web.Request) -> web.Response:
    """GET /pictures/{sha}?e=<expiry, seconds>&s=<hmac>"""
    context = context_of(request)
    sha256 = request.match_info["sha"]
    query = request.query
    until = context.links.valid_until(sha256, query.get("e", ""), query.get("s", ""))
    now = context.clock()
    if until is None or until <= now:
        raise Problem(403, "link")
    etag = f'"{sha256}"'
    headers = {
        hdrs.CACHE_CONTROL: f"private, immutable, max-age={(until - now) // 1000}",
        hdrs.ETAG: etag,
    }
    if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
        return web.Response(status=304, headers=headers)
    jpeg = await context.pictures.get(sha256)
    if jpeg is None:
        raise Problem(404, "no_such_address")
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)
