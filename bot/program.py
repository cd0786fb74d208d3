"""How this program was started, so that a hint names a command that exists here."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

_HERE = Path.cwd()
"""Where the program was started; asked for at once, since a loop must not wait for the disk."""


@cache
def program() -> str:
    """`loudhailer`, `.venv/bin/loudhailer` or `.venv/bin/python bot.py`, as one would type it."""
    return command_of(Path(sys.argv[0]), Path(sys.executable), _HERE)


def command_of(started: Path, python: Path, here: Path) -> str:
    """What to type in the folder `here` to start the same program again."""
    if started.name == "bot.py":
        return f"{_seen_from(here, python)} {_seen_from(here, started)}"
    if started.stem == "loudhailer" and started.is_absolute():
        return _seen_from(here, started)
    return "loudhailer"


def _seen_from(here: Path, path: Path) -> str:
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
