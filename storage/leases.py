"""Leases (`bot.ports.Leases`), the same on SQLite and PostgreSQL.

Every change is one statement that compares and sets, so of several processes one wins.  The times
are those of the database's machine: the clocks of the processes' machines may differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.ports import Clock
from storage.database import Database
from storage.sql import Sql

_CLOCKS = {
    True: "CAST((julianday('now') - 2440587.5) * 86400000 AS BIGINT)",
    False: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
}
"""Now, in epoch milliseconds: on SQLite, and on PostgreSQL."""


class SqlLeases:
    """See `bot.ports.Leases`.  `clock` takes the place of the database's own, in tests."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._sql = Sql(database.writer)
        self._own = _CLOCKS[database.sqlite]
        self._clock = clock

    async def take(self, names: Collection[str], holder: str, ms: int) -> Mapping[str, int]:
        if not names:
            return {}
        statement = _take(len(names), self._now)
        values = [value for name in sorted(names) for value in (name, holder, ms)]
        rows = await self._sql.rows(statement, *values)
        return {row["name"]: row["epoch"] for row in rows}

    async def renew(self, held: Mapping[str, int], holder: str, ms: int) -> Collection[str]:
        if not held:
            return ()
        rows = await self._sql.rows(_renew(len(held), self._now), ms, holder, *_pairs(held))
        return {row["name"] for row in rows}

    async def release(self, held: Mapping[str, int], holder: str) -> None:
        if held:
            await self._sql.rows(_renew(len(held), "0"), 0, holder, *_pairs(held))

    async def held(self) -> Mapping[str, str]:
        running = f"SELECT name, holder FROM lease WHERE until > {self._now}"  # noqa: S608 - our own
        rows = await self._sql.rows(running)
        return {row["name"]: row["holder"] for row in rows}

    @property
    def _now(self) -> str:
        return self._own if self._clock is None else str(int(self._clock()))


def _pairs(held: Mapping[str, int]) -> list[str | int]:
    return [value for pair in sorted(held.items()) for value in pair]


def _take(leases: int, now: str) -> str:
    """Values: name, holder and length of each."""
    row = f"(CAST(? AS VARCHAR(120)), CAST(? AS VARCHAR(120)), 1, {now} + CAST(? AS BIGINT))"
    return f"""
INSERT INTO lease (name, holder, epoch, until) VALUES {", ".join([row] * leases)}
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, epoch = lease.epoch + 1, until = excluded.until
WHERE lease.until <= {now} OR lease.holder = excluded.holder
RETURNING name, epoch
"""  # noqa: S608 - nothing but marks and our own words


def _renew(leases: int, now: str) -> str:
    """Values: length, holder, then name and epoch of each."""
    each = " OR ".join(["(name = ? AND epoch = ?)"] * leases)
    return f"""
UPDATE lease SET until = {now} + CAST(? AS BIGINT) WHERE holder = ? AND ({each})
RETURNING name
"""  # noqa: S608 - nothing but marks and our own words
