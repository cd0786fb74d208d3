"""The webhook channel before a receiver that keeps messages as its manual says it should."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from aiohttp import ClientSession, web

from bot.channels.webhook import WebhookChannel
from bot.domain.message import ChatRef
from bot.domain.people import Chat
from bot.domain.secret import Secret
from tests.support.rig import GATE, PIT, Shown

SECRET = "a-secret-of-the-webhook"
REPLAY_S = 300


class Keeper:
    """Somebody else's system: verifies, drops repeats by their id, keeps what messages say."""

    def __init__(self) -> None:
        self.messages: dict[str, Shown] = {}
        self.pings = 0
        self.faults: list[str] = []
        self.pictures = {picture.sha256: picture.jpeg for picture in (GATE, PIT)}
        self._known: set[str] = set()
        self._addresses: dict[str, str | None] = {}

    async def take(self, request: web.Request) -> web.Response:
        """POST /in"""
        body = await request.read()
        if not self._genuine(request, body):
            self.faults.append("a signature that does not hold")
            return web.Response(status=401)
        content = await request.json()
        if content["id"] != request.headers["X-Loudhailer-Id"]:
            self.faults.append("two ids")
        if content["type"] == "ping":
            self.pings += 1
        elif content["type"] == "edit" and content["message"] not in self.messages:
            return web.Response(status=410)
        elif content["id"] not in self._known:
            self._known.add(content["id"])
            self._keep(content)
        return web.Response(status=204)

    async def show(self, request: web.Request) -> web.Response:
        """GET /pictures/{sha}"""
        return web.Response(body=self.pictures[request.match_info["sha"]])

    def address(self, message_id: str) -> str | None:
        """Where the picture of a message lies."""
        return self._addresses.get(message_id)

    def _keep(self, content: dict[str, Any]) -> None:
        id, names = content["message"], content["mentions"]
        text = "\n".join([content["text"], *(f"@{name}" for name in names)])
        labels = tuple(action["label"] for action in content["actions"])
        if "picture" in content:
            self._addresses[id] = content["picture"]
        self.messages[id] = Shown(text, labels, None, content.get("reply_to"))

    def _genuine(self, request: web.Request, body: bytes) -> bool:
        sent_at = request.headers["X-Loudhailer-Time"]
        wanted = hmac.new(SECRET.encode(), f"{sent_at}.".encode() + body, hashlib.sha256)
        given = request.headers["X-Loudhailer-Signature"]
        fresh = abs(time.time() - int(sent_at)) < REPLAY_S
        return fresh and hmac.compare_digest(given, f"v1={wanted.hexdigest()}")


class WebhookRig:
    """See `tests.support.rig.Rig`; nobody speaks here."""

    def __init__(self, channel: WebhookChannel, keeper: Keeper) -> None:
        self.channel = channel
        self.keeper = keeper
        self.chat = ChatRef("webhook", "platform")
        self.person_id = "li"
        self.person_name = "李工"

    async def shown(self, message_id: str) -> Shown | None:
        """What the other system has, with the picture that it fetched."""
        found = self.keeper.messages.get(message_id)
        address = self.keeper.address(message_id)
        if found is None or address is None:
            return found
        async with ClientSession() as session, session.get(address) as answer:
            return replace(found, picture=await answer.read())

    async def count(self) -> int:
        """Messages that it keeps."""
        return len(self.keeper.messages)


@asynccontextmanager
async def webhook_rig() -> AsyncIterator[WebhookRig]:
    """A rig whose receiver fails the test on a signature that does not hold."""
    keeper, app = Keeper(), web.Application()
    app.router.add_post("/in", keeper.take)
    app.router.add_get("/pictures/{sha}", keeper.show)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    url, secret = Secret(f"{base}/in", listed=False), Secret(SECRET, listed=False)
    chat = Chat("webhook:platform", "webhook", "platform", url=url, secret=secret)
    channel = WebhookChannel(
        [chat], lambda: int(time.time() * 1000), lambda sha: f"{base}/pictures/{sha}"
    )
    try:
        yield WebhookRig(channel, keeper)
    finally:
        await channel.close()
        await runner.cleanup()
    assert keeper.faults == []
