"""The Bot API calls that post and change messages, built from what the core wants."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ParseMode
from aiogram.methods import (
    EditMessageCaption,
    EditMessageMedia,
    EditMessageText,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)

from bot.channels.telegram.options import CALLBACK_BYTES, MAX_CAPTION, MAX_TEXT
from bot.channels.telegram.rendering import render
from bot.domain.error import CopyGone, Rejected
from bot.domain.message import Button, ChatRef, Picture, Post

PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20

_GENERAL_TOPIC = "1"
"""Every forum has it, and it must not be named when sending."""


def sending(
    chat: ChatRef, post: Post, picture: Picture | None, reply_to: str | None
) -> TelegramMethod[Message]:
    """The call that posts `post`, as a photo with caption where there is a picture."""
    common: dict[str, Any] = {
        "chat_id": _chat_id(chat),
        "message_thread_id": _thread(chat),
        "parse_mode": ParseMode.HTML,
        "reply_markup": _keyboard(post) if post.buttons else None,
        "disable_notification": post.silent,
        "reply_parameters": _reply(reply_to),
    }
    if picture:
        return SendPhoto(photo=_file(picture), caption=render(post, MAX_CAPTION), **common)
    return SendMessage(text=render(post, MAX_TEXT), link_preview_options=_no_preview(), **common)


def editing(
    chat: ChatRef, message_id: str, post: Post, *, has_picture: bool, picture: Picture | None
) -> list[TelegramMethod[Any]]:
    """The calls to be tried in turn: a photo's words are its caption, and a send may have lost
    its picture. All of them carry the buttons, which an edit without them would take away."""
    common: dict[str, Any] = {
        "chat_id": _chat_id(chat),
        "message_id": _message_id(message_id),
        "reply_markup": _keyboard(post),
    }
    caption = render(post, MAX_CAPTION)
    captioned = EditMessageCaption(caption=caption, parse_mode=ParseMode.HTML, **common)
    text = EditMessageText(
        text=render(post, MAX_TEXT),
        link_preview_options=_no_preview(),
        parse_mode=ParseMode.HTML,
        **common,
    )
    if picture:
        media = InputMediaPhoto(media=_file(picture), caption=caption, parse_mode=ParseMode.HTML)
        return [EditMessageMedia(media=media, **common), captioned, text]
    return [captioned, text] if has_picture else [text, captioned]


def showable(picture: Picture) -> bool:
    """Whether Telegram takes it as a photo: 10 MB, width + height <= 10,000, at most 20 : 1."""
    long, narrow = max(picture.width, picture.height), min(picture.width, picture.height)
    return (
        len(picture.jpeg) <= PHOTO_BYTES
        and long + narrow <= PHOTO_SIDES
        and (narrow == 0 or long <= PHOTO_RATIO * narrow)  # 0: the size is not known
    )


def sent_id(result: Any) -> str:
    """The id of a sent message, also where the rest of the answer was beyond aiogram."""
    return str(result["message_id"] if isinstance(result, dict) else result.message_id)


def _chat_id(chat: ChatRef) -> int | str:
    if chat.id.lstrip("-").isdecimal():
        return int(chat.id)
    if chat.id.startswith("@"):
        return chat.id
    raise Rejected(f"{chat.id!r} is no Telegram chat: a number or @name is wanted")


def _thread(chat: ChatRef) -> int | None:
    if chat.topic is None or chat.topic == _GENERAL_TOPIC:
        return None
    if not chat.topic.isdecimal():
        raise Rejected(f"{chat.topic!r} is no Telegram topic: a number is wanted")
    return int(chat.topic)


def _message_id(message_id: str) -> int:
    if not message_id.isdecimal():
        raise CopyGone(f"{message_id!r} is no Telegram message")
    return int(message_id)


def _reply(message_id: str | None) -> ReplyParameters | None:
    """Replies to what is gone are sent all the same."""
    if message_id is None or not message_id.isdecimal():
        return None
    return ReplyParameters(message_id=int(message_id), allow_sending_without_reply=True)


def _keyboard(post: Post) -> InlineKeyboardMarkup:
    rows = [[_button(button) for button in row] for row in post.buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def _button(button: Button) -> InlineKeyboardButton:
    size = len(button.data.encode())
    if not 1 <= size <= CALLBACK_BYTES:
        raise Rejected(f"button {button.label!r} carries {size} bytes, 1-{CALLBACK_BYTES} fit")
    return InlineKeyboardButton(text=button.label, callback_data=button.data)


def _file(picture: Picture) -> BufferedInputFile:
    return BufferedInputFile(picture.jpeg, f"{picture.sha256[:16] or 'picture'}.jpg")


def _no_preview() -> LinkPreviewOptions:
    return LinkPreviewOptions(is_disabled=True)
