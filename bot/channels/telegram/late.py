"""Telegram while aiogram is still being loaded, which takes seconds.

A service that comes up again must take reports at once, and no alarm may wait in a call that a
crash could meanwhile cut off: until the channel is there, whatever is to be sent is told to come
back a moment later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from bot.channels.telegram.options import NAME
from bot.domain.error import NotReady, Unavailable
from bot.domain.message import Capabilities, ChatRef, Media, Picture, Post, Sent
from bot.ports import Channel, ChannelHealth, Receiving, Reception, Take

log = logging.getLogger(__name__)

_COME_BACK_S = 1.0


class PostedChannel(Channel, Protocol):
    """A channel that updates can also be posted to."""

    async def push(self, update: dict[str, Any]) -> None:
        """Store it; raises `Unavailable` where it must be posted again."""
        ...


class LateChannel:
    """See `bot.ports.Channel`; `build` makes the real one, begun with the first use."""

    name = NAME

    def __init__(
        self, build: Callable[[], Awaitable[PostedChannel]], capabilities: Capabilities
    ) -> None:
        self.capabilities = capabilities
        self._build = build
        self._opening: asyncio.Future[PostedChannel] | None = None

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        channel = self._there()
        return await channel.send(chat, post, key=key, picture=picture, reply_to=reply_to)

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        channel = self._there()
        await channel.edit(chat, message_id, post, has_picture=has_picture, picture=picture)

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        await self._there().answer_press(press_id, text, alert=alert)

    async def fetch(self, media: Media, limit: int) -> bytes:
        return await self._there().fetch(media, limit)

    async def receive(self, take: Take) -> None:
        await (await self._opened()).receive(take)

    @property
    def reception(self) -> Reception:
        """That of the real channel; while it is being opened nothing is known to be wrong."""
        opening = self._opening
        if opening is None or not opening.done() or opening.cancelled() or opening.exception():
            return Reception()
        channel = opening.result()
        return channel.reception if isinstance(channel, Receiving) else Reception()

    async def push(self, update: dict[str, Any]) -> None:
        try:
            channel = self._there()
        except NotReady as error:
            raise Unavailable(str(error), _COME_BACK_S) from None
        await channel.push(update)

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        return await (await self._opened()).check(chats, language)

    async def close(self) -> None:
        """Let go of connections, if there are any by now."""
        if self._opening is not None:
            (channel,) = await asyncio.gather(self._opening, return_exceptions=True)
            if not isinstance(channel, BaseException):
                await channel.close()

    def _there(self) -> PostedChannel:
        opening = self._start()
        if not opening.done():
            raise NotReady("Telegram is still being opened", _COME_BACK_S)
        return opening.result()

    async def _opened(self) -> PostedChannel:
        return await asyncio.shield(self._start())

    def begin(self) -> None:
        """Load it now, although nobody has asked for it yet."""
        self._start()

    def _start(self) -> asyncio.Future[PostedChannel]:
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._build())
        return self._opening
