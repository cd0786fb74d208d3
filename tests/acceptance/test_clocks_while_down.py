"""Clocks that ran out while the program was down: each is served once, soon after its start.

`TEST_TIMERS` says how many (300 by default).  The figures of 2,000 stand in
docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from storage.database import open_database
from storage.sql import Sql
from tests.benchmarks.bench_timers import now_ms, open_cases, set_clocks
from tests.support.databases import migrated, rows_of
from tests.support.patience import PATIENCE_S
from tests.support.program import Program
from tests.support.workshop import Workshop, workshop

TIMERS = int(os.environ.get("TEST_TIMERS") or 300)
SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[cameras]]
id = "gate"
site = "yard-7"
name = "大门"
source = "push"
models = []

[[chats]]
channel = "console"
id = "main"
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + TIMERS)]


async def overdue(url: str, folder: Path) -> None:
    """So many open cases whose clocks ran out a minute ago; nobody runs."""
    await migrated(url)
    async with workshop(url, folder) as shop:
        shop.now = now_ms()
        await open_cases(shop, TIMERS)
        await set_clocks(shop.database, [now_ms() - 60_000] * TIMERS)


async def served(url: str) -> Counter[int]:
    """How often each case was escalated, once no clock is due any more."""
    deadline = time.monotonic() + PATIENCE_S
    async with open_database(url) as database:
        due = "SELECT COUNT(*) AS n FROM timer WHERE kind = 'acknowledge_by'"
        while (await Sql(database.reader).rows(due))[0]["n"]:
            assert time.monotonic() < deadline, "clocks are still waiting"
            await asyncio.sleep(0.05)
        entries = await rows_of(database, "audit_entry")
    return Counter(row["case"] for row in entries if row["event"] == "escalated")


async def once_each(folder: Path, url: str, *programs: Program) -> None:
    await overdue(url, folder)
    try:
        await asyncio.gather(*(program.start() for program in programs))
        began = time.monotonic()
        escalated = await served(url)
        print(f"{TIMERS} clocks served {time.monotonic() - began:.1f} s after ready")
        assert escalated == Counter(range(1, TIMERS + 1))
        assert set(await asyncio.gather(*(program.stop() for program in programs))) == {0}
    finally:
        for program in programs:
            if program.running:
                await program.kill()


async def test_each_is_served_once_on_sqlite(tmp_path: Path) -> None:
    """By the one process."""
    (tmp_path / "data").mkdir()
    url = f"sqlite://{tmp_path}/data/loudhailer.sqlite3"
    await once_each(tmp_path, url, Program(tmp_path, SITE))


async def test_each_is_served_once_by_two_processes(tmp_path: Path, postgres_url: str) -> None:
    """Both see the same clocks; the database lets one have each."""
    programs = [
        Program(tmp_path, SITE, role="core", log=f"-{n}", DATABASE_URL=postgres_url)
        for n in range(2)
    ]
    await once_each(tmp_path, postgres_url, *programs)


async def test_two_clockworks_that_look_at_once_serve_each_once(
    tmp_path: Path, postgres_url: str
) -> None:
    """Within one moment, on connections of their own."""
    await overdue(postgres_url, tmp_path)
    async with workshop(postgres_url, tmp_path) as one, workshop(postgres_url, tmp_path) as two:

        async def run(shop: Workshop) -> None:
            shop.now = now_ms()
            await shop.clockwork.run()

        running = [asyncio.create_task(run(shop)) for shop in (one, two)]
        escalated = await served(postgres_url)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert escalated == Counter(range(1, TIMERS + 1))
