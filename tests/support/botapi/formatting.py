"""Texts, captions and keyboards as a call gives them, checked."""

from __future__ import annotations

from typing import Any, cast

from .errors import Violation
from .markup import Entity, parse_html, utf16
from .model import Json, Keyboard
from .wire import user_json
from .world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_BUTTONS_IN_A_ROW = 8
_BUTTONS = 100
_LOOKS = {"text", "style", "icon_custom_emoji_id"}


def read_text(world: World, params: Json) -> tuple[str, list[Entity]]:
    """The `text` of a message: never empty, at most 4096 units after parsing."""
    text, entities = _parse(world, params, "text", "entities")
    if not text:
        raise Violation("message text is empty")
    if utf16(text) > TEXT_LIMIT:
        raise Violation(f"message is too long: {utf16(text)} > {TEXT_LIMIT}")
    return text, entities


def read_caption(world: World, params: Json) -> tuple[str, list[Entity]]:
    """The `caption`, perhaps "", at most 1024 units after parsing."""
    text, entities = _parse(world, params, "caption", "caption_entities")
    if utf16(text) > CAPTION_LIMIT:
        raise Violation(f"message caption is too long: {utf16(text)} > {CAPTION_LIMIT}")
    return text, entities


def read_keyboard(params: Json) -> Keyboard | None:
    """The inline keyboard; None where there is none, which on an edit takes the buttons away."""
    markup = params.get("reply_markup") or {}
    rows = cast("Keyboard", markup.get("inline_keyboard") or [])
    if sum(map(len, rows)) > _BUTTONS or any(len(row) > _BUTTONS_IN_A_ROW for row in rows):
        raise Violation("too many buttons")
    for button in (button for row in rows for button in row):
        if len(button.keys() - _LOOKS) != 1:
            raise Violation(f"a button needs exactly one action: {button}")
    return [row for row in rows if row] or None


def _parse(world: World, params: Json, key: str, entities_key: str) -> tuple[str, list[Entity]]:
    source = str(params.get(key, "")).strip()
    mode = params.get("parse_mode")
    if mode is None:
        return source, list(params.get(entities_key, []))
    if mode != "HTML":
        raise Violation(f"this server reads HTML, not {mode}")
    text, entities = parse_html(source)
    return text, [found for e in entities if (found := _resolve(world, e))]


def _resolve(world: World, entity: Entity) -> Entity | None:
    """A mention by id works only for people whom the bot has met, else it is plain text."""
    user_id: Any = entity.pop("user_id", None)
    if user_id is None:
        return entity
    account = world.accounts.get(user_id)
    return entity | {"user": user_json(account)} if account else None
