"""A `Post` as Telegram's HTML, within its limits.

Lengths count UTF-16 units after parsing, so tags and escapes cost nothing.
Source: https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.domain.message import Mention, Post
from bot.texts.fitting import clip, units


def render(post: Post, most: int) -> str:
    """Text and mentions as HTML of at most `most` units; only an oversized first line is cut."""
    text = _sendable(post.text).strip()
    head = units(text.partition("\n")[0])
    called = list(post.mentions)
    while called and head + _line_units(called) > most:
        called.pop()
    body = escape(clip(text, most - _line_units(called)), quote=False)
    return "\n".join(part for part in (body, " ".join(map(_link, called))) if part)


def short(text: str, most: int) -> str:
    """Plain text of at most `most` units, for answers to presses."""
    return clip(_sendable(text), most)


def _line_units(called: Sequence[Mention]) -> int:
    """What the line of mentions takes, its line break included."""
    return units(" ".join(map(_label, called))) + 1 if called else 0


def _label(mention: Mention) -> str:
    """`@name`; without the @ where Telegram would take the name for some stranger's username."""
    if mention.user and mention.user.startswith("@"):
        return mention.user
    name = _sendable(mention.name)
    return name if mention.user is None and name.isascii() else f"@{name}"


def _link(mention: Mention) -> str:
    label = escape(_label(mention), quote=False)
    if mention.user and mention.user.isdigit():
        return f'<a href="tg://user?id={mention.user}">{label}</a>'
    return label


def _sendable(text: str) -> str:
    """Without what UTF-8 cannot carry: halves of characters, NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
