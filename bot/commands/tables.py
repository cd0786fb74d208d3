"""Tables and times for people at a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC

from bot.texts.localtime import local

_WIDE = "WF"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns of even width, a row a line; the last column may be as long as it likes."""
    lines = [tuple(head), *(tuple(map(_one_line, row)) for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        )
        print("  ".join(cells).rstrip())


def local_time(at: int) -> str:
    """Epoch milliseconds in this machine's time zone."""
    return local(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _one_line(cell: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in cell) or "-"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)
