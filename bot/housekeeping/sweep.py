"""What lies on the disk: how much it is, and files that nobody has.

A picture is kept before its report is, so a file may have nobody for a moment; one that a crash
left has nobody for ever.  It goes when it is old, and was found without anybody twice: a clock that
was wrong when it was kept makes it look older than it is.
"""

from __future__ import annotations

import asyncio
import logging

from bot.domain.clocks import ms
from bot.domain.retention import Retention
from bot.ports import Clock, Erasing, Shelved, Stock

log = logging.getLogger(__name__)

_EVERY_S = 5 * 60.0
_THOROUGH_EVERY = 12
_SURE_AFTER_S = 60.0
_PAUSE_S = 0.01
_ASKED_TOGETHER = 200
_LEFT_MS = 6 * 60 * 60_000
"""A file half written for so long is written by nobody any more."""


class Sweep:
    """Sweeps one process's own folder; `size` is how many bytes the last sweep found."""

    def __init__(
        self,
        retention: Retention,
        erasing: Erasing,
        stock: Stock,
        clock: Clock,
        *,
        sure_after: float = _SURE_AFTER_S,
        pause: float = _PAUSE_S,
    ) -> None:
        self._retention = retention
        self._erasing = erasing
        self._stock = stock
        self._clock = clock
        self._sure_after = sure_after
        self._pause = pause
        self._alone: dict[str, float] = {}
        self.size = 0

    async def run(self) -> None:
        """Sweep until cancelled: often only counting, hourly with what nobody has."""
        count = 0
        while True:
            try:
                await self.go(thorough=count % _THOROUGH_EVERY == 0)
            except Exception:  # a disk or a database that is away now is there later
                log.warning("the folder of the pictures cannot be swept", exc_info=True)
            count += 1
            await asyncio.sleep(_EVERY_S)

    async def go(self, *, thorough: bool = True, early: bool = False) -> int:
        """One sweep; the bytes that it freed.  `early`: however full the disk is, no younger."""
        term = self._retention.keep_at_least if early else self._retention.inbox
        before, size, freed = self._clock() - ms(term), 0, 0
        alone: dict[str, float] = {}
        for number in range(self._stock.shards):
            files = await self._stock.shard(number)
            size += sum(file.size for file in files)
            if thorough:
                old = [file for file in files if file.at < before]
                freed += await self._let_go(old, before, alone)
                await self._stock.tidy(number, self._clock() - _LEFT_MS)
            await asyncio.sleep(self._pause)
        if thorough:
            self._alone = alone
        self.size = size - freed
        return freed

    async def _let_go(self, old: list[Shelved], before: int, alone: dict[str, float]) -> int:
        freed, now = 0, asyncio.get_running_loop().time()
        for start in range(0, len(old), _ASKED_TOGETHER):
            asked = {file.sha256 for file in old[start : start + _ASKED_TOGETHER]}
            for picture in sorted(asked - await self._erasing.used(asked)):
                since = self._alone.get(picture, now)
                if picture in self._alone and now - since >= self._sure_after:
                    freed += await self._stock.erase(picture, before)
                else:
                    alone[picture] = since
        if freed:
            log.info("%d bytes of files that nobody has are freed", freed)
        return freed
