"""Reading what a page claims: the right kinds of value, in bounds, or `BadFrame`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.callback import MAX_BYTES
from bot.domain.site import Member
from bot.ports_console import ConsolePicture, ConsoleRecording, Pressed, Typed
from handlers.console.audience import own_chat

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LARGEST = 2**53
_OLDEST_MS = 7 * 24 * 3_600_000
"""A page keeps what waits for a connection, but nobody waits longer."""
LONGEST_TEXT = 4_000


class BadFrame(ValueError):
    """A field that a page of ours would not send; the message is its name."""


def typed(
    frame: Mapping[str, Any],
    member: Member,
    *,
    photo: ConsolePicture | None = None,
    recording: ConsoleRecording | None = None,
) -> Typed:
    """What a member wrote; only a photo or a recording may go without words."""
    return Typed(
        **_common(frame, member),
        text=text_of(frame, "text", empty=photo is not None or recording is not None),
        photo=photo,
        recording=recording,
        reply_to=integer(frame, "reply_to"),
    )


def pressed(frame: Mapping[str, Any], member: Member) -> Pressed:
    """The button that a member pressed: on a message, or on a case by itself in one's own chat."""
    message = integer(frame, "message")
    if message is None and text_of(frame, "chat") != own_chat(member):
        raise BadFrame("message")
    data = text_of(frame, "data", at_most=MAX_BYTES)
    return Pressed(**_common(frame, member), message=message, data=data)


def _common(frame: Mapping[str, Any], member: Member) -> dict[str, Any]:
    return {
        "id": known_id(frame),
        "chat": text_of(frame, "chat"),
        "member": member.id,
        "name": member.name,
        "age": min(integer(frame, "age") or 0, _OLDEST_MS),
    }


def known_id(frame: Mapping[str, Any]) -> str:
    """The page's id of an act."""
    id = frame.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise BadFrame("id")
    return id


def text_of(
    frame: Mapping[str, Any], name: str, *, at_most: int = LONGEST_TEXT, empty: bool = False
) -> str:
    """A text of at most so many characters, without the ones that no text may hold."""
    text = frame.get(name)
    if not isinstance(text, str) or len(text) > at_most or not (empty or text.strip()):
        raise BadFrame(name)
    if "\0" in text or _unpaired(text):
        raise BadFrame(name)
    return text


def integer(frame: Mapping[str, Any], name: str) -> int | None:
    """A whole number from 0 on; None where it is not given."""
    value = frame.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise BadFrame(name)
    return value


def chats_asked(frame: Mapping[str, Any]) -> dict[str, int | None]:
    """Chat -> the revision from which on the page wants it; what makes no sense is left out."""
    chats = frame.get("chats")
    if not isinstance(chats, dict):
        return {}
    return {
        chat: revision if isinstance(revision, int) and 0 <= revision < _LARGEST else None
        for chat, revision in chats.items()
        if isinstance(chat, str)
    }


def _unpaired(text: str) -> bool:
    """Half a character, which JSON can carry and no database takes."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)
