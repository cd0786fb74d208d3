"""Pictures that go by rule: which may, and the entries that say so.

A file is one, however many cases, kinds and reports share it: it goes when all of them let it go.
What is erased is noted in the chain of every case that had it, in the same transaction, before any
file is touched; a file that is left over by a crash is found by its age and has no user.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from bot.domain.command import SYSTEM
from bot.domain.evidence import ERASED
from bot.ports import Disposable, Entry
from storage.caseload import Caseload
from storage.database import Database
from storage.sql import Sql, marks


def _lets_go(snapshot: str, case: str, kinds: int) -> str:
    """Values: gravest severity, kinds, three times the time before which all is long ago.

    A case whose hazard goes on, or whose clock runs, may have to be shown again.
    """
    only = f" AND {snapshot}.kind IN ({marks(kinds)})" if kinds else ""
    return f"""({case}.state = 'closed' AND {case}.live_key IS NULL AND {case}.severity <= ?{only}
        AND COALESCE({case}.closed_at, {case}.last_seen) < ?
        AND {case}.last_seen < ? AND {snapshot}."at" < ?
        AND NOT EXISTS (SELECT 1 FROM timer WHERE timer."case" = {case}.number))"""  # noqa: S608 - our own


def _disposable(kinds: int, among: int) -> str:
    """Values: the time before, those of `_lets_go` twice, `among`, the limit.

    CROSS JOIN keeps SQLite from beginning with all cases.
    """
    kept, these = "s.erased_at IS NULL", ""
    if among:  # an expression, or SQLite takes the index of ages and walks over all that are old
        kept, these = "COALESCE(s.erased_at, 0) = 0", f" AND s.sha256 IN ({marks(among)})"
    return f"""
SELECT s.sha256 AS sha256 FROM snapshot AS s CROSS JOIN hazard_case AS c
WHERE c.number = s."case" AND {kept} AND s."at" < ? AND {_lets_go("s", "c", kinds)}
    AND NOT EXISTS (
        SELECT 1 FROM snapshot AS o JOIN hazard_case AS h ON h.number = o."case"
        WHERE o.sha256 = s.sha256 AND o.erased_at IS NULL AND NOT {_lets_go("o", "h", kinds)})
    AND NOT EXISTS (
        SELECT 1 FROM console_message AS m
        WHERE (m.picture = s.sha256 OR m.recording = s.sha256) AND m."case" IS NULL){these}
ORDER BY s."at" LIMIT ?
"""  # noqa: S608 - nothing but marks and our own words


class SqlErasing:
    """See `bot.ports.Erasing`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._reads = Sql(database.reader)

    async def disposable(self, which: Disposable, limit: int) -> list[str]:
        return await _find(self._reads, which, (), limit)

    async def erase(
        self, pictures: Collection[str], which: Disposable, rule: str, now: int
    ) -> list[str]:
        if not pictures:
            return []
        async with self._db.transaction() as connection:
            sql = Sql(connection)
            load = Caseload(sql)
            these = sorted(pictures)
            users = f'SELECT DISTINCT "case" FROM snapshot WHERE sha256 IN ({marks(len(these))})'  # noqa: S608 - marks
            await load.lock({row["case"] for row in await sql.rows(users, *these)})
            allowed = await _find(sql, which, these, len(these) * 100)  # as it is under the lock
            for case, gone in (await _mark(sql, allowed, now)).items():
                data = {"rule": rule, "pictures": gone}
                await load.add_entry(case, Entry(now, ERASED, SYSTEM.id, data))
            await load.write()
        return allowed

    async def used(self, pictures: Collection[str]) -> set[str]:
        these = sorted(pictures)
        here = marks(len(these))
        statement = f"""
            SELECT sha256 FROM snapshot WHERE erased_at IS NULL AND sha256 IN ({here})
            UNION SELECT picture AS sha256 FROM console_message
            WHERE "case" IS NULL AND picture IN ({here})
            UNION SELECT recording FROM console_message WHERE recording IN ({here})"""  # noqa: S608 - nothing but marks
        found = await self._reads.rows(statement, *these, *these, *these)
        return {row["sha256"] for row in found}


async def _find(sql: Sql, which: Disposable, among: Sequence[str], limit: int) -> list[str]:
    kinds, before = sorted(which.kinds), which.before
    each = (int(which.gravest), *kinds, before, before, before)
    statement = _disposable(len(kinds), len(among))
    found = await sql.rows(statement, before, *each, *each, *among, limit)
    return list(dict.fromkeys(row["sha256"] for row in found))


async def _mark(sql: Sql, pictures: Sequence[str], now: int) -> dict[int, list[str]]:
    """The cases that had them, each with those that it had."""
    gone: defaultdict[int, set[str]] = defaultdict(set)
    if pictures:
        marking = f"""
            UPDATE snapshot SET erased_at = ?
            WHERE COALESCE(erased_at, 0) = 0 AND sha256 IN ({marks(len(pictures))})
            RETURNING "case", sha256"""  # noqa: S608 - nothing but marks
        for row in await sql.rows(marking, now, *pictures):
            gone[row["case"]].add(row["sha256"])
    return {case: sorted(gone[case]) for case in sorted(gone)}
