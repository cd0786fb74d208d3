"""Somebody else's HTTP server on loopback: takes what is posted, and misbehaves when told to.

async with receiver() as there:
    there.misbehave(500, 429, "reset", times...)
    ...                                     # post to there.url
    (got,) = there.taken                    # what it answered 2xx, its own duplicates included
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.patience import PATIENCE_S


@dataclass(frozen=True)
class Got:
    """One request, whatever was answered; `at` is the monotonic time of its arrival."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    status: int = 0

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`tries` are all requests, `taken` those whose content it has kept.

    Plans are consumed one a request: a status, (status, headers), "reset" (hangs up untouched),
    "reset after" (keeps it, then hangs up), "hang" (keeps it, never answers), "drip" (answers
    200 at once and its body for ever).
    """

    tries: list[Got] = field(default_factory=list)
    taken: list[Got] = field(default_factory=list)
    plans: deque[Any] = field(default_factory=deque)
    always: Any = None
    port: int = 0
    _runner: web.AppRunner | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def misbehave(self, *plans: Any) -> None:
        """What happens to the next requests."""
        self.plans.extend(plans)

    async def start(self, secured: ssl.SSLContext | None = None) -> None:
        """Listen, with TLS where it is given; after a stop on the same port again."""
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=secured).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Away: connections are refused."""
        if self._runner:
            await self._runner.cleanup()

    async def wait(self, condition: Callable[[], Any], timeout: float = PATIENCE_S) -> Any:
        """The first true value of `condition`, looked at with every request."""
        try:
            async with asyncio.timeout(timeout):
                while not (found := condition()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain; got {self.tries}") from None
        return found

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        plan = self.plans.popleft() if self.plans else self.always
        if plan == "reset":
            self._keep(request, b"", 0, taken=False)
            return self._hang_up(request)
        body = await request.read()
        if plan is None or plan == "drip" or isinstance(plan, str):
            self._keep(request, body, 200, taken=True)
        if plan == "reset after":
            return self._hang_up(request)
        if plan == "hang":
            await asyncio.sleep(3600)
        if plan == "drip":
            return await self._drip(request)
        if plan is None:
            return web.Response(text="ok")
        status, headers = plan if isinstance(plan, tuple) else (plan, {})
        self._keep(request, body, status, taken=200 <= status < 300)
        return web.Response(status=status, headers=headers, text="so it is")

    def _keep(self, request: web.Request, body: bytes, status: int, *, taken: bool) -> None:
        got = Got(str(request.rel_url), dict(request.headers), body, time.monotonic(), status)
        self.tries.append(got)
        if taken:
            self.taken.append(got)
        self._changed.set()

    def _hang_up(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"x" * 1024)
                await asyncio.sleep(0.01)
        return response


@contextlib.asynccontextmanager
async def receiver(**given: Any) -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    there = Receiver(**given)
    await there.start()
    try:
        yield there
    finally:
        await there.stop()
