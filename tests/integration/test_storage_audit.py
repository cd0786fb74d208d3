"""The chain of a case cannot be changed unseen, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.ports import Entry
from storage.audit import ERASED
from storage.database import Database
from storage.sql import Sql
from storage.store import SqlStore
from tests.support.cases import T0, opened

ENTRIES = 4
OTHER = "e" * 64
CHANGES: dict[str, Any] = {
    "at": T0 + 999,
    "event": "closed",
    "actor": "wang",
    "data": '{"outcome":"rectified"}',
    "facts": '{"state":"closed"}',
    "private": '{"reason":"已整改"}',
    "salt": "0" * 32,
    "private_digest": OTHER,
    "previous": OTHER,
    "hash": OTHER,
    "n": 9,
    "case": 2,
}
AWKWARD: dict[str, Any] = {
    "confidence": 0.93,
    "whole": 1.0,
    "large": 1e22,
    "largest": 1.7976931348623157e308,
    "small": 5e-324,
    "minus": -0.0,
    "digits": 12345678901234567890123,
    "words": '“楼梯口” 😀 \u2028 \\u0041 " \\',
    "order": {"b": 1, "a": [1, 2.50, None, True]},
}


@pytest.fixture
async def chain(store: SqlStore) -> SqlStore:
    """Two cases; the first has entries with private parts and awkward numbers."""
    async with store.begin() as tx:
        for _ in (1, 2):
            number = await tx.next_number("case")
            await tx.add_case(replace(opened(), number=number, live_key=None))
            await tx.add_entry(number, Entry(T0, "opened", "system", {"n": 1}))
    for number in range(1, ENTRIES):
        async with store.begin() as tx:
            entry = Entry(T0 + number, "attached", "li", AWKWARD, {"reason": f"没戴 {number}"})
            await tx.add_entry(1, entry)
    return store


async def tamper(database: Database, column: str, value: Any, n: int = 2) -> None:
    """As somebody with access to the database would."""
    statement = f'UPDATE audit_entry SET "{column}" = ? WHERE "case" = 1 AND n = ?'
    assert await Sql(database.writer).change(statement, value, n) == 1


async def faults(store: SqlStore) -> list[str]:
    """What verification finds, in a line each."""
    _, found = await store.verify_audit()
    return [f"{fault.case}/{fault.n}: {fault.message}" for fault in found]


async def test_what_was_written_verifies_whatever_the_engine_makes_of_json(
    chain: SqlStore,
) -> None:
    """And it reads as it was written."""
    assert await chain.verify_audit() == (2, [])
    assert await chain.verify_audit(1) == (1, [])
    history = await chain.history(1)
    assert [row.n for row in history] == [1, 2, 3, 4]
    assert history[1].entry.data == AWKWARD
    assert history[1].entry.private == {"reason": "没戴 1"}


@pytest.mark.parametrize("column", CHANGES)
async def test_a_change_of_any_column_is_named(
    chain: SqlStore, database: Database, column: str
) -> None:
    """The fault says which case, and which entry."""
    await tamper(database, column, CHANGES[column])
    found = await faults(chain)
    assert found
    near = {"hash": "1/2: was changed", "n": "1/9: ", "case": "1/3: entry 2 is missing"}
    assert any(line.startswith(near.get(column, "1/2: ")) for line in found), found


async def test_no_column_is_left_out(chain: SqlStore, database: Database) -> None:
    """A column that comes to the table must be sealed too, or be said here not to be."""
    (row, *_) = await database.reader.execute_query_dict("SELECT * FROM audit_entry")
    assert set(row) - set(CHANGES) == {"id"}


async def test_an_entry_taken_out_or_cut_off_is_missed(chain: SqlStore, database: Database) -> None:
    """In the middle the next does not follow; at the end the case remembers how many there were."""
    sql = Sql(database.writer)
    await sql.change('DELETE FROM audit_entry WHERE "case" = 1 AND n = 4')
    assert await faults(chain) == [
        "1/3: 4 entries were written, 3 are there",
        "1/3: the last entry is not the one the case remembers",
    ]
    await sql.change('DELETE FROM audit_entry WHERE "case" = 1 AND n = 2')
    found = await faults(chain)
    assert "1/3: entry 2 is missing" in found
    assert "1/3: does not follow the entry before it" in found


async def test_entries_changed_places_are_found(chain: SqlStore, database: Database) -> None:
    """Their numbers are sealed."""
    for old, new in ((2, 99), (3, 2), (99, 3)):
        await tamper(database, "n", new, old)
    assert "1/2: was changed after it was written" in await faults(chain)


async def test_private_parts_can_be_erased_by_rule(chain: SqlStore, database: Database) -> None:
    """Names and words go, with their salt; digest and chain stay and verify.

    But only where an entry tells of it: a hand in the database is found out.
    """
    statement = 'UPDATE audit_entry SET private = NULL, salt = NULL WHERE "case" = 1'
    assert await Sql(database.writer).change(statement) == ENTRIES
    assert await faults(chain) == [f"1/{n}: its private part is gone" for n in (2, 3, 4)]
    async with chain.begin() as tx:
        await tx.add_entry(1, Entry(T0, ERASED, "system", {"entries": [2, 3]}))
    assert await faults(chain) == ["1/4: its private part is gone"]
    async with chain.begin() as tx:
        await tx.add_entry(1, Entry(T0, ERASED, "system", {"entries": [4]}))
    assert await chain.verify_audit() == (2, [])
    assert [dict(row.entry.private) for row in await chain.history(1)] == [{}] * (ENTRIES + 2)


async def test_a_private_part_cannot_be_told_by_guessing(
    chain: SqlStore, database: Database
) -> None:
    """The same words have another digest each time."""
    async with chain.begin() as tx:
        await tx.add_entry(1, Entry(T0, "attached", "li", {}, {"reason": "没戴 1"}))
    rows = await database.reader.execute_query_dict(
        "SELECT private_digest FROM audit_entry WHERE private LIKE '%没戴 1%' AND \"case\" = 1"
    )
    assert len(rows) == 2
    assert rows[0] != rows[1]
