"""The clock that several processes share: that of the database's machine.

Rows are due, and warnings too old, by what time it is.  On machines whose clocks are minutes apart
one process would put off what another has just written, or take it for stale, and a horn would stay
silent.  So each goes by the database's clock; its own machine says how long ago it asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from tortoise.exceptions import BaseORMException

from bot.clock import elapsed_ms, epoch_ms
from storage.database import Database
from storage.sql import Sql

log = logging.getLogger(__name__)

_NOW = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now"
_EVERY_S = 10.0
_LEFT_MS = 250
"""So little is not worth a step: an answer does not take the same time both ways."""
_SLOW_MS = 2_000
_APART_MS = 2_000


class ServerClock:
    """Epoch milliseconds on PostgreSQL's machine; `look` first, then `run` keeps it right."""

    def __init__(
        self,
        database: Database,
        elapsed: Callable[[], int] = elapsed_ms,
        wall: Callable[[], int] = epoch_ms,
    ) -> None:
        self._sql = Sql(database.reader)
        self._elapsed = elapsed
        self._wall = wall
        self._began: int | None = None
        self._told = False

    def __call__(self) -> int:
        """Now; until it was asked, by this machine's clock."""
        return self._wall() if self._began is None else self._began + self._elapsed()

    @property
    def ahead_ms(self) -> int:
        """How far this machine's own clock is ahead of it."""
        return self._wall() - self()

    async def look(self) -> None:
        """Ask once; raises what the database does."""
        before = self._elapsed()
        row = await self._sql.first(_NOW)
        took = self._elapsed() - before
        if row is None or (took > _SLOW_MS and self._began is not None):
            return
        began = row["now"] - before - took // 2
        if self._began is None or abs(began - self._began) > _LEFT_MS + took // 2:
            self._began = began
        self._tell()

    async def run(self) -> None:
        """Ask now and then, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.look()
            except (BaseORMException, OSError) as error:
                log.info("the database does not say what time it is: %r", error)

    def _tell(self) -> None:
        apart = abs(self.ahead_ms) >= _APART_MS
        if apart and not self._told:
            words = "this machine's clock is %.1f s ahead of the database's, which is gone by"
            log.warning(words, self.ahead_ms / 1000)
        self._told = apart


async def time_of(database: Database) -> int:
    """What time it is for whatever runs on this database; raises what the database does."""
    if database.sqlite:
        return epoch_ms()
    clock = ServerClock(database)
    await clock.look()
    return clock()
