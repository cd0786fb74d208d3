"""How soon clocks are served that ran out while the program was down, and how late others are.

    python -m tests.benchmarks.bench_timers [--due 2000] [--waiting 100000] [--over 40] [--postgres]

The real core over a real database, with the real clock.  Each clock escalates a case of its own.
First all of them are due at once; then they fall due evenly over so many seconds, while `--waiting`
other clocks stand in the table.  A clock is served when its transaction is durable.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter, time_ns
from typing import Any

from storage.database import Database
from storage.sql import Sql
from tests.support.databases import migrated, running_postgres
from tests.support.workshop import Workshop, running, workshop

_HOUR_MS = 3_600_000
_NOWHERE = 1_000_000
"""Case numbers from here on do not exist: their clocks only wait."""


def now_ms() -> int:
    return time_ns() // 1_000_000


class Served:
    """Notes when each clock's transaction was done."""

    def __init__(self, shop: Workshop) -> None:
        self.lateness: list[int] = []
        self._together = shop.timers.due
        shop.timers.due = self.due  # type: ignore[method-assign]  # measured, not changed

    async def due(self, *timers: Any) -> None:
        await self._together(*timers)
        done = now_ms()
        self.lateness += [done - timer.due for timer in timers]


async def open_cases(shop: Workshop, number: int) -> None:
    """Cases with a clock each, at places of their own."""
    async with running(shop.intake.run):
        reports = [shop.a_report(id=f"r{n}", zone=f"z{n}") for n in range(number)]
        for n in range(0, number, 100):
            some = (shop.intake.report(replace(one, shot=None)) for one in reports[n : n + 100])
            await asyncio.gather(*some)


async def set_clocks(database: Database, times: Sequence[int]) -> None:
    """The clocks of the cases, in the order of their numbers; no other runs."""
    sql = Sql(database.writer)
    await sql.rows("DELETE FROM timer")
    rows = [(number, due) for number, due in enumerate(times, 1)]
    insert = "INSERT INTO timer (\"case\", kind, due) VALUES (?, 'acknowledge_by', ?)"
    async with database.transaction() as connection:
        await Sql(connection).many(insert, rows)


async def fill(database: Database, waiting: int) -> None:
    """Clocks that are not due for hours."""
    later = now_ms() + 10 * _HOUR_MS
    rows = [(_NOWHERE + n, later + n) for n in range(waiting)]
    insert = "INSERT INTO timer (\"case\", kind, due) VALUES (?, 'rectify_by', ?)"
    async with database.transaction() as connection:
        await Sql(connection).many(insert, rows)


async def serve(shop: Workshop, number: int) -> tuple[float, list[int]]:
    """Run the clockwork until all are served: seconds, and how late (ms) each was."""
    served, begun = Served(shop), perf_counter()
    async with running(shop.clockwork.run):
        while len(served.lateness) < number:
            await asyncio.sleep(0.01)
    return perf_counter() - begun, sorted(served.lateness)


async def fired_once(database: Database, number: int) -> bool:
    rows = await Sql(database.reader).rows(
        'SELECT COUNT(*) AS n, COUNT(DISTINCT "case") AS cases FROM audit_entry'
        " WHERE event = 'escalated'"
    )
    return (rows[0]["n"], rows[0]["cases"]) == (number, number)


async def measure(url: str, folder: Path, due: int, waiting: int, over: float) -> None:
    async with workshop(url, folder) as shop:
        shop.core.clock = now_ms
        shop.now = now_ms()
        await open_cases(shop, due)
        await fill(shop.database, 0)
        await set_clocks(shop.database, [now_ms() - 60_000] * due)
        seconds, _ = await serve(shop, due)
        assert await fired_once(shop.database, due)
        print(f"{due} due at once, each served once: {seconds:.2f} s")
    async with workshop(f"{url}", folder) as shop:
        await shop.database.writer.execute_query("DELETE FROM audit_entry")
        await shop.database.writer.execute_query(
            "UPDATE hazard_case SET state = 'open', level = 0, audit_count = 0, audit_head = ''"
        )
        shop.core.clock = now_ms
        start = now_ms() + 3_000
        await set_clocks(shop.database, [start + round(n * over * 1000 / due) for n in range(due)])
        await fill(shop.database, waiting)
        _, lateness = await serve(shop, due)
        p50, p99 = statistics.median(lateness), lateness[int(len(lateness) * 0.99)]
        print(
            f"{due} over {over:g} s, {waiting} waiting: "
            f"p50 {p50:.0f} ms, p99 {p99} ms, max {lateness[-1]} ms late"
        )
        assert await fired_once(shop.database, due)


@contextmanager
def a_database(postgres: bool, folder: Path) -> Iterator[str]:
    """A migrated one; PostgreSQL has a server of its own."""
    with ExitStack() as stack:
        if postgres:
            server = stack.enter_context(running_postgres())
            url = server.url(asyncio.run(server.new_database(template=None)))
        else:
            url = f"sqlite://{folder}/timers.db"
        asyncio.run(migrated(url))
        yield url


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, default=2000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--over", type=float, default=40)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, a_database(asked.postgres, Path(place)) as address:
        asyncio.run(measure(address, Path(place), asked.due, asked.waiting, asked.over))
