"""What every transaction can rely on, on both engines."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from tortoise.exceptions import OperationalError

from storage.database import Database, open_database
from storage.sql import Sql
from tests.support.databases import rows_of
from tests.support.patience import PATIENCE_S


async def count_up(database: Database, name: str = "case") -> None:
    """One transaction of one statement."""
    async with database.transaction() as connection:
        statement = "UPDATE counter SET value = value + 1 WHERE name = ?"
        await Sql(connection).change(statement, name)


async def start_counting(database: Database) -> None:
    await Sql(database.writer).change("INSERT INTO counter (name, value) VALUES (?, ?)", "case", 0)


async def value_of(database: Database) -> int:
    return (await rows_of(database, "counter"))[0]["value"]


async def test_an_exception_takes_everything_back(database: Database) -> None:
    """Nothing of a transaction that raised is there."""
    await start_counting(database)
    with contextlib.suppress(ValueError):
        async with database.transaction() as connection:
            await Sql(connection).change("UPDATE counter SET value = 7")
            raise ValueError
    assert await value_of(database) == 0


async def test_a_task_started_inside_does_not_write_into_the_transaction(
    database: Database,
) -> None:
    """Its write stays although the transaction around its start is rolled back."""
    await start_counting(database)

    async def write() -> None:
        await Sql(database.writer).change("INSERT INTO counter (name, value) VALUES ('task', 1)")

    with contextlib.suppress(ValueError):
        async with database.transaction() as connection:
            task = asyncio.create_task(write())
            await Sql(connection).change("UPDATE counter SET value = 7 WHERE name = 'case'")
            raise ValueError
    await task
    assert {row["name"]: row["value"] for row in await rows_of(database, "counter")} == {
        "case": 0,
        "task": 1,
    }


async def test_a_failed_statement_does_not_poison_the_next_transaction(database: Database) -> None:
    """Twelve in a row (more than there are connections) fail; the next ones work."""
    await start_counting(database)
    for _ in range(12):
        with pytest.raises(Exception, match="nowhere"):
            async with database.transaction() as connection:
                await Sql(connection).change("UPDATE nowhere SET value = 1")
    await asyncio.gather(*(count_up(database) for _ in range(12)))
    assert await value_of(database) == 12


async def test_cancelled_at_any_moment_a_transaction_is_whole_or_not_there(
    database: Database,
) -> None:
    """300 transactions of three statements, cancelled after every possible number of steps.

    What the database counts are whole ones, and afterwards every connection still works.
    """
    await start_counting(database)

    async def three() -> None:
        async with database.transaction() as connection:
            for _ in range(3):
                await Sql(connection).change("UPDATE counter SET value = value + 1")

    for steps in range(300):
        task = asyncio.create_task(three())
        for _ in range(steps % 60):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert await value_of(database) % 3 == 0
    before = await value_of(database)
    await asyncio.gather(*(count_up(database) for _ in range(20)))
    assert await value_of(database) == before + 20


@pytest.mark.parametrize("steps", range(12))
async def test_who_is_cancelled_at_the_first_look_keeps_nobody_out(
    database: Database, steps: int
) -> None:
    """Also while the connection might still be on its way."""
    looking = asyncio.ensure_future(database.reader.execute_query("SELECT 1"))
    for _ in range(steps):
        await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    async with asyncio.timeout(PATIENCE_S):
        assert await database.reader.execute_query("SELECT 1")


async def test_who_looks_while_somebody_writes_sees_what_was_before(database: Database) -> None:
    """An open transaction neither hides the database from readers nor shows them its half."""
    await start_counting(database)
    async with database.transaction() as connection:
        await Sql(connection).change("UPDATE counter SET value = 7")
        async with asyncio.timeout(PATIENCE_S):
            assert await value_of(database) == 0
    assert await value_of(database) == 7


async def test_the_reading_connection_cannot_write(database: Database) -> None:
    """Lists can never change anything, whatever is put into them."""
    with pytest.raises(Exception, match=r"read-?\s?only"):
        await Sql(database.reader).change("INSERT INTO counter (name, value) VALUES ('x', 1)")


async def test_many_transactions_at_once_all_count(database: Database) -> None:
    """None of 60 is lost, whatever the number of connections."""
    await start_counting(database)
    await asyncio.gather(*(count_up(database) for _ in range(60)))
    assert await value_of(database) == 60


async def test_a_connection_that_is_cut_means_that_the_database_is_away(
    postgres_url: str,
) -> None:
    """In the middle of a statement or between two: one kind of error, and no connection is lost."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    others += " WHERE datname = current_database() AND pid <> pg_backend_pid()"

    async def uses(database: Database, n: int) -> None:
        async with database.transaction() as connection:
            for m in range(50):
                await Sql(connection).rows(f"SELECT {n} + {m} + ?::int", m)

    async with open_database(postgres_url) as database, open_database(postgres_url) as killer:
        ended: list[object] = []
        for n in range(15):
            using = asyncio.gather(*(uses(database, n) for _ in range(6)), return_exceptions=True)
            await asyncio.sleep(0.005 * n)
            with contextlib.suppress(OperationalError):
                await Sql(killer.reader).rows(others)
            ended += await using
        faults = [one for one in ended if one is not None]
        assert faults, "nothing was cut"
        assert {type(one) for one in faults} == {OperationalError}
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(uses(database, 99) for _ in range(16)))
