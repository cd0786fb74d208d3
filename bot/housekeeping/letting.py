"""Pictures go in this order: it is noted in the history of their cases, and then the file goes.

A crash in between leaves a file that nobody has, which the sweep finds; the other order would leave
evidence that is missing without a reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque

from bot.ports import Clock, Disposable, Erasing, Stock

log = logging.getLogger(__name__)

BATCH = 20
"""Pictures a transaction: a few milliseconds of the write lock."""
_AHEAD = 200
"""Looked for together: what comes first by age need not be what may go first."""


class LettingGo:
    """Erases pictures by rule; `erased` counts them by the rule's first word."""

    def __init__(self, erasing: Erasing, stock: Stock, clock: Clock) -> None:
        self._erasing = erasing
        self._stock = stock
        self._clock = clock
        self._turn = asyncio.Lock()
        self._which: Disposable | None = None
        self._found: deque[str] = deque()
        self.erased: Counter[str] = Counter()

    async def some(self, which: Disposable, rule: str, most: int = BATCH) -> tuple[int, int]:
        """The next few, `most` of them: how many went, and the bytes that this freed.

        Raises OSError where files cannot be taken away, and what the database does.
        """
        async with self._turn:
            gone: list[str] = []
            while not gone and (found := await self._next(which, most)):
                gone = await self._noted(found, which, rule)
            return len(gone), await self._take_away(gone, which, rule)

    async def _next(self, which: Disposable, most: int) -> list[str]:
        if which != self._which or not self._found:
            self._which = which
            self._found = deque(await self._erasing.disposable(which, _AHEAD))
        return [self._found.popleft() for _ in range(min(most, len(self._found)))]

    async def _take_away(self, gone: list[str], which: Disposable, rule: str) -> int:
        freed = [await self._stock.erase(picture, which.before) for picture in gone]
        self.erased[rule.partition(" ")[0]] += len(gone)
        if gone:
            log.info("%d pictures are erased: %s", len(gone), rule)
        return sum(freed)

    async def _noted(self, found: list[str], which: Disposable, rule: str) -> list[str]:
        """On a disk so full that nothing can be noted, the reserve makes room for it."""
        try:
            return await self._erasing.erase(found, which, rule, self._clock())
        except Exception:  # each engine has errors of its own for a full disk
            if not await self._stock.give_reserve():
                raise
            log.warning("the disk is full: the reserve is given up to make room")
        return await self._erasing.erase(found, which, rule, self._clock())
