"""Questions about the bot and its chats: who are we, and can we work there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.methods import GetMe, TelegramMethod

from bot.channels.telegram.faults import UNKNOWN_BOT
from bot.channels.telegram.session import KnockForPictures
from bot.domain.error import ChatMoved, DeliveryError, Rejected
from bot.domain.message import ChatRef
from bot.ports import ChannelHealth
from bot.texts.doctor import said

_ABSENT = ("left", "kicked")


class _GetChat(TelegramMethod[dict[str, Any]]):
    """getChat as plain JSON: its model changes with every version of the Bot API."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChat"

    chat_id: int | str


class _GetChatMember(TelegramMethod[dict[str, Any]]):
    """getChatMember as plain JSON, for the same reason."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChatMember"

    chat_id: int | str
    user_id: int


class GetWebhookInfo(TelegramMethod[dict[str, Any]]):
    """getWebhookInfo as plain JSON, for the same reason."""

    __returning__ = dict[str, Any]
    __api_method__ = "getWebhookInfo"


class Asking:
    """Asks without posting anything; raises `DeliveryError`s."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def username(self) -> str:
        """The bot's own name, without @."""
        return (await self._bot(GetMe())).username or ""

    async def knock_for_pictures(self) -> None:
        """Have a connection for pictures answer."""
        await self._bot(KnockForPictures())

    async def posting_fault(self, url: str) -> str:
        """Why updates wait that Telegram could not post to our address; "" if none do."""
        info = await self._bot(GetWebhookInfo())
        waits = info.get("url") == url and info.get("pending_update_count", 0)
        return str(info.get("last_error_message", "")) if waits else ""

    async def _other_hook(self, ours: str) -> str:
        """The host that updates are posted to instead of coming to us; "" if there is none."""
        url = str((await self._bot(GetWebhookInfo())).get("url", ""))
        return (urlsplit(url).hostname or "?") if url and url != ours else ""

    async def health(
        self, chats: Sequence[ChatRef], receiving: str, language: str, hook_url: str = ""
    ) -> ChannelHealth:
        """One repair sentence per fault; `receiving` is the fault of the receiving, if any."""
        faults = [receiving] if receiving else []
        deaf = [*faults]
        try:
            me = await self._bot(GetMe())
            if hook_url and (why := await self.posting_fault(hook_url)):
                faults.append(said("telegram.hook", language, reason=why))
            if not chats and (other := await self._other_hook(hook_url)):
                key = "telegram.webhook_other" if hook_url else "telegram.webhook_set"
                faults.append(said(key, language, reason=other))
        except DeliveryError as error:
            return ChannelHealth(False, faults=(*faults, _away(error, language)))
        name, hears_all = f"@{me.username}", bool(me.can_read_all_group_messages)
        for chat in chats:
            try:
                key = await self._chat_fault(chat, hears_all)
            except DeliveryError as error:
                faults.append(_refused(chat, name, error, language))
            else:
                told = [said(key, language, chat=chat.id, name=name)] if key else []
                faults += told
                deaf += told if key == "telegram.privacy" else []
        detail = {"hears_all": hears_all, "deaf": tuple(deaf)}
        return ChannelHealth(not faults, name, tuple(faults), detail)

    async def _chat_fault(self, chat: ChatRef, hears_all: bool) -> str:
        """The key of what is wrong there, or nothing."""
        await self._bot(_GetChat(chat_id=chat.id))
        if chat.private:
            return ""
        member = await self._bot(_GetChatMember(chat_id=chat.id, user_id=self._bot.id))
        if member["status"] in _ABSENT:
            return "telegram.invite"
        if member.get("can_send_messages") is False:
            return "telegram.mute"
        if not hears_all and member["status"] != "administrator":
            return "telegram.privacy"
        return ""


def _refused(chat: ChatRef, name: str, error: DeliveryError, language: str) -> str:
    if isinstance(error, ChatMoved):
        return said("telegram.moved", language, chat=chat.id, new_chat=error.new_chat)
    if isinstance(error, Rejected):
        key = "telegram.start" if chat.private else "telegram.invite"
        return said(key, language, chat=chat.id, name=name)
    return _away(error, language)


def _away(error: DeliveryError, language: str) -> str:
    if str(error) == UNKNOWN_BOT:
        return said("telegram.token", language)
    return said("telegram.away", language, reason=error)
