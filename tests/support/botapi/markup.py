"""Telegram's HTML parse mode, read strictly, and entities of what people type.

Offsets and lengths are in UTF-16 code units, as everywhere in the Bot API.
Source: https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from typing import Any

from .errors import Violation

Entity = dict[str, Any]

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_TOKEN = re.compile(r"<(?P<tag>[^<>]*)>|&(?P<entity>#x[0-9a-fA-F]+|#\d+|\w+);|(?P<bad>[<>&])")
_TAG = re.compile(r"(?P<close>/?)(?P<name>[a-z][a-z-]*)(?P<attributes>(?:\s+[^<>]*)?)$", re.I)
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'=<>]+))?", re.I)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TYPED = re.compile(r"(?P<bot_command>(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?)|(?P<mention>@\w{3,32})")


def utf16(text: str) -> int:
    """Length in UTF-16 code units: what Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The plain text and entities of `source`; raises Violation where it is not well-formed."""
    parts: list[str] = []
    open_tags: list[tuple[str, Entity]] = []
    entities: list[Entity] = []
    at = length = 0

    def put(text: str) -> None:
        nonlocal length
        parts.append(text)
        length += utf16(text)

    for token in _TOKEN.finditer(source):
        put(source[at : token.start()])
        at = token.end()
        if token["bad"]:
            raise _broken(f'unescaped "{token["bad"]}"', token.start())
        if token["entity"]:
            put(_character(token["entity"], token.start()))
            continue
        close, name, attributes = _read_tag(token["tag"], token.start())
        if not close:
            open_tags.append((name, _entity(name, attributes, length, token.start())))
            continue
        if not open_tags or open_tags[-1][0] != name:
            raise _broken(f'unexpected end tag "{name}"', token.start())
        entity = open_tags.pop()[1]
        entity["length"] = length - entity["offset"]
        if entity["length"]:
            entities.append(entity)
    put(source[at:])
    if open_tags:
        raise _broken(f'can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"', at)
    return "".join(parts), sorted(entities, key=lambda e: (e["offset"], -e["length"]))


def typed_entities(text: str) -> list[Entity]:
    """Commands and mentions that Telegram's servers find in what a person typed."""
    return [
        {
            "type": match.lastgroup,
            "offset": utf16(text[: match.start()]),
            "length": utf16(match.group()),
        }
        for match in _TYPED.finditer(text)
    ]


def _read_tag(inside: str, at: int) -> tuple[bool, str, dict[str, str]]:
    match = _TAG.match(inside)
    if match is None or match["name"].lower() not in _TAGS:
        raise _broken(f'unsupported tag "{inside}"', at)
    pairs = _ATTRIBUTE.findall(match["attributes"])
    return (
        bool(match["close"]),
        match["name"].lower(),
        {key.lower(): value.strip("\"'") for key, value in pairs},
    )


def _entity(name: str, attributes: dict[str, str], offset: int, at: int) -> Entity:
    kind = _TAGS[name]
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _broken('tag "span" must have class "tg-spoiler"', at)
    if name != "a":
        return {"type": kind, "offset": offset, "length": 0}
    href = attributes.get("href", "")
    user = re.fullmatch(r"tg://user\?id=(\d+)", href)
    if user:
        return {"type": "text_mention", "offset": offset, "length": 0, "user_id": int(user[1])}
    return {"type": kind, "offset": offset, "length": 0, "url": href}


def _character(name: str, at: int) -> str:
    if name.startswith("#"):
        return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))
    if name not in _NAMED:
        raise _broken(f'unknown entity "&{name};"', at)
    return _NAMED[name]


def _broken(what: str, at: int) -> Violation:
    return Violation(f"can't parse entities: {what} at character {at}")
