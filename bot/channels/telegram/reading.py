"""What Telegram tells, as `Incoming`: a router whose handlers return, and never act.

An edited message, a forwarded one, one sent through or by another bot is no command of a person.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import (
    CallbackQuery,
    Chat,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    Update,
    User,
    VideoNote,
)
from pydantic import ValidationError

from bot.channels.telegram.options import NAME
from bot.domain.message import ChatRef, Incoming, IncomingKind, Media, Sender

log = logging.getLogger(__name__)


class Reader:
    """Turns raw updates, one by one, into what a person did; None where nobody did anything."""

    def __init__(self, bot: Bot) -> None:
        self.username = ""
        self._bot = bot
        self._dispatcher = Dispatcher(disable_fsm=True)
        self._dispatcher.include_router(build_router())

    async def read(self, raw: dict[str, Any]) -> Incoming | None:
        """Update -> Incoming; what cannot be understood is passed over, and the log says so."""
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
        except ValidationError as error:
            places = [".".join(map(str, found["loc"])) for found in error.errors()]
            log.warning("update %s has an unknown shape at %s", raw.get("update_id"), places[:5])
            return None
        if not (update.message or update.callback_query or update.my_chat_member):
            return None  # not asked for, or of a kind that aiogram would warn about
        found = await self._dispatcher.feed_update(self._bot, update, username=self.username)
        return found if isinstance(found, Incoming) else None


def build_router() -> Router:
    """A fresh router; the first handler whose filter fits decides."""
    router = Router(name=NAME)
    router.message.register(_moved, F.migrate_to_chat_id)
    router.message.register(_moved_here, F.migrate_from_chat_id)
    router.message.register(_ignored, F.from_user.is_bot, ~F.sender_chat)
    router.message.register(_not_own_words, F.forward_origin | F.via_bot)
    router.message.register(_photo, F.photo)
    router.message.register(_sound, F.voice | F.audio | F.video_note)
    router.message.register(_file, F.document)
    router.message.register(_text, F.text)
    router.callback_query.register(_press)
    router.my_chat_member.register(_membership)
    return router


async def _ignored(message: Message) -> None:
    """Other bots are nobody."""


async def _moved(message: Message, username: str) -> Incoming:
    moved = _incoming(message, username, "moved")
    return replace(moved, new_chat=str(message.migrate_to_chat_id))


async def _moved_here(message: Message, username: str) -> Incoming:
    """The same, told in the new chat: what is said there comes after it."""
    moved = _incoming(message, username, "moved")
    return replace(moved, old_chat=str(message.migrate_from_chat_id))


async def _membership(changed: ChatMemberUpdated, username: str) -> Incoming:
    """We were let in or out, made an administrator, muted, blocked by a person, or unblocked."""
    now, at = changed.new_chat_member, int(changed.date.timestamp())
    muted = isinstance(now, ChatMemberRestricted) and not (now.is_member and now.can_send_messages)
    away = muted or now.status in (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
    kind: IncomingKind = "left" if away else "joined"
    return Incoming(
        channel=NAME,
        platform_id=f"member:{changed.chat.id}:{at}:{now.status}",
        chat=_chat(changed.chat),
        sender=_person(changed.from_user),
        kind=kind,
        data="muted" if muted else now.status,
        bot=username or None,
        sent_at=at * 1000,
        title=changed.chat.title or "",
    )


async def _not_own_words(message: Message, username: str) -> Incoming:
    return _incoming(message, username, "other")


async def _text(message: Message, username: str) -> Incoming:
    return _incoming(message, username, "text", _words(message))


async def _photo(message: Message, username: str) -> Incoming:
    assert message.photo
    largest = max(message.photo, key=lambda size: size.width * size.height)
    media = Media("photo", largest.file_id, size=largest.file_size, mime="image/jpeg")
    return _incoming(message, username, "photo", _words(message), media)


async def _file(message: Message, username: str) -> Incoming:
    """Files; a picture sent as a file is a picture, a sound a sound."""
    assert message.document
    document = message.document
    mime = document.mime_type or ""
    if mime.startswith("audio/"):
        media = Media("audio", document.file_id, document.file_size, mime=mime)
        return _incoming(message, username, "voice", _words(message), media)
    media = Media("document", document.file_id, document.file_size, mime=document.mime_type)
    is_picture = mime.startswith("image/")
    return _incoming(message, username, "photo" if is_picture else "other", _words(message), media)


async def _sound(message: Message, username: str) -> Incoming:
    """A voice note, an audio file, or the round video that some prefer: its sound."""
    sound = message.voice or message.audio or message.video_note
    assert sound
    mime = "video/mp4" if isinstance(sound, VideoNote) else sound.mime_type
    seconds = float(sound.duration)
    kind = "voice" if message.voice else "audio"
    media = Media(kind, sound.file_id, sound.file_size, seconds, mime)
    return _incoming(message, username, "voice", _words(message), media)


async def _press(press: CallbackQuery, username: str) -> Incoming:
    """A press; without its message (too old for Telegram) only the presser is known."""
    message, person = press.message, press.from_user
    chat, shown = ChatRef(NAME, str(person.id), private=True), ""
    if isinstance(message, Message):
        chat, shown = _chat(message.chat, _topic(message)), _words(message)
    elif message is not None:
        chat = _chat(message.chat)
    return Incoming(
        channel=NAME,
        platform_id=f"callback:{press.id}",
        chat=chat,
        sender=_person(person),
        kind="press",
        data=press.data or "",
        reply_to=str(message.message_id) if message else None,
        reply_to_own=message is not None,  # buttons come back only from messages of ours
        reply_text=shown,
        bot=username or None,
        press_id=press.id,
    )


def _incoming(
    message: Message, username: str, kind: IncomingKind, text: str = "", *media: Media
) -> Incoming:
    replied = _replied(message)
    return Incoming(
        channel=NAME,
        platform_id=f"message:{message.chat.id}:{message.message_id}",
        chat=_chat(message.chat, _topic(message)),
        sender=_sender(message),
        kind=kind,
        text=text,
        message_id=str(message.message_id),
        reply_to=str(replied.message_id) if replied else None,
        reply_to_own=_is_ours(replied),
        reply_text=_words(replied) if replied else "",
        reply_data=_first_data(replied) if _is_ours(replied) else "",
        bot=username or None,
        media=media,
        album=message.media_group_id,
        sent_at=int(message.date.timestamp() * 1000),
        title=message.chat.title or "",
    )


def _is_ours(message: Message | None) -> bool:
    if message is None or message.from_user is None or message.bot is None:
        return False
    return message.from_user.id == message.bot.id


def _first_data(message: Message | None) -> str:
    rows = message.reply_markup.inline_keyboard if message and message.reply_markup else []
    return next((button.callback_data or "" for row in rows for button in row), "")


def _words(message: Message) -> str:
    return message.text or message.caption or ""


def _replied(message: Message) -> Message | None:
    """What was replied to; in a forum every message "replies" to the one that opened its topic."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created else replied


def _topic(message: Message) -> str | None:
    """The forum topic; outside forums a thread id only says that it is a reply."""
    return str(message.message_thread_id) if message.is_topic_message else None


def _chat(chat: Chat, topic: str | None = None) -> ChatRef:
    return ChatRef(NAME, str(chat.id), topic, private=chat.type == "private")


def _sender(message: Message) -> Sender:
    """The person, or the group or channel that somebody hides behind."""
    if message.sender_chat:
        mask = message.sender_chat
        return Sender(str(mask.id), mask.title or "", anonymous=True)
    if message.from_user is None:
        return Sender("", anonymous=True)
    return _person(message.from_user)


def _person(user: User) -> Sender:
    return Sender(str(user.id), user.full_name, user.username, user.language_code)
