"""kill -9 at random moments: nothing is lost or done twice, every known card tells the truth.

The program runs against a chat server that fails at random.  A source reports, a person presses
and types, clocks run out, and the process is killed again and again: while it starts, around a
report, a call of the chat server, a command, a clock.  `TEST_KILLS` says how often (3 by
default, for each test), `TEST_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.botapi import BotApiServer, bot_api
from tests.support.crashing import (
    FAULTS,
    HANG_S,
    METHODS,
    REPORTS_A_LIFE,
    SITE,
    Story,
    kept,
    one_life,
    reading,
    settled,
)
from tests.support.crashproof import check, ghosts
from tests.support.program import Program

KILLS = int(os.environ.get("TEST_KILLS") or 3)
SEED = int(os.environ.get("TEST_SEED") or 20261122)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 60 * KILLS)]


@asynccontextmanager
async def town(programs: Sequence[Program], server: BotApiServer) -> AsyncIterator[Story]:
    """The story before it begins; whoever runs when it ends badly is killed."""
    print(f"{KILLS} kills, TEST_SEED={SEED}")
    group, li = server.group(-1001, "七号工地"), server.user(111, "李工")
    story = Story(server, group, li, random.Random(SEED), programs)
    story.key = await programs[0].command("key", "create", "--name", "box", "--role", "source")
    server.trouble.fail_randomly(SEED, FAULTS, methods=METHODS, hang_s=HANG_S)
    try:
        yield story
    finally:
        for program in programs:
            if program.running:
                await program.kill()


async def ends_well(story: Story, url: str) -> None:
    """All goes well from now on: what was begun is ended, ghosts are pressed, all is true."""
    for life in range(KILLS):
        for n in range(REPORTS_A_LIFE):
            await story.report(f"r{life}-{n}")
    async with reading(url) as database:
        await settled(story, database)
        for number, cards in ghosts(story, await kept(database)).items():
            for card in cards:
                offered = "acknowledge" if "确认" in card.buttons else "escalate"
                await story.press(card, number, offered)
        await settled(story, database)
        base = await kept(database)
    assert not ghosts(story, base), "a press did not make a ghost known"
    for program in story.programs:
        assert await program.stop() == 0, program.output()
    await story.programs[0].command("audit", "verify")  # fails the test unless every chain holds
    check(story, base, KILLS * REPORTS_A_LIFE)


async def one_process(folder: Path, url: str, **settings: str) -> None:
    """Lives cut short, one after the other; then one that may end its work."""
    async with bot_api() as server:
        settings |= {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
        program = Program(folder, SITE, **settings)
        async with town([program], server) as story:
            for life in range(KILLS):
                await one_life(story, program, life)
            server.trouble.stop_failing()
            await program.start()
            await ends_well(story, url)


async def test_kill_9_on_sqlite_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    """The embedded default: one process, one file."""
    await one_process(tmp_path, f"sqlite://{tmp_path}/data/loudhailer.sqlite3")


async def test_kill_9_on_postgresql_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, postgres_url: str
) -> None:
    """The same on a server that is not killed."""
    await one_process(tmp_path, postgres_url, DATABASE_URL=postgres_url)


@pytest.mark.long
async def test_kill_9_of_one_of_two_processes_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, postgres_url: str
) -> None:
    """Two cores on one database; one is killed again and again, the other goes on."""
    async with bot_api() as server:
        settings = {
            "TELEGRAM_API": server.url,
            "TELEGRAM_TOKEN": server.token,
            "DATABASE_URL": postgres_url,
        }
        mortal = Program(tmp_path, SITE, role="core", **settings)
        other = Program(tmp_path, SITE, role="core", log="-other", **settings)
        async with town([mortal, other], server) as story:
            await other.start()
            for life in range(KILLS):
                await one_life(story, mortal, life)
            server.trouble.stop_failing()
            await mortal.start()
            await ends_well(story, postgres_url)
