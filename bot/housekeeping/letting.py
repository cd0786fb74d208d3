"""Pictures go in this order: it is noted in the history of their cases, and then the file goes.

A crash in between leaves a file that nobody has, which the sweep finds; the other order would leave
evidence that is missing without a reason.
"""

from __future__ import annotations

import logging
from collections import Counter

from bot.ports import Clock, Disposable, Erasing, Stock

log = logging.getLogger(__name__)

BATCH = 20
"""Pictures a transaction: a few milliseconds of the write lock."""


class LettingGo:
    """Erases pictures by rule; `erased` counts them by the rule's first word."""

    def __init__(self, erasing: Erasing, stock: Stock, clock: Clock) -> None:
        self._erasing = erasing
        self._stock = stock
        self._clock = clock
        self.erased: Counter[str] = Counter()

    async def some(self, which: Disposable, rule: str, most: int = BATCH) -> tuple[int, int]:
        """The next few, `most` of them: how many went, and the bytes that this freed.

        Raises OSError where files cannot be taken away, and what the database does.
        """
        found = await self._erasing.disposable(which, most)
        if not found:
            return 0, 0
        gone = await self._noted(found, which, rule)
        freed = [await self._stock.erase(picture, which.before) for picture in gone]
        self.erased[rule.partition(" ")[0]] += len(gone)
        if gone:
            log.info("%d pictures are erased: %s", len(gone), rule)
        return len(gone), sum(freed)

    async def _noted(self, found: list[str], which: Disposable, rule: str) -> list[str]:
        """On a disk so full that nothing can be noted, the reserve makes room for it."""
        try:
            return await self._erasing.erase(found, which, rule, self._clock())
        except Exception:  # each engine has errors of its own for a full disk
            if not await self._stock.give_reserve():
                raise
            log.warning("the disk is full: the reserve is given up to make room")
        return await self._erasing.erase(found, which, rule, self._clock())
