"""Several processes share the work: each part and each duty is one's, and none is nobody's."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.ports import ALL_PARTS, DUTY
from bot.share import LeasedShare
from storage.database import Database, open_database
from storage.leases import SqlLeases
from storage.wake import LocalWake
from tests.support.patience import until

LEASE_MS = 600
"""Short, so that the tests are; a process lives in the same loop as the others here."""


class Frozen(SqlLeases):
    """A process that may stop answering: killed, or cut off from its database."""

    frozen = False

    async def renew(self, held: Mapping[str, int], holder: str, ms: int) -> set[str]:
        if self.frozen:
            raise ConnectionError("the database is away")
        return set(await super().renew(held, holder, ms))

    async def release(self, held: Mapping[str, int], holder: str) -> None:
        if self.frozen:
            raise ConnectionError("the database is away")
        await super().release(held, holder)


def share_of(leases: SqlLeases, name: str) -> LeasedShare:
    return LeasedShare(leases, name, [DUTY], LocalWake(), LEASE_MS)


@asynccontextmanager
async def process(url: str, name: str) -> AsyncIterator[tuple[LeasedShare, Frozen]]:
    """A process with connections of its own."""
    async with open_database(url) as database:
        leases = Frozen(database)
        async with share_of(leases, name).kept() as share:
            yield share, leases


async def test_a_process_alone_has_everything_at_once(database_url: str) -> None:
    """Before anything else starts."""
    async with process(database_url, "one") as (one, _):
        assert one.parts() == ALL_PARTS
        assert one.has(DUTY)


async def test_the_parts_are_divided_evenly_and_never_held_twice(database_url: str) -> None:
    """A second process gets half of them, and the rest when the first ends."""
    async with process(database_url, "two") as (two, _):
        async with process(database_url, "one") as (one, _):
            while len(one.parts()) != 8 or len(two.parts()) != 8:
                assert not one.parts() & two.parts()
                await asyncio.sleep(0.01)
            assert one.parts() | two.parts() == ALL_PARTS
            # whose lease runs out on a machine that stands still loses it to the other
            await until(lambda: one.has(DUTY) != two.has(DUTY))
        await until(lambda: two.parts() == ALL_PARTS)


async def test_a_process_that_dies_is_followed_and_has_let_go_before(database_url: str) -> None:
    """Cut off from the database it lets go by its own clock, before anybody else takes over."""
    async with process(database_url, "one") as (one, cut), process(database_url, "two") as (two, _):
        await until(lambda: len(one.parts()) == 8 and len(two.parts()) == 8)
        cut.frozen = True
        while two.parts() != ALL_PARTS or not two.has(DUTY):
            assert not one.parts() & two.parts()
            assert not (one.has(DUTY) and two.has(DUTY))
            await asyncio.sleep(0.005)
        cut.frozen = False
        await until(lambda: len(one.parts()) == 8 and len(two.parts()) == 8)


async def test_what_is_done_while_it_is_ones_own_ends_with_it(database: Database) -> None:
    """The work of a duty is cancelled when the lease is lost, and begun anew when it is back."""
    leases, log = Frozen(database), list[str]()
    numbers = itertools.count(1)

    async def work() -> None:
        number = next(numbers)
        log.append(f"begun {number}")
        try:
            await asyncio.Event().wait()
        finally:
            log.append(f"ended {number}")

    async with share_of(leases, "one").kept() as share:
        working = asyncio.create_task(share.while_mine(DUTY, work))
        await until(lambda: log == ["begun 1"])
        leases.frozen = True
        await until(lambda: log == ["begun 1", "ended 1"])
        leases.frozen = False
        await until(lambda: log == ["begun 1", "ended 1", "begun 2"])
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert log[-1] == "ended 2"


async def test_who_is_started_anew_has_its_own_at_once(database: Database) -> None:
    """A crash gives nothing up; the same process, started again, need not wait."""
    before = share_of(SqlLeases(database), "one")
    await before._round()
    async with share_of(SqlLeases(database), "one").kept() as share:
        assert share.parts() == ALL_PARTS
        assert share.has(DUTY)
