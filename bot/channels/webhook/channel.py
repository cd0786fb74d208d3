"""A receiver of webhooks as a channel; see `bot.ports.Channel`.

Whoever receives keeps messages by their id: a card is the message `case-12`, and every change of
its case says anew what it shows.  Nobody speaks here: states come back by the API of commands,
which knows who acts.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bot.channels.posting import Postman
from bot.channels.webhook.signing import signed
from bot.channels.webhook.wire import MAX_TEXT, Json, encode, message
from bot.domain.error import CopyGone, DeliveryError, Rejected
from bot.domain.message import Capabilities, ChatRef, Media, Picture, Post, Sent
from bot.domain.people import Chat
from bot.domain.secret import Secret
from bot.ports import ChannelHealth, Clock, Take
from bot.texts.doctor import said

NAME = "webhook"
CAPABILITIES = Capabilities(
    has_idempotency_key=True,
    max_text=MAX_TEXT,
    max_caption=MAX_TEXT,
    messages_per_minute=0,
    one_receiver=False,
)

Link = Callable[[str], str]
"""The address of a picture by its SHA-256, good for some days."""


class WebhookChannel:
    """Every configured receiver; `limits` are the postman's.

    Raises `BadInput` for a proxy that cannot be used.
    """

    name = NAME
    capabilities = CAPABILITIES

    def __init__(
        self,
        chats: Iterable[Chat],
        clock: Clock,
        link: Link,
        proxy: Secret | None = None,
        **limits: float,
    ) -> None:
        self._chats = {chat.id: chat for chat in chats if chat.channel == NAME}
        self._clock = clock
        self._link = link
        self._postman = Postman(proxy, **limits)

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        """Post it under `key`: however often it arrives, it is one message."""
        id = str(post.fields.get("message", key))
        content = message(key, "message", id, post)
        content |= {"reply_to": reply_to, "picture": self._address(picture)}
        try:
            await self._post(chat, content)
        except CopyGone as error:  # 410: of a message that is new that is a plain refusal
            raise Rejected(str(error)) from None
        return Sent(id)

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        """What the message says from now on; without a picture in it, it keeps the one it has."""
        content = message("", "edit", message_id, post)
        content |= {"picture": self._address(picture)} if picture else {}
        if not content["id"]:  # the same words need no second id
            content["id"] = hashlib.sha256(encode(content)).hexdigest()[:32]
        await self._post(chat, content)

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        """Nothing is pressed here."""

    async def fetch(self, media: Media, limit: int) -> bytes:
        """Nothing comes with a message here."""
        raise Rejected("a webhook brings no files")

    async def receive(self, take: Take) -> None:
        """Nothing is received here."""
        await asyncio.Event().wait()

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        """A signed ping for each receiver, which answers it 2xx and does nothing else."""
        results = await asyncio.gather(*(self._ping(chat, language) for chat in chats))
        faults = tuple(fault for fault in results if fault)
        return ChannelHealth(not faults, NAME, faults)

    async def close(self) -> None:
        """Let go of connections."""
        await self._postman.close()

    async def _ping(self, chat: ChatRef, language: str) -> str:
        try:
            await self._post(chat, {"id": f"ping-{self._clock()}", "type": "ping"})
        except DeliveryError as error:
            return said("webhook.refused", language, reason=error)
        return ""

    async def _post(self, chat: ChatRef, content: Json) -> None:
        found = self._chats.get(chat.id)
        if found is None or found.url is None or found.secret is None:
            raise Rejected("the site file has no such webhook")
        content = content | {"chat": chat.id, "language": found.language}
        body = encode(content)
        headers = signed(found.secret, body, str(content["id"]), self._clock())
        await self._postman.post(found.url, body, headers)

    def _address(self, picture: Picture | None) -> Any:
        return self._link(picture.sha256) if picture else None
