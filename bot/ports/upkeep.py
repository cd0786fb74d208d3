"""Letting go by rule: rows of the database, pictures of cases, files on the disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.hazard import Severity


@dataclass(frozen=True, slots=True)
class Disposable:
    """Pictures that may go: of cases that ended before that time (ms), at most so grave.

    `kinds`: of these alone; none: of all kinds.
    """

    before: int
    gravest: Severity = Severity.EMERGENCY
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shelved:
    """A picture, clip or recording on the disk; `at` is when it was last kept (ms)."""

    sha256: str
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of the disk that the data folder lies on."""

    total: int
    free: int


class Pruning(Protocol):
    """Rows that nobody needs any more."""

    terms: Mapping[str, str]
    """Table -> the field of `bot.domain.retention.Retention` that says how long its rows stay."""

    async def prune(self, table: str, before: int, limit: int) -> int:
        """Delete at most so many rows from before that time (ms); how many there were."""
        ...


class Erasing(Protocol):
    """Pictures of cases.  What a live case needs is never disposable."""

    async def disposable(self, which: Disposable, limit: int) -> list[str]:
        """Pictures (SHA-256) that all who have them let go, those from longest ago first."""
        ...

    async def erase(
        self, pictures: Collection[str], which: Disposable, rule: str, now: int
    ) -> list[str]:
        """Note in the history of their cases that they are gone by `rule`.

        Those of them for which that is done, if they are still disposable: their files may go now.
        """
        ...

    async def used(self, pictures: Collection[str]) -> set[str]:
        """Those of them that somebody has: a case that was not told to let go, a message."""
        ...


class Stock(Protocol):
    """The files themselves.  Every method may raise OSError."""

    shards: int

    async def space(self) -> Space: ...

    async def shard(self, number: int) -> list[Shelved]:
        """A part of all files; together they are all."""
        ...

    async def erase(self, picture: str, before: int) -> int:
        """Take a file away unless it was kept (again) since then (ms); the bytes freed."""
        ...

    async def tidy(self, number: int, before: int) -> int:
        """Remove what was left half done there before that time; how many files."""
        ...

    async def keep_reserve(self) -> None:
        """Hold a little room back, so that there is some when the disk is full."""
        ...

    async def give_reserve(self) -> bool:
        """Let go of that room, so that it can be noted what goes; False: there is none."""
        ...
