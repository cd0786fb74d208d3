"""The `.env` file: lines of NAME=value."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*
    (?: "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>[^']*)' | (?P<bare>[^"'].*?)? )
    \s*(?:(?<=\s)\#.*)?""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class EnvLine:
    """A value and the line it stands in, from 1; a value of None is a line nobody can read."""

    line: int
    name: str
    value: str | None


def parse_env(text: str) -> list[EnvLine]:
    """Every line that says something. Bare values end before ` #`; in double quotes `\\n`, `\\"`
    and the like are escapes, in single quotes nothing is."""
    lines: list[EnvLine] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            match = _LINE.fullmatch(line)
            name, value = (match["name"], _value(match)) if match else ("", None)
            lines.append(EnvLine(number, name, value))
    return lines


def _value(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match["double"])
    return match["single"] if match["single"] is not None else (match["bare"] or "")
