"""Questions about the bot and its chats: who are we, and can we work there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram import Bot
from aiogram.methods import GetMe, TelegramMethod

from bot.domain.error import ChatMoved, DeliveryError, Rejected
from bot.domain.message import ChatRef
from bot.ports import ChannelHealth

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


class Asking:
    """Asks without posting anything; raises `DeliveryError`s."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def username(self) -> str:
        """The bot's own name, without @."""
        return (await self._bot(GetMe())).username or ""

    async def health(self, chats: Sequence[ChatRef], receiving: str) -> ChannelHealth:
        """One repair sentence per fault; `receiving` is the fault of the polling, if any."""
        faults = [receiving] if receiving else []
        try:
            me = await self._bot(GetMe())
        except DeliveryError as error:
            return ChannelHealth(False, faults=(*faults, str(error)))
        hears_all = bool(me.can_read_all_group_messages)
        for chat in chats:
            try:
                faults += await self._chat_faults(chat, me.username or "", hears_all)
            except DeliveryError as error:
                faults.append(_refused(chat, me.username or "", error))
        detail = {"hears_all": hears_all}
        return ChannelHealth(not faults, f"@{me.username}", tuple(faults), detail)

    async def _chat_faults(self, chat: ChatRef, name: str, hears_all: bool) -> list[str]:
        await self._bot(_GetChat(chat_id=chat.id))
        if chat.private:
            return []
        member = await self._bot(_GetChatMember(chat_id=chat.id, user_id=self._bot.id))
        if member["status"] in _ABSENT:
            return [_invite(chat, name)]
        if member.get("can_send_messages") is False:
            return [f"chat {chat.id}: @{name} may not write there: give it the right to"]
        if not hears_all and member["status"] != "administrator":
            return [
                f"chat {chat.id}: @{name} sees only commands, mentions and replies to it: turn "
                "its privacy mode off (@BotFather, /setprivacy) and invite it again, or make it "
                "an administrator"
            ]
        return []


def _refused(chat: ChatRef, name: str, error: DeliveryError) -> str:
    if isinstance(error, ChatMoved):
        return f"chat {chat.id} is now {error.new_chat}: write the new id into the site file"
    if isinstance(error, Rejected) and chat.private:
        return f"chat {chat.id}: the person must open @{name} and press Start ({error})"
    if isinstance(error, Rejected):
        return f"{_invite(chat, name)} ({error})"
    return f"chat {chat.id}: {error}"


def _invite(chat: ChatRef, name: str) -> str:
    return f"chat {chat.id}: @{name} is not in it: invite it, and check the id"
