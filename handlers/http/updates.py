"""A chat platform posts what people do: stored, and only then answered 200."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from bot.domain.secret import Secret
from handlers.http.body import read_body
from handlers.http.context import context_of
from handlers.http.problem import Problem, malformed

_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UpdateDoor:
    """Where a platform posts; it shows the `secret` in a header.

    `put` returns once an update is stored, and raises `Unavailable` where it is to be posted again.
    """

    path: str
    header: str
    secret: Secret
    put: Callable[[dict[str, Any]], Awaitable[None]]

    def set_up(self, app: web.Application) -> None:
        """Add the route to the application."""
        app.router.add_post(self.path, self.take)

    async def take(self, request: web.Request) -> web.Response:
        """POST: 200 stored, 401 not the platform, 503 come again."""
        given = request.headers.get(self.header, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.secret.reveal().encode()):
            raise Problem(401, "unauthenticated")
        body = await read_body(request, _LONGEST, context_of(request).limits)
        await self.put(_read(body))
        return web.Response()


def _read(body: bytes) -> dict[str, Any]:
    """Read generously: what is refused is posted again and again, and nothing after it."""
    try:
        update: Any = json.loads(body)
    except ValueError:
        raise malformed("body", "json") from None
    if not isinstance(update, dict):
        raise malformed("body", "object")
    return cast("dict[str, Any]", update)
