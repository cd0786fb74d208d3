"""Files by their content below a folder, `aa/bb/<sha256>.suffix`: how they are counted and let go.

A writer that finds a file there already touches it.  So what was just kept again looks new, and a
file is taken away only when it is old *after* nobody can find it under its name any more.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from bot.ports import Shelved

SHARDS = 256
_NAME = re.compile(r"([0-9a-f]{64})\.(?:jpg|mp4|wav)")
_GOING = ".gone"
_LEFT = re.compile(r"\..*\.(?:part|gone|mp4)")
"""What a process that died left: a file half written, or half taken away."""


class Shelves:
    """A folder of pictures, clips or recordings.  Everything blocks; times are epoch ms."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def shard(self, number: int) -> list[Shelved]:
        """The files whose names begin with that byte."""
        return list(self._shard(f"{number:02x}"))

    def erase(self, sha256: str, before: int) -> int:
        """Take a file away unless it was kept (again) since `before`; the bytes freed."""
        path = self._folder / sha256[:2] / sha256[2:4] / f"{sha256}{self._suffix}"
        going = path.with_name(f".{path.name}{_GOING}")
        try:
            if _moment(path.stat()) >= before:
                return 0
            path.rename(going)
            about = going.stat()
            if _moment(about) >= before and not path.exists():
                going.rename(path)
                return 0
            going.unlink()
        except FileNotFoundError:
            return 0
        return about.st_size

    def tidy(self, number: int, before: int) -> int:
        """Remove what a crash left there before that time; how many files."""
        shard = self._folder / f"{number:02x}"
        inner = (file for folder in _entries(shard) for file in _entries(Path(folder.path)))
        own = _entries(self._folder) if number == 0 else iter(())  # where uploads begin
        removed = 0
        for file in (*inner, *own):
            if _LEFT.fullmatch(file.name) and _is_older(file, before):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(file.path)
                    removed += 1
        return removed

    def _shard(self, name: str) -> Iterator[Shelved]:
        for folder in _entries(self._folder / name):
            for file in _entries(Path(folder.path)):
                match = _NAME.fullmatch(file.name)
                if match is None:
                    continue
                with contextlib.suppress(FileNotFoundError):
                    about = file.stat()
                    yield Shelved(match[1], about.st_size, _moment(about))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            yield from found
    except (FileNotFoundError, NotADirectoryError):
        return


def _is_older(file: os.DirEntry[str], before: int) -> bool:
    try:
        return _moment(file.stat()) < before
    except FileNotFoundError:
        return False


def _moment(about: os.stat_result) -> int:
    return about.st_mtime_ns // 1_000_000
