"""The clocks of cases, within one transaction: gathered, and written just before its end."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.case import TimerKind
from bot.ports import Timer
from storage.sql import Sql

_SET_TIMER = """
INSERT INTO timer ("case", kind, due) VALUES (?, ?, ?)
ON CONFLICT ("case", kind) DO UPDATE SET due = excluded.due
"""


class Timers:
    """What is to become of the clocks."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._due: dict[tuple[int, TimerKind], int | None] = {}
        self._without: set[int] = set()

    def set(self, case: int, kind: TimerKind, due: int) -> None:
        """One clock of a kind per case; setting it again puts it off."""
        self._due[case, kind] = due

    def stop(self, case: int, kind: TimerKind | None) -> None:
        """One clock of a case, or all."""
        if kind is not None:
            self._due[case, kind] = None
            return
        self._without.add(case)
        for known in [key for key in self._due if key[0] == case]:
            del self._due[known]

    async def take(self, timers: Collection[Timer]) -> list[Timer]:
        """Those that nobody else took, by case; their cases are locked already."""
        these = " OR ".join(["(id = ? AND due = ?)"] * len(timers))
        taking = f"DELETE FROM timer WHERE {these} RETURNING id"  # noqa: S608 - nothing but marks
        values = [value for timer in timers for value in (timer.id, timer.due)]
        taken = {row["id"] for row in await self._sql.rows(taking, *values)}
        mine = [timer for timer in timers if timer.id in taken]
        return sorted(mine, key=lambda timer: timer.case)

    async def write(self) -> None:
        """Write what was gathered."""
        stopped = [(case,) for case in self._without]
        await self._sql.many('DELETE FROM timer WHERE "case" = ?', stopped)
        timers = [(case, kind.value, due) for (case, kind), due in self._due.items()]
        ended = [(case, kind) for case, kind, due in timers if due is None]
        await self._sql.many('DELETE FROM timer WHERE "case" = ? AND kind = ?', ended)
        await self._sql.many(_SET_TIMER, [timer for timer in timers if timer[2] is not None])
