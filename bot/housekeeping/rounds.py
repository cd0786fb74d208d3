"""The round: rows and pictures whose term is over, a few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import timedelta

from bot.domain.clocks import ms
from bot.domain.duration import format_duration
from bot.domain.hazard import Severity
from bot.domain.retention import Retention
from bot.housekeeping.letting import LettingGo
from bot.ports import Clock, Disposable, Pruning

log = logging.getLogger(__name__)

_EVERY_S = 15 * 60.0
_FIRST_AFTER_S = 60.0
_PAUSE_S = 0.05
_ROWS = 200


class Rounds:
    """Goes round until cancelled; of several processes one does.

    `pruned` counts the rows that went, by table.  Between batches it pauses for `pause` seconds, so
    that whoever waits for the database has it.
    """

    def __init__(
        self,
        retention: Retention,
        pruning: Pruning,
        letting: LettingGo,
        clock: Clock,
        pause: float = _PAUSE_S,
    ) -> None:
        self._retention = retention
        self._pruning = pruning
        self._letting = letting
        self._clock = clock
        self._pause = pause
        self.pruned: Counter[str] = Counter()

    async def run(self) -> None:
        """A round every quarter of an hour; one that fails is made up for by the next."""
        await asyncio.sleep(_FIRST_AFTER_S)
        while True:
            try:
                await self.go()
            except Exception:  # a database or a disk that is away now is there later
                log.warning("what is due is not let go of yet", exc_info=True)
            await asyncio.sleep(_EVERY_S)

    async def go(self) -> None:
        """One round."""
        for table, term in self._pruning.terms.items():
            await self._prune(table, getattr(self._retention, term))
        kept = self._retention
        await self._erase("pictures", kept.pictures, Severity.SERIOUS)
        await self._erase("pictures_of_emergencies", kept.pictures_of_emergencies)

    async def _prune(self, table: str, term: timedelta) -> None:
        before = self._clock() - ms(term)
        while gone := await self._pruning.prune(table, before, _ROWS):
            self.pruned[table] += gone
            log.info("%d rows of %s are older than %s", gone, table, format_duration(term))
            await asyncio.sleep(self._pause)

    async def _erase(
        self, name: str, term: timedelta, gravest: Severity = Severity.EMERGENCY
    ) -> None:
        which = Disposable(self._clock() - ms(term), gravest)
        rule, gone = f"{name} = {format_duration(term)}", 1
        while gone:
            gone, _ = await self._letting.some(which, rule)
            await asyncio.sleep(self._pause)
