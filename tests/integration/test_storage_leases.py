"""Leases: of several processes one has each, on both engines."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from storage.database import Database, open_database
from storage.leases import SqlLeases
from tests.support.patience import PATIENCE_S

LENGTH = 4_000


class Moment:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def leases(database: Database, moment: Callable[[], int]) -> SqlLeases:
    return SqlLeases(database, moment)


async def test_what_one_has_nobody_else_gets(leases: SqlLeases) -> None:
    """Of three that the second asks for it gets the one that was free."""
    assert await leases.take(["a", "b"], "one", LENGTH) == {"a": 1, "b": 1}
    assert await leases.take(["a", "b", "c"], "two", LENGTH) == {"c": 1}
    assert await leases.held() == {"a": "one", "b": "one", "c": "two"}


async def test_a_lease_that_is_not_renewed_goes_to_the_next_under_a_higher_epoch(
    leases: SqlLeases, moment: Moment
) -> None:
    """And the old holder cannot renew it, nor give it up under the new one's feet."""
    held = await leases.take(["a"], "one", LENGTH)
    moment.now += LENGTH - 1
    assert await leases.take(["a"], "two", LENGTH) == {}
    moment.now += 1
    assert await leases.held() == {}
    assert await leases.take(["a"], "two", LENGTH) == {"a": 2}
    assert set(await leases.renew(held, "one", LENGTH)) == set()
    await leases.release(held, "one")
    assert await leases.held() == {"a": "two"}


async def test_a_lease_that_is_renewed_stays(leases: SqlLeases, moment: Moment) -> None:
    """For as long as it is, under the same epoch."""
    held = await leases.take(["a", "b"], "one", LENGTH)
    for _ in range(5):
        moment.now += LENGTH - 1
        assert set(await leases.renew(held, "one", LENGTH)) == {"a", "b"}
    assert await leases.take(["a"], "two", LENGTH) == {}


async def test_what_is_given_up_is_free_at_once(leases: SqlLeases) -> None:
    """A process that stops makes nobody wait."""
    held = await leases.take(["a"], "one", LENGTH)
    await leases.release(held, "one")
    assert await leases.take(["a"], "two", LENGTH) == {"a": 2}


async def test_a_process_started_anew_under_its_name_does_not_wait_for_itself(
    leases: SqlLeases,
) -> None:
    """It has its leases at once, under a higher epoch: who it was before can renew nothing."""
    before = await leases.take(["a"], "one", LENGTH)
    assert await leases.take(["a"], "one", LENGTH) == {"a": 2}
    assert set(await leases.renew(before, "one", LENGTH)) == set()


async def test_by_the_databases_own_clock_a_lease_ends_too(database: Database) -> None:
    """Without a clock of the test's: it ends after its length and not before."""
    leases = SqlLeases(database)
    assert await leases.take(["a", "b"], "one", 60_000) == {"a": 1, "b": 1}
    assert await leases.take(["c"], "one", 300) == {"c": 1}
    assert await leases.take(["a"], "two", 60_000) == {}
    async with asyncio.timeout(PATIENCE_S):
        while not await leases.take(["c"], "two", 60_000):
            await asyncio.sleep(0.02)
    assert await leases.held() == {"a": "one", "b": "one", "c": "two"}


async def test_of_ten_that_ask_at_the_same_moment_one_gets_each(database_url: str) -> None:
    """Twenty leases, asked for by ten connections at once, in orders of their own."""
    async with AsyncExitStack() as stack:
        several = [
            SqlLeases(await stack.enter_async_context(open_database(database_url)))
            for _ in range(5)
        ]
        names = [f"lease-{n}" for n in range(20)]
        taken = await asyncio.gather(
            *(
                leases.take(names[n:] + names[:n], f"process-{n}", 60_000)
                for n, leases in enumerate(several * 2)
            )
        )
    counted = Counter(name for got in taken for name in got)
    assert counted == dict.fromkeys(names, 1)
