"""Where each value of a TOML text stands; tomllib tells no line numbers.

The text has already passed tomllib, so this reads only as much of the grammar as separates keys
from values, and is never wrong about what is allowed.
"""

from __future__ import annotations

import re
import tomllib
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class Lines:
    """Line numbers (from 1) by key path: `("cameras", 0, "zones", 1, "polygon")`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._known: dict[KeyPath, int] = {(): 1}
        self._counts: dict[KeyPath, int] = {}
        self._counted = 0, 1
        self._read()

    def line(self, path: KeyPath) -> int:
        """Where the path stands, or the nearest thing around it that does stand there."""
        while path not in self._known:
            path = path[:-1]
        return self._known[path]

    def _read(self) -> None:
        table: KeyPath = ()
        while self._blank():
            line = self._line()
            if self._text[self._at] == "[":
                table = self._header(line)
            else:
                self._pair(table)

    def _header(self, line: int) -> KeyPath:
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        *parents, last = self._key()
        self._at += 2 if many else 1
        path = self._descend((), parents)
        path = (*path, last)
        if many:
            index = self._counts[path] = self._counts.get(path, -1) + 1
            self._known.setdefault(path, line)
            path = (*path, index)
        self._known[path] = line
        return path

    def _descend(self, path: KeyPath, keys: list[str]) -> KeyPath:
        """Follows keys as a header does: through an array of tables to its last table."""
        for key in keys:
            path = (*path, key)
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for key in self._key():
            path = (*path, key)
            self._known.setdefault(path, line)
        self._at = self._text.index("=", self._at) + 1
        self._value(path)

    def _key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._spaces()
            match = _STRING.match(self._text, self._at) or _BARE_KEY.match(self._text, self._at)
            assert match is not None, "the text has passed tomllib"
            keys.append(_plain(match.group()))
            self._at = match.end()
            self._spaces()
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        self._spaces()
        self._known.setdefault(path, self._line())
        start = self._text[self._at]
        if start == "[":
            self._array(path)
        elif start == "{":
            self._inline_table(path)
        else:
            match = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            assert match is not None, "the text has passed tomllib"
            self._at = match.end()

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._blank() and self._text[self._at] != "]":
            self._value((*path, index))
            index += 1
            self._comma()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while self._blank() and self._text[self._at] != "}":
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        if self._blank() and self._text[self._at] == ",":
            self._at += 1

    def _blank(self) -> bool:
        """Skips blanks and comments; whether anything is left."""
        match = _BLANK.match(self._text, self._at)
        assert match is not None, "the pattern matches nothing too"
        self._at = match.end()
        return self._at < len(self._text)

    def _spaces(self) -> None:
        while self._text[self._at : self._at + 1] in (" ", "\t"):
            self._at += 1

    def _line(self) -> int:
        at, line = self._counted
        line += self._text.count("\n", at, self._at)
        self._counted = self._at, line
        return line


def _plain(key: str) -> str:
    if key[0] in "\"'":
        return next(iter(tomllib.loads(f"{key}=0")))
    return key
