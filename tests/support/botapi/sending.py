"""The send methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import Violation, bad_request
from .formatting import read_caption, read_keyboard, read_text
from .images import picture_size
from .model import Chat, Json, Media, Message
from .world import World

PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    filename: str
    mime: str
    data: bytes


Files = dict[str, Upload]


def send_message(world: World, params: Json, files: Files) -> Message:
    """sendMessage."""
    text, entities = read_text(world, params)
    return _send(world, params, text=text, entities=entities)


def send_photo(world: World, params: Json, files: Files) -> Message:
    """sendPhoto."""
    caption, entities = read_caption(world, params)
    media = read_photo(world, params["photo"], files)
    require_photos(world.reach(params["chat_id"]))
    return _send(world, params, caption=caption, entities=entities, media=media)


def require_photos(chat: Chat) -> None:
    """Refuses where a group lets its members, or the bot, send no photos."""
    if not chat.bot_may_send_photos:
        raise bad_request("not enough rights to send photos to the chat")


def send_media_group(world: World, params: Json, files: Files) -> list[Message]:
    """sendMediaGroup: photos only; every one of them counts against the flood limit."""
    items = [(item, *read_caption(world, item)) for item in params["media"]]
    media = [read_input_media(world, item, files) for item, _, _ in items]
    chat = _admit(world, params, len(items))
    album = f"album-{world.number()}"
    return [
        world.store(
            _message(world, chat, params, caption=text, entities=found, media=one, album=album)
        )
        for (_, text, found), one in zip(items, media, strict=True)
    ]


def send_voice(world: World, params: Json, files: Files) -> Message:
    """sendVoice."""
    return _send_file(world, params, files, "voice")


def send_audio(world: World, params: Json, files: Files) -> Message:
    """sendAudio."""
    return _send_file(world, params, files, "audio")


def send_document(world: World, params: Json, files: Files) -> Message:
    """sendDocument."""
    return _send_file(world, params, files, "document")


def read_photo(world: World, given: str, files: Files) -> Media:
    """A new or known photo; refuses what Telegram cannot show."""
    if not given.startswith("attach://"):
        return _known(world, given)
    data = files[given.removeprefix("attach://")].data
    if len(data) > PHOTO_BYTES:
        raise Violation(
            f"file of size {len(data)} bytes is too big for a photo; "
            f"the maximum size is {PHOTO_BYTES} bytes"
        )
    size = picture_size(data)
    if size is None:
        raise Violation("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > PHOTO_SIDES or max(size) > PHOTO_RATIO * min(size):
        raise Violation(f"PHOTO_INVALID_DIMENSIONS: {width}x{height}")
    return world.photo(data)


def read_input_media(world: World, item: Json, files: Files) -> Media:
    """An `InputMedia`; only photos are kept."""
    if item["type"] != "photo":
        raise Violation(f"this server keeps photos, not {item['type']}")
    return read_photo(world, item["media"], files)


def _known(world: World, file_id: str) -> Media:
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    width, height = picture_size(file.data) or (0, 0)
    return Media("photo", file, width, height, sizes=((file, width, height),))


def _send_file(world: World, params: Json, files: Files, kind: str) -> Message:
    caption, entities = read_caption(world, params)
    given: str = params[kind]
    if given.startswith("attach://"):
        upload = files[given.removeprefix("attach://")]
        file = world.keep_file(f"{kind}s", upload.data, ".bin")
        media = Media(kind, file, mime=upload.mime, name=upload.filename)
    else:
        media = Media(kind, _known(world, given).file)
    return _send(world, params, caption=caption, entities=entities, media=media)


def _send(world: World, params: Json, **content: Any) -> Message:
    keyboard = read_keyboard(params)
    chat = _admit(world, params, 1)
    return world.store(_message(world, chat, params, keyboard=keyboard, **content))


def _admit(world: World, params: Json, count: int) -> Chat:
    chat = world.reach(params["chat_id"])
    if not chat.bot_may_write:
        raise bad_request("not enough rights to send text messages to the chat")
    topic = params.get("message_thread_id")
    if topic is not None and topic not in chat.topics:
        raise bad_request("message thread not found")
    _replied(world, chat, params)
    world.limits.admit(chat, count, world.clock())
    return chat


def _message(world: World, chat: Chat, params: Json, **content: Any) -> Message:
    return Message(
        chat.next_id(),
        chat,
        world.bot,
        world.clock(),
        topic=params.get("message_thread_id"),
        silent=params.get("disable_notification", False),
        reply_to=_replied(world, chat, params),
        **content,
    )


def _replied(world: World, chat: Chat, params: Json) -> Message | None:
    wanted = params.get("reply_parameters")
    if wanted is None:
        return None
    found = world.find(chat, wanted["message_id"])
    if found is None and not wanted.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return found
