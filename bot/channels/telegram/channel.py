"""The core's side of Telegram; see `bot.ports.Channel`.

An edit or an answer to a press may be repeated without harm, so what is uncertain about them is
simply tried again; only a send can be `Uncertain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram import Bot
from aiogram.methods import AnswerCallbackQuery, DeleteWebhook, GetFile, TelegramMethod

from bot.channels.telegram import faults
from bot.channels.telegram.asking import Asking
from bot.channels.telegram.calls import (
    editing,
    sending,
    sent_id,
    showable,
)
from bot.channels.telegram.hook import Hook
from bot.channels.telegram.options import NAME, TelegramOptions
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.rendering import short
from bot.channels.telegram.session import Session
from bot.channels.telegram.warmth import Knock, Warmth
from bot.domain.error import PictureRefused, Rejected, RetryLater, Uncertain
from bot.domain.message import ChatRef, Media, Picture, Post, Sent
from bot.ports import ChannelHealth, Reception, Take

MAX_ANSWER = 200
DOWNLOAD_BYTES = 20 * 1024 * 1024


class TelegramChannel:
    """One bot, in any number of chats and topics."""

    name = NAME

    def __init__(self, options: TelegramOptions) -> None:
        self.capabilities = options.capabilities
        self._session = Session(options)
        self._bot = Bot(options.token.reveal(), session=self._session)
        self._asking = Asking(self._bot)
        self._reader = Reader(self._bot)
        self._hook = Hook(self._bot, self._reader.read, self._learn_name, options)
        self._poller = Poller(self._bot, self._reader.read, self._greet, options)
        self._warmth = Warmth(self._knocks(options), options.warm_every)
        self._receiver = self._hook if options.webhook_url else self._poller
        self._hook_url = options.hook_url if options.webhook_url else ""

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        """Post a message; `key` is of no use here, Telegram honours none.

        What Telegram refuses for the picture's or the topic's sake goes out without it, and
        `Sent.detail` says so: an alarm without its picture is better than none.
        """
        detail: dict[str, str] = {}
        if picture and not showable(picture):
            picture, detail["picture"] = None, "Telegram shows no picture of this size"
        while True:
            try:
                result = await self._bot(sending(chat, post, picture, reply_to))
            except Rejected as error:
                if picture and isinstance(error, PictureRefused):
                    picture, detail["picture"] = None, str(error)
                elif chat.topic and faults.says(error, *faults.THREAD_GONE):
                    chat, detail["topic"] = ChatRef(chat.channel, chat.id), str(error)
                else:
                    raise
            else:
                return Sent(sent_id(result), detail)

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        """Make a sent message say `post`, buttons included; "unchanged" is success.

        A picture that is to be added to words and is refused raises `PictureRefused`; one that
        was to replace another costs the picture alone.
        """
        shown = picture if picture and showable(picture) else None
        if picture and not has_picture:
            await self._add(chat, message_id, post, picture)
            return None
        *attempts, last = editing(chat, message_id, post, has_picture=has_picture, picture=shown)
        for call in attempts:
            try:
                return await self._edit(call)
            except Rejected as error:
                wrong_kind = faults.says(error, *faults.WRONG_KIND)
                if not wrong_kind and not isinstance(error, PictureRefused):
                    raise
        return await self._edit(last)

    async def _add(self, chat: ChatRef, message_id: str, post: Post, picture: Picture) -> None:
        if not showable(picture):
            raise PictureRefused("Telegram shows no picture of this size")
        call, *_ = editing(chat, message_id, post, has_picture=False, picture=picture)
        await self._edit(call)

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a button press; too late is success, there is nobody left to answer."""
        answer = AnswerCallbackQuery(
            callback_query_id=press_id, text=short(text, MAX_ANSWER), show_alert=alert
        )
        try:
            await self._repeatable(answer)
        except Rejected as error:
            if not faults.says(error, *faults.QUERY_OVER):
                raise

    async def fetch(self, media: Media, limit: int) -> bytes:
        """The bytes of what came with a message, at most `limit` of them."""
        limit = min(limit, DOWNLOAD_BYTES)
        if media.size is not None and media.size > limit:
            raise Rejected(f"the file has {media.size} bytes, over the limit of {limit}")
        found = await self._repeatable(GetFile(file_id=media.ref))
        path = found["file_path"] if isinstance(found, dict) else found.file_path
        if not path:
            raise RetryLater("Telegram has not got the file ready")
        return await self._session.download(self._bot, path, limit)

    async def receive(self, take: Take) -> None:
        """Receive until cancelled; an update is acknowledged only after `take` has returned."""
        async with self._warmth.kept():
            await self._receiver.run(take)

    async def push(self, update: dict[str, Any]) -> None:
        """Take in an update that Telegram has posted; raises `Unavailable`."""
        await self._hook.push(update)

    @property
    def reception(self) -> Reception:
        """How the polling goes, and what Telegram's answers say of our clock."""
        return Reception(self._receiver.cause, self._receiver.fault, self._session.ahead_ms)

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        """Probe the bot and its chats, without posting anything."""
        fault = self._receiver.fault
        return await self._asking.health(chats, fault, language, self._hook_url)

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()

    def _knocks(self, options: TelegramOptions) -> list[Knock]:
        pictures = options.warm_for_pictures if options.compact else 0
        words = [self._asking.username] * options.warm_connections
        return [*words, *[self._asking.knock_for_pictures] * pictures]

    async def _edit(self, call: TelegramMethod[Any]) -> None:
        try:
            await self._repeatable(call)
        except Rejected as error:
            if not faults.says(error, faults.NOT_MODIFIED):
                raise

    async def _repeatable(self, call: TelegramMethod[Any]) -> Any:
        try:
            return await self._bot(call)
        except Uncertain as error:
            raise RetryLater(str(error)) from None

    async def _greet(self) -> None:
        """Learn our own name, and end a webhook, which would keep polling from working."""
        await self._learn_name()
        await self._bot(DeleteWebhook(drop_pending_updates=False))

    async def _learn_name(self) -> None:
        self._reader.username = await self._asking.username()
