"""The server's memory as Bot API JSON."""

from __future__ import annotations

from .model import Account, Chat, Json, Media, Message, Press

_INACCESSIBLE = 0


def user_json(account: Account) -> Json:
    """A `User`."""
    return _present(
        id=account.id,
        is_bot=account.is_bot,
        first_name=account.name,
        username=account.username,
        language_code=account.language_code,
    )


def chat_json(chat: Chat) -> Json:
    """A `Chat`."""
    if chat.owner:
        owner = chat.owner
        return _present(id=chat.id, type="private", first_name=owner.name, username=owner.username)
    return _present(
        id=chat.id, type=chat.kind, title=chat.title, is_forum=bool(chat.topics) or None
    )


def message_json(message: Message, *, nested: bool = False) -> Json:
    """A `Message`; a nested one carries no `reply_to_message` of its own, as the Bot API has it."""
    entities = "entities" if message.text is not None else "caption_entities"
    found = _present(
        message_id=message.id,
        date=int(message.accepted_at),
        chat=chat_json(message.chat),
        text=message.text,
        caption=message.caption or None,
        edit_date=int(message.edited_at) if message.edited_at else None,
        media_group_id=message.album,
    )
    found["from"] = user_json(message.sender)
    if message.entities:
        found[entities] = message.entities
    if message.media:
        found[message.media.kind] = _media_json(message.media)
    if message.keyboard:
        found["reply_markup"] = {"inline_keyboard": message.keyboard}
    if not nested:
        found |= _thread_json(message)
    return found | message.extra


def press_json(press: Press, *, inaccessible: bool = False) -> Json:
    """A `CallbackQuery`; its message may be too old for the bot to see, or missing."""
    found: Json = {
        "id": press.id,
        "from": user_json(press.user),
        "chat_instance": "-8000000000000000001",
        "data": press.data,
    }
    if press.message and inaccessible:
        found["message"] = {
            "chat": chat_json(press.message.chat),
            "message_id": press.message.id,
            "date": _INACCESSIBLE,
        }
    elif press.message:
        found["message"] = message_json(press.message)
    return found


def _thread_json(message: Message) -> Json:
    """Thread and reply, with two habits of Telegram that surprise bots.

    In a forum every message that answers nothing "replies" to the message that created its topic;
    in a plain supergroup replies carry a thread id although there are no topics.
    """
    found: Json = {}
    forum = bool(message.chat.topics)
    if message.topic is not None:
        found |= {"message_thread_id": message.topic, "is_topic_message": True}
    if message.reply_to:
        found["reply_to_message"] = message_json(message.reply_to, nested=True)
        if not forum and message.chat.kind == "supergroup":
            found["message_thread_id"] = message.reply_to.id
    elif forum and message.topic is not None:
        found["reply_to_message"] = {
            "message_id": message.topic,
            "date": int(message.accepted_at),
            "chat": chat_json(message.chat),
            "message_thread_id": message.topic,
            "is_topic_message": True,
            "forum_topic_created": {"name": f"topic {message.topic}", "icon_color": 7322096},
        }
    return found


def _media_json(media: Media) -> Json | list[Json]:
    if media.kind == "photo":
        return [
            _file_json(file.file_id, len(file.data)) | {"width": width, "height": height}
            for file, width, height in media.sizes
        ]
    found = _file_json(media.file.file_id, len(media.data))
    if media.mime:
        found["mime_type"] = media.mime
    if media.kind in ("voice", "audio", "video_note"):
        found["duration"] = media.duration
    if media.kind == "video_note":
        found["length"] = 240
    if media.name:
        found["file_name"] = media.name
    return found


def _file_json(file_id: str, size: int) -> Json:
    return {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": size}


def _present(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
