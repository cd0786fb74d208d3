"""What time it is for several processes: what PostgreSQL's machine says, whatever theirs do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import SteadyClock
from bot.courier import CHATS
from storage.database import Database, open_database
from storage.server_clock import ServerClock, time_of
from tests.support.workshop import CONFIG, Workshop

MINUTES = 5 * 60_000
CLOSE_MS = 3_000


def now() -> int:
    return time.time_ns() // 1_000_000


async def test_a_machine_minutes_off_goes_by_the_databases_clock(postgres_url: str) -> None:
    async with open_database(postgres_url) as database:
        clock = ServerClock(database, wall=lambda: now() + MINUTES)
        await clock.look()
        assert abs(clock() - now()) < CLOSE_MS
        assert abs(clock.ahead_ms - MINUTES) < CLOSE_MS
        assert abs(await time_of(database) - now()) < CLOSE_MS


async def test_a_clock_that_is_set_meanwhile_changes_nothing(postgres_url: str) -> None:
    """Neither before it is asked again nor after: no jump, and nobody has to be told of one."""
    async with open_database(postgres_url) as database:
        off = [0]
        clock = ServerClock(database, wall=lambda: now() + off[0])
        await clock.look()
        steady = SteadyClock(clock)
        off[0] = -MINUTES
        assert (steady.jump(), abs(steady() - now()) < CLOSE_MS) == (0, True)
        await clock.look()
        assert (steady.jump(), abs(steady() - now()) < CLOSE_MS) == (0, True)


async def test_the_databases_clock_is_followed_when_it_is_set(postgres_url: str) -> None:
    """What counts since the start of the machine lags by minutes: then the database's was set."""
    async with open_database(postgres_url) as database:
        begun = [0]
        clock = ServerClock(database, elapsed=lambda: now() - begun[0])
        await clock.look()
        steady = SteadyClock(clock, elapsed=lambda: now() - begun[0])
        begun[0] = MINUTES
        assert abs(steady() - now() + MINUTES) < CLOSE_MS
        await clock.look()
        assert abs(steady.jump() - MINUTES) < CLOSE_MS


class Machine(Workshop):
    """A process on a machine whose own clock is wrong."""

    def __init__(self, database: Database, folder: Path, clock: SteadyClock) -> None:
        self._clock = clock
        super().__init__(database, folder, CONFIG)

    @property
    def now(self) -> int:
        return self._clock()

    @now.setter
    def now(self, _: int) -> None:
        """It is what it is."""


@asynccontextmanager
async def machine(url: str, folder: Path, off: int) -> AsyncIterator[Machine]:
    async with open_database(url) as database:
        clock = ServerClock(database, wall=lambda: now() + off)
        await clock.look()
        yield Machine(database, folder, SteadyClock(clock))


@pytest.mark.parametrize("off", [MINUTES, -MINUTES])
async def test_what_one_machine_writes_the_other_does_at_once_and_on_time(
    postgres_url: str, tmp_path: Path, off: int
) -> None:
    """Their clocks are ten minutes apart: no card waits or is late, no horn stays silent."""
    async with (
        machine(postgres_url, tmp_path, off) as one,
        machine(postgres_url, tmp_path, -off) as two,
    ):
        await one.report()
        due = await two.store.next_due(CHATS)
        assert due is not None
        assert due <= two.now
        await two.deliver()
        (card,) = two.telegram.texts()
        assert "迟到" not in card
        await two.deliver(speaks=True)
        assert [said.speaker for said in two.announcer.said] == ["horn"]
