"""A `Post` as Telegram's HTML, within its limits.

Lengths count UTF-16 units after parsing, so tags and escapes cost nothing.
Source: https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from bot.domain.message import Mention, Post
from bot.texts.fitting import clip, units


def render(post: Post, most: int) -> str:
    """Text and mentions as HTML of at most `most` units; only an oversized first line is cut.

    Who is named in the text (`@name`) is linked there, everybody else on a line at the end.
    """
    text = _sendable(post.text).strip()
    head = units(text.partition("\n")[0])
    called = list(post.mentions)
    while called and head + _line_units(called) > most:
        called.pop()
    body, linked = _linked(clip(text, most - _line_units(called)), called)
    apart = [mention for mention in called if mention not in linked]
    return "\n".join(part for part in (body, " ".join(map(_link, apart))) if part)


def short(text: str, most: int) -> str:
    """Plain text of at most `most` units, for answers to presses."""
    return clip(_sendable(text), most)


def _line_units(called: Sequence[Mention]) -> int:
    """What the line of mentions takes, its line break included."""
    return units(" ".join(map(_label, called))) + 1 if called else 0


def _linked(text: str, called: Sequence[Mention]) -> tuple[str, set[Mention]]:
    """The text as HTML with links where it names those who are called, and who that was."""
    by_name = {f"@{_sendable(mention.name)}": mention for mention in reversed(called)}
    if not by_name:
        return escape(text, quote=False), set()
    longest_first = sorted(by_name, key=len, reverse=True)
    parts = re.split(f"({'|'.join(map(re.escape, longest_first))})(?!\\w)", text)
    linked = {by_name[part] for part in parts[1::2]}
    parts[0::2] = [escape(part, quote=False) for part in parts[0::2]]
    parts[1::2] = [_link(by_name[part]) for part in parts[1::2]]
    return "".join(parts), linked


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
