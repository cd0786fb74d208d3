"""Letting go by rule over a workshop: files whose age is the workshop's clock's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.message import Picture
from bot.domain.report import Shot
from bot.domain.retention import Retention
from bot.housekeeping import DiskWatch, LettingGo, Rounds, Sweep
from bot.ports import Space, Whole
from storage.erasing import SqlErasing
from storage.pruning import SqlPruning
from storage.stock import FileStock
from tests.support.workshop import Workshop

DAY = 24 * 3600 * 1000
HOUR = 3600 * 1000


class SizedStock(FileStock):
    """Real files on a disk of a size that a test chooses; what is taken away makes it emptier."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shown = Space(1000, 900)
        self.gone: list[str] = []
        self.reserved = False

    async def space(self) -> Space:
        return self.shown

    async def erase(self, picture: str, before: int) -> int:
        freed = await super().erase(picture, before)
        if freed:
            self.gone.append(picture)
            self.shown = Space(self.shown.total, self.shown.free + freed)
        return freed

    async def keep_reserve(self) -> None:
        self.reserved = True


@dataclass
class Keeper:
    """Everything that lets go, over a shop."""

    shop: Workshop
    folder: Path
    stock: SizedStock
    erasing: SqlErasing
    letting: LettingGo
    pruning: SqlPruning
    rounds: Rounds
    sweep: Sweep
    disk: DiskWatch

    async def keep(self, words: str, at: int | None = None) -> str:
        """A picture, as if it had been kept at that time."""
        sha256 = await self.shop.pictures.put(words.encode())
        moment = (self.shop.now if at is None else at) / 1000
        os.utime(self.shop.pictures.path(sha256), (moment, moment))
        return sha256

    async def shot(self, words: str, *, clean: bool = False) -> Shot:
        """A picture of a violation, annotated and, perhaps, clean."""
        annotated = Picture(b"", await self.keep(words), 8, 8)
        copy = Picture(b"", await self.keep(f"{words} clean"), 8, 8) if clean else None
        return Shot(annotated, clean=copy)

    def has(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self.shop.pictures.path(sha256).exists()

    async def faults(self) -> list[str]:
        """What a verification with all files finds."""
        _, found = await self.shop.store.verify_audit(pictures=self.shop.pictures)
        return [f"{fault.case}: {fault.message}" for fault in found]


@asynccontextmanager
async def keeper(
    shop: Workshop, folder: Path, retention: Retention | None = None
) -> AsyncIterator[Keeper]:
    """Lets go over a shop, without pauses."""
    clock: Callable[[], int] = shop.core.clock
    kept = retention or Retention()
    stock, erasing = SizedStock(folder), SqlErasing(shop.database)
    letting, pruning = LettingGo(erasing, stock, clock), SqlPruning(shop.database)
    sweep = Sweep(kept, erasing, stock, clock, sure_after=0, pause=0)
    rounds = Rounds(kept, pruning, letting, clock, pause=0)
    disk = DiskWatch(shop.core, stock, sweep, letting, Whole(), retention=kept)
    try:
        yield Keeper(shop, folder, stock, erasing, letting, pruning, rounds, sweep, disk)
    finally:
        stock.close()
