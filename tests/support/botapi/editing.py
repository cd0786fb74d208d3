"""The edit methods and deleteMessage: what was given replaces what was shown, buttons included."""

from __future__ import annotations

from .errors import Violation, bad_request
from .formatting import read_caption, read_keyboard, read_text
from .model import Json, Message
from .sending import Files, read_input_media, require_photos
from .world import World


def edit_message_text(world: World, params: Json, files: Files) -> Message:
    """editMessageText: refused for a photo, whose words are a caption."""
    message = _find(world, params)
    if message.text is None:
        raise bad_request("there is no text in the message to edit")
    new = message.copy()
    new.text, new.entities = read_text(world, params)
    return _apply(world, params, message, new)


def edit_message_caption(world: World, params: Json, files: Files) -> Message:
    """editMessageCaption."""
    message = _find(world, params)
    if message.media is None:
        raise bad_request("there is no caption in the message to edit")
    new = message.copy()
    new.caption, new.entities = read_caption(world, params)
    return _apply(world, params, message, new)


def edit_message_media(world: World, params: Json, files: Files) -> Message:
    """editMessageMedia: picture and caption change together."""
    message = _find(world, params)
    require_photos(message.chat)
    new = message.copy()
    new.caption, new.entities = read_caption(world, params["media"])
    new.media = read_input_media(world, params["media"], files)
    new.text = None
    return _apply(world, params, message, new)


def edit_message_reply_markup(world: World, params: Json, files: Files) -> Message:
    """editMessageReplyMarkup."""
    message = _find(world, params)
    return _apply(world, params, message, message.copy())


def delete_message(world: World, params: Json, files: Files) -> bool:
    """deleteMessage."""
    message = world.find(world.reach(params["chat_id"]), params["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    message.deleted = True
    world.changed.fire()
    return True


def _find(world: World, params: Json) -> Message:
    if "chat_id" not in params or "message_id" not in params:
        raise Violation("message identifier is not specified")
    message = world.find(world.reach(params["chat_id"]), params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender is not world.bot:
        raise bad_request("message can't be edited")
    return message


def _apply(world: World, params: Json, message: Message, new: Message) -> Message:
    new.keyboard = read_keyboard(params)
    if new.look() == message.look():
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    world.replace(message, new)
    return message
