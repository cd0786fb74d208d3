"""Several processes, connections and crashes of the server: nothing is lost, nothing done twice."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.command import Verb
from bot.domain.error import Unavailable
from bot.domain.report import Phase
from storage.database import Database, open_database
from storage.sql import Sql
from tests.support.databases import migrated, rows_of, running_postgres
from tests.support.patience import PATIENCE_S
from tests.support.workshop import LI, WANG, Workshop, running, workshop

RACES = int(os.environ.get("TEST_RACES") or 20)
ROOT = Path(__file__).resolve().parents[2]
COUNTING = """
import asyncio, sys
from storage.database import open_database
from storage.sql import Sql

async def main(url, times):
    async with open_database(url) as database:
        for _ in range(times):
            async with database.transaction() as connection:
                sql = Sql(connection)
                row = await sql.first("SELECT value FROM counter WHERE name = 'case'" + sql.lock)
                up = "UPDATE counter SET value = ? WHERE name = 'case'"
                await sql.change(up, row["value"] + 1)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.slow
async def test_three_processes_read_and_write_without_a_locked_database(database_url: str) -> None:
    """Each reads a number and writes the next one 150 times: none fails, none is lost.

    With transactions that begin deferred, SQLite answers "database is locked" at once.
    """
    async with open_database(database_url) as database:
        await Sql(database.writer).rows("INSERT INTO counter (name, value) VALUES ('case', 0)")
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", COUNTING, database_url, "150", cwd=ROOT
        )
        for _ in range(3)
    ]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    async with open_database(database_url) as database:
        assert (await rows_of(database, "counter"))[0]["value"] == 450


async def shops(stack: AsyncExitStack, url: str, folder: Path, number: int) -> list[Workshop]:
    """So many processes' worth of cores over one database, taking reports."""
    opened = [await stack.enter_async_context(workshop(url, folder)) for _ in range(number)]
    for shop in opened:
        await stack.enter_async_context(running(shop.intake.run))
    return opened


async def test_reports_of_one_hazard_to_three_processes_open_one_case(
    database_url: str, tmp_path: Path
) -> None:
    """30 at once, ten to each: the first opens it, 29 attach; its card is written once."""
    async with AsyncExitStack() as stack:
        several = await shops(stack, database_url, tmp_path, 3)
        answers = await asyncio.gather(
            *(
                several[n % 3].intake.report(several[0].a_report(id=f"r{n}", phase=Phase.EVENT))
                for n in range(30)
            )
        )
        assert {answer.case for answer in answers} == {1}
        assert sorted(answer.created for answer in answers) == [False] * 29 + [True]
        case = await several[0].store.get_case(1)
        assert case is not None
        assert case.count == 30
        assert [row.kind for row in await several[0].store.deliveries(1)].count("card") == 1
        assert await several[0].store.verify_audit() == (1, [])


async def test_different_hazards_to_three_processes_count_on_without_gaps(
    database_url: str, tmp_path: Path
) -> None:
    """45 cases at once: numbers 1 to 45."""
    async with AsyncExitStack() as stack:
        several = await shops(stack, database_url, tmp_path, 3)
        answers = await asyncio.gather(
            *(
                several[n % 3].intake.report(several[0].a_report(id=f"r{n}", zone=f"z{n}"))
                for n in range(45)
            )
        )
        assert sorted(answer.case or 0 for answer in answers) == list(range(1, 46))


@pytest.mark.timeout(120 + RACES)
async def test_two_people_at_once_one_wins_and_the_other_is_told_who(
    database_url: str, tmp_path: Path
) -> None:
    """Each case is closed and escalated at the same moment: one of each entry, no third.

    20 cases, or as many as `TEST_RACES` says.
    """
    async with AsyncExitStack() as stack:
        one, two = await shops(stack, database_url, tmp_path, 2)
        for number in range(1, RACES + 1):
            await one.intake.report(one.a_report(id=f"r{number}", zone=f"z{number}"))
            closed, escalated = await asyncio.gather(
                one.act(Verb.CLOSE, number, LI, reason="已整改", id=f"close-{number}", seq=1),
                two.act(Verb.ESCALATE, number, WANG, id=f"escalate-{number}", seq=1),
            )
            assert sorted([closed.ok, escalated.ok]) == [False, True]
            loser = escalated if closed.ok else closed
            assert ("李工" if closed.ok else "王监督") in loser.text
            events = [row.entry.event for row in await one.store.history(number)]
            assert events.count("closed") + events.count("escalated") == 1
            assert events.count("refused") == 1
        assert await one.store.verify_audit() == (RACES, [])


async def test_one_command_id_sent_to_two_processes_is_carried_out_once(
    database_url: str, tmp_path: Path
) -> None:
    """Both get the same answer; the history has one entry."""
    async with AsyncExitStack() as stack:
        one, two = await shops(stack, database_url, tmp_path, 2)
        await one.intake.report(one.a_report())
        answers = await asyncio.gather(
            *(shop.act(Verb.ACKNOWLEDGE, 1, LI, id="same") for shop in (one, two) * 4)
        )
        assert {(answer.ok, answer.text) for answer in answers} == {(True, answers[0].text)}
        events = [row.entry.event for row in await one.store.history(1)]
        assert events.count("acknowledged") == 1


async def test_many_commands_at_once_never_wait_for_each_other_for_ever(
    database_url: str, tmp_path: Path
) -> None:
    """More than there are connections, each looking something up beside its transaction."""
    async with AsyncExitStack() as stack:
        (shop,) = await shops(stack, database_url, tmp_path, 1)
        for number in range(1, 25):
            await shop.intake.report(shop.a_report(id=f"r{number}", zone=f"z{number}"))

        async def look_inside(number: int) -> None:
            async with shop.store.begin() as tx:
                await tx.case(number)
                await shop.store.get_case(number)

        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(look_inside(number) for number in range(1, 25)))


@pytest.mark.slow
async def test_after_a_restart_of_postgres_everything_works_again(tmp_path: Path) -> None:
    """Reports are refused meanwhile, not lost; no connection stays broken or away."""
    with running_postgres() as server:
        await server.execute("CREATE DATABASE town")
        await migrated(server.url("town"))
        async with AsyncExitStack() as stack:
            (shop,) = await shops(stack, server.url("town"), tmp_path, 1)
            database: Database = shop.database
            await asyncio.gather(*(count(database) for _ in range(10)))
            given = shop.a_report(id="meanwhile")
            for restart in range(2):
                await asyncio.to_thread(server.stop)
                with pytest.raises(Unavailable):
                    await shop.intake.report(given)
                await asyncio.gather(*(count(database) for _ in range(20)), return_exceptions=True)
                await asyncio.to_thread(server.start)
                await asyncio.gather(*(count(database) for _ in range(20)))
                answer = await shop.intake.report(replace(given, id=f"after-{restart}"))
                assert answer.case == 1


async def count(database: Database) -> None:
    async with database.transaction() as connection:
        await Sql(connection).rows("SELECT COUNT(*) FROM hazard_case")
