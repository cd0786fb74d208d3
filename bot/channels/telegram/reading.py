"""What Telegram tells, as `Incoming`: a router whose handlers return, and never act.

An edited message, a forwarded one, one sent through or by another bot is no command of a person;
neither is a command that names another bot.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.types import CallbackQuery, Chat, Message, Update, User
from pydantic import ValidationError

from bot.domain.message import ChatRef, Incoming, IncomingKind, Media, Sender

log = logging.getLogger(__name__)

NAME = "telegram"
_COMMAND = re.compile(r"(/\w+)@(\w+)(?=\s|$)")


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
        found = await self._dispatcher.feed_update(self._bot, update, username=self.username)
        return found if isinstance(found, Incoming) else None


def build_router() -> Router:
    """A fresh router; the first handler whose filter fits decides."""
    router = Router(name=NAME)
    router.message.register(_moved, F.migrate_to_chat_id)
    router.message.register(_ignored, F.from_user.is_bot, ~F.sender_chat)
    router.message.register(_not_own_words, F.forward_origin | F.via_bot)
    router.message.register(_photo, F.photo)
    router.message.register(_file, F.document | F.audio)
    router.message.register(_voice, F.voice)
    router.message.register(_text, F.text)
    router.callback_query.register(_press)
    return router


async def _ignored(message: Message) -> None:
    """Other bots are nobody."""


async def _moved(message: Message) -> Incoming:
    return _incoming(message, "moved", new_chat=str(message.migrate_to_chat_id))


async def _not_own_words(message: Message) -> Incoming:
    return _incoming(message, "other")


async def _text(message: Message, username: str) -> Incoming | None:
    return _spoken(message, "text", username)


async def _photo(message: Message, username: str) -> Incoming | None:
    assert message.photo
    largest = max(message.photo, key=lambda size: size.width * size.height)
    media = Media("photo", largest.file_id, size=largest.file_size, mime="image/jpeg")
    return _spoken(message, "photo", username, media)


async def _file(message: Message, username: str) -> Incoming | None:
    """Files; a picture sent as a file is a picture."""
    if message.audio:
        audio = message.audio
        seconds = float(audio.duration)
        media = Media("audio", audio.file_id, audio.file_size, seconds, audio.mime_type)
        return _spoken(message, "other", username, media)
    assert message.document
    document = message.document
    media = Media("document", document.file_id, document.file_size, mime=document.mime_type)
    is_picture = (document.mime_type or "").startswith("image/")
    return _spoken(message, "photo" if is_picture else "other", username, media)


async def _voice(message: Message, username: str) -> Incoming | None:
    assert message.voice
    voice = message.voice
    seconds = float(voice.duration)
    media = Media("voice", voice.file_id, voice.file_size, seconds, voice.mime_type)
    return _spoken(message, "voice", username, media)


async def _press(press: CallbackQuery) -> Incoming:
    """A press; without its message (too old for Telegram) only the presser is known."""
    message = press.message
    person = press.from_user
    chat, shown = ChatRef(NAME, str(person.id), private=True), ""
    if message is not None:
        chat = _chat(message.chat)
    if isinstance(message, Message):
        chat, shown = _chat(message.chat, _topic(message)), _words(message)
    message_id = str(message.message_id) if message else None
    return Incoming(
        channel=NAME,
        platform_id=f"callback:{press.id}",
        chat=chat,
        sender=_person(person),
        kind="press",
        data=press.data or "",
        reply_to=message_id,
        reply_text=shown,
        press_id=press.id,
    )


def _spoken(message: Message, kind: IncomingKind, username: str, *media: Media) -> Incoming | None:
    """A person's own message; None where it addresses another bot."""
    text = _addressed(_words(message), username)
    return None if text is None else _incoming(message, kind, text=text, media=media)


def _incoming(
    message: Message,
    kind: IncomingKind,
    *,
    text: str = "",
    media: tuple[Media, ...] = (),
    new_chat: str | None = None,
) -> Incoming:
    replied = _replied(message)
    ours = replied and replied.from_user and message.bot and replied.from_user.id == message.bot.id
    return Incoming(
        channel=NAME,
        platform_id=f"message:{message.chat.id}:{message.message_id}",
        chat=_chat(message.chat, _topic(message)),
        sender=_sender(message),
        kind=kind,
        text=text,
        message_id=str(message.message_id),
        reply_to=str(replied.message_id) if replied else None,
        # only our own words may be taken for a card of ours
        reply_text=_words(replied) if replied and ours else "",
        media=media,
        album=message.media_group_id,
        sent_at=int(message.date.timestamp() * 1000),
        new_chat=new_chat,
    )


def _words(message: Message) -> str:
    return message.text or message.caption or ""


def _addressed(text: str, username: str) -> str | None:
    """The text without our own name at its start; None for a command to another bot."""
    if command := _COMMAND.match(text):
        if command[2].lower() != username.lower():
            return None
        return command[1] + text[command.end() :]
    called = f"@{username} "
    if username and text.lower().startswith(called.lower()):
        return text[len(called) :].lstrip()
    return text


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
