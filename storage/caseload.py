"""The cases that one transaction works on: read and locked once, written once, at its end.

Fifty reports of one hazard in one transaction are so one read and one write of its case.  What has
been changed but not yet written is found all the same, by number, by live key and by place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.case import Case
from bot.domain.command import SYSTEM
from bot.domain.evidence import Facts, changed, facts_of
from bot.ports import Entry
from storage import audit, rows
from storage.sql import Row, Sql, insert, marks, update

_TABLE = "hazard_case"


@dataclass
class _Kept:
    """A case with its audit chain, and what of both is still to be written.

    `told` is what the chain has sealed of the case so far, `pictures` what it is still to seal.
    """

    case: Case
    head: str = ""
    count: int = 0
    told: Facts = field(default_factory=dict[str, Any])
    note: str = ""
    new: bool = False
    changed: bool = False
    entries: list[Entry] = field(default_factory=list[Entry])
    pictures: list[list[str]] = field(default_factory=list[list[str]])

    def sealed(self) -> list[Row]:
        """The new links of the chain; the last one seals what has changed."""
        facts: dict[str, Any] = changed(self.told, facts_of(self.case))
        if self.pictures:
            facts["pictures"] = self.pictures
        if facts and not self.entries:
            self.entries.append(Entry(_moment(self.case), audit.NOTED, SYSTEM.id))
        if self.entries and self.case.note != self.note:
            last = self.entries[-1]
            self.entries[-1] = replace(last, private={**last.private, "note": self.case.note})
        links: list[Row] = []
        for place, entry in enumerate(self.entries, start=1):
            seals = facts if place == len(self.entries) else None
            link = audit.seal(self.case.number, self.count + 1, self.head, entry, seals)
            self.head, self.count = link["hash"], self.count + 1
            links.append(link)
        return links


class Caseload:
    """The cases of one transaction."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._kept: dict[int, _Kept] = {}
        self._free: set[str] = set()

    async def lock(self, numbers: Collection[int]) -> None:
        """Read and lock several at once, by their numbers."""
        several = f"number IN ({marks(len(numbers))}) ORDER BY number"
        await self._read_all(several, *sorted(numbers))

    async def get(self, number: int) -> Case | None:
        """A case by its number."""
        kept = self._kept.get(number) or await self._read("number = ?", number)
        return kept.case if kept else None

    async def holding(self, live_key: str) -> Case | None:
        """The case that holds a live key."""
        held = (kept.case for kept in self._kept.values() if kept.case.live_key == live_key)
        if (case := next(held, None)) or live_key in self._free:
            return case
        kept = await self._read("live_key = ?", live_key)
        if kept is None or kept.case.live_key != live_key:
            self._free.add(live_key)
            return None
        return kept.case

    async def latest_at(self, place_key: str) -> Case | None:
        """The place's case with the highest number."""
        await self._read("place_key = ? ORDER BY number DESC LIMIT 1", place_key)
        return self._latest(lambda case: case.place_key == place_key)

    def add(self, case: Case) -> None:
        """A new case."""
        self._kept[case.number] = _Kept(case, new=True)

    async def save(self, case: Case) -> None:
        """A case as it is from now on."""
        await self.get(case.number)
        kept = self._kept[case.number]
        kept.case, kept.changed = case, True

    async def add_entry(self, number: int, entry: Entry) -> None:
        """The next link of a case's chain."""
        await self.get(number)
        self._kept[number].entries.append(entry)

    async def add_picture(self, number: int, kind: str, sha256: str) -> None:
        """A picture that the chain is to name."""
        if await self.get(number) is not None:
            self._kept[number].pictures.append([kind, sha256])

    async def write(self) -> None:
        """Write what is new or was changed."""
        kept = list(self._kept.values())
        links = {one.case.number: one.sealed() for one in kept}
        # keys that were given up are free before another case takes them
        changed = [one for one in kept if one.changed and not one.new]
        await self._update(sorted(changed, key=lambda one: one.case.live_key is not None))
        await self._move_heads(
            [one for one in kept if links[one.case.number] and not (one.changed or one.new)]
        )
        new = [_columns(one) for one in kept if one.new]
        if new:
            await self._sql.many(insert(_TABLE, tuple(new[0])), [[*row.values()] for row in new])
        entries = [[*row.values()] for sealed in links.values() for row in sealed]
        await self._sql.many(insert("audit_entry", audit.COLUMNS), entries)

    async def _update(self, several: Sequence[_Kept]) -> None:
        columns = [_columns(kept) for kept in several]
        numbers = [one.pop("number") for one in columns]
        if columns:
            statement = update(_TABLE, tuple(columns[0]), "number")
            values = [[*one.values(), n] for one, n in zip(columns, numbers, strict=True)]
            await self._sql.many(statement, values)

    async def _move_heads(self, several: Sequence[_Kept]) -> None:
        statement = update(_TABLE, ("audit_head", "audit_count"), "number")
        heads = [(kept.head, kept.count, kept.case.number) for kept in several]
        await self._sql.many(statement, heads)

    async def _read(self, where: str, *values: Any) -> _Kept | None:
        """The row, unless this transaction knows its case already, and better."""
        found = await self._read_all(where, *values)
        return found[0] if found else None

    async def _read_all(self, where: str, *values: Any) -> list[_Kept]:
        statement = f"SELECT * FROM {_TABLE} WHERE {where}{self._sql.lock}"  # noqa: S608 - our own
        read = [_kept_of(row) for row in await self._sql.rows(statement, *values)]
        return [self._kept.setdefault(kept.case.number, kept) for kept in read]

    def _latest(self, wanted: Callable[[Case], bool]) -> Case | None:
        found = (kept.case for kept in self._kept.values() if wanted(kept.case))
        return max(found, key=lambda case: case.number, default=None)


def _moment(case: Case) -> int:
    """When a change that nobody made was made: with the last thing known of the case."""
    return max(case.last_seen, case.received_at, case.last.at if case.last else 0)


def _kept_of(row: Row) -> _Kept:
    case = rows.case_of(row)
    return _Kept(case, row["audit_head"], row["audit_count"], facts_of(case), case.note)


def _columns(kept: _Kept) -> dict[str, Any]:
    head = {"audit_head": kept.head, "audit_count": kept.count}
    return rows.case_columns(kept.case) | head
