"""Making text fit: platforms count UTF-16 units, an emoji is two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SHORTEST = 12
"""A line that would be cut below this says nothing any more and is left out."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a card; of those that must give way the lowest `worth` goes first."""

    text: str
    worth: int


def one_line(text: str) -> str:
    """A person's words as one line, without what turns the direction of writing around."""
    return " ".join("".join(char for char in text if char not in _TURNING).split())


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, most: int) -> str:
    """At most `most` units, with … where something was cut."""
    if units(text) <= most:
        return text
    room, kept = most - 1, ""
    for char in text:
        room -= units(char)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + "…" if most > 0 else ""


def fit(lines: Sequence[Line], most: int) -> str:
    """The lines as one text of at most `most` units: the least worth is cut or left out first."""
    kept = [line for line in lines if line.text]
    for line in sorted(kept, key=lambda line: line.worth):
        over = units(_text(kept)) - most
        if over <= 0:
            break
        place = kept.index(line)
        room = units(line.text) - over
        cut = Line(clip(line.text, room), line.worth)
        kept[place : place + 1] = [cut] if room >= SHORTEST else []
    return _text(kept)


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)
