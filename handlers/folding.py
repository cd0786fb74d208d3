"""Text made comparable, with the way back to what was really written.

Full-width digits, ＃ and punctuation become their plain forms (NFKC, character by character), what
cannot be seen is dropped.  Reasons are kept in the person's own characters, so every folded
character remembers where it came from.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_DROPPED = frozenset({"Cf", "Cs"})
_SELECTORS = range(0xFE00, 0xFE10)
_PICTURES = frozenset({"So", "Sk"})
_CLOSING = "。!.~、,;"


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is the folded form; `origins[i]` is where its i-th character stands in `source`."""

    text: str
    source: str
    origins: tuple[int, ...]

    def original(self, start: int, end: int | None = None) -> str:
        """What was written where the folded text runs from `start` to `end`, stripped."""
        stop = len(self.text) if end is None else end
        if start >= stop:
            return ""
        return self.source[self.origins[start] : self.origins[stop - 1] + 1].strip()

    def head(self, end: int) -> Folded:
        """The same text cut at `end`."""
        return Folded(self.text[:end], self.source, self.origins[:end])

    def tail(self, start: int) -> Folded:
        """The same text from `start` on."""
        return Folded(self.text[start:], self.source, self.origins[start:])


def fold(source: str) -> Folded:
    """`source` in its plain form, with single spaces and none around it."""
    pairs: list[tuple[str, int]] = []
    for place, char in enumerate(source):
        if _unseen(char):
            continue
        for plain in unicodedata.normalize("NFKC", char):
            if not (plain.isspace() and pairs and pairs[-1][0].isspace()):
                pairs.append((plain, place))
    text = "".join(plain for plain, _ in pairs)
    folded = Folded(text, source, tuple(place for _, place in pairs))
    return folded.head(len(text.rstrip())).tail(len(text) - len(text.lstrip()))


def without_closing(folded: Folded) -> Folded:
    """Without the full stops, exclamation marks and emoji that end a message; a ? stays."""
    end = len(folded.text)
    while end and _closes(folded.text[end - 1]):
        end -= 1
    return folded.head(end)


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in _DROPPED or ord(char) in _SELECTORS


def _closes(char: str) -> bool:
    return char.isspace() or char in _CLOSING or unicodedata.category(char) in _PICTURES
