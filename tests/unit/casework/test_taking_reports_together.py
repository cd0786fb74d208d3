"""The intake: reports that wait together are one transaction, and none spoils another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.error import Conflict, Unavailable
from bot.domain.report import Because, Phase, Report
from bot.ports import Tx
from tests.support.workshop import Workshop, running


class Database:
    """The store's transactions, counted; `broken` decides which of them fail."""

    def __init__(self, shop: Workshop) -> None:
        self.begin, self.count = shop.store.begin, 0
        self.broken: Any = lambda: False
        self.seen: list[int] = []
        shop.store.begin = self.opened  # type: ignore[method-assign]  # the seam of the database

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Tx]:
        self.count += 1
        if self.broken():
            raise OSError("disk I/O error")
        async with self.begin() as tx:
            yield tx


async def take(shop: Workshop, *reports: Report) -> list[Any]:
    """Hand in reports at the same moment; answers or errors."""
    waiting = [asyncio.ensure_future(shop.intake.report(report)) for report in reports]
    await asyncio.sleep(0)
    async with running(shop.intake.run):
        return await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_waits_together_is_one_transaction(shop: Workshop) -> None:
    """Fifty at a time; each has its own answer."""
    database = Database(shop)
    answers = await take(shop, *(shop.a_report(id=f"r{n}", zone=f"z{n}") for n in range(120)))
    assert [answer.case for answer in answers] == list(range(1, 121))
    assert [answer.report for answer in answers] == [f"r{n}" for n in range(120)]
    assert database.count == 3


async def test_repeats_within_a_batch_are_one(shop: Workshop) -> None:
    """The same report twice is answered twice and counted once; other content is a conflict."""
    first = shop.a_report(id="r", content="a")
    other = replace(first, content="b")
    opened, repeat, conflict, next_one = await take(
        shop, first, first, other, shop.a_report(id="s", phase=Phase.EVENT)
    )
    assert (opened.case, opened.created, opened.repeat) == (1, True, False)
    assert (repeat.case, repeat.created, repeat.repeat) == (1, False, True)
    assert isinstance(conflict, Conflict)
    assert (next_one.case, next_one.created) == (1, False)
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.count == 2


async def test_a_repeat_after_a_restart_is_answered_the_same(shop: Workshop) -> None:
    """And a conflict stays one."""
    given = shop.a_report(id="r", content="a")
    await take(shop, given)
    (again, conflict) = await take(shop, given, replace(given, content="b"))
    assert (again.case, again.state, again.repeat) == (1, "open", True)
    assert isinstance(conflict, Conflict)


async def test_one_bad_report_spoils_no_other(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """A report that breaks its batch (a name no column can hold) is refused alone."""
    caplog.set_level(logging.CRITICAL)
    reports = [shop.a_report(id=f"r{n}", zone=f"z{n}") for n in range(5)]
    reports[2] = replace(reports[2], note="\ud800")
    answers = await take(shop, *reports)
    assert [answer.case for answer in answers if not isinstance(answer, Exception)] == [1, 2, 3, 4]
    assert isinstance(answers[2], Unavailable)


async def test_a_short_failure_of_the_database_costs_nobody_anything(shop: Workshop) -> None:
    """The batch fails once, then each report is written alone."""
    database = Database(shop)
    database.broken = lambda: database.count == 1
    answers = await take(shop, *(shop.a_report(id=f"r{n}", zone=f"z{n}") for n in range(3)))
    assert [answer.case for answer in answers] == [1, 2, 3]


async def test_a_database_that_is_away_refuses_and_takes_again_later(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    """Every report gets its answer, and afterwards all is as before."""
    caplog.set_level(logging.CRITICAL)
    database = Database(shop)
    database.broken = lambda: True
    reports = [shop.a_report(id=f"r{n}", zone=f"z{n}") for n in range(3)]
    assert [type(answer) for answer in await take(shop, *reports)] == [Unavailable] * 3
    database.broken = lambda: False
    assert [answer.case for answer in await take(shop, *reports)] == [1, 2, 3]


async def test_stopping_finishes_what_is_being_written_and_refuses_the_rest(
    shop: Workshop,
) -> None:
    """Nobody waits for an answer for ever, and what was answered is durable."""
    writing, go_on = asyncio.Event(), asyncio.Event()
    begin = shop.store.begin

    @asynccontextmanager
    async def slow() -> AsyncIterator[Tx]:
        async with begin() as tx:
            writing.set()
            await go_on.wait()
            yield tx

    shop.store.begin = slow  # type: ignore[method-assign]  # the seam of the database
    loop = asyncio.ensure_future(shop.intake.run())
    first = asyncio.ensure_future(shop.intake.report(shop.a_report(id="first")))
    await writing.wait()
    second = asyncio.ensure_future(shop.intake.report(shop.a_report(id="second", zone="pit")))
    await asyncio.sleep(0)
    loop.cancel()
    go_on.set()
    with pytest.raises(Unavailable):
        await second
    assert (await first).case == 1
    with contextlib.suppress(asyncio.CancelledError):
        await loop
    assert await shop.store.get_case(1) is not None


async def test_who_stops_waiting_stops_no_report(shop: Workshop) -> None:
    """The client hangs up; its report is taken all the same, and those beside it are answered."""
    gone = asyncio.ensure_future(shop.intake.report(shop.a_report(id="gone")))
    stays = asyncio.ensure_future(shop.intake.report(shop.a_report(id="stays", zone="pit")))
    await asyncio.sleep(0)
    gone.cancel()
    async with running(shop.intake.run):
        assert (await stays).case == 2
    assert (await shop.store.get_case(1)) is not None


async def test_fifty_reports_of_one_hazard_write_its_card_once(shop: Workshop) -> None:
    """One case, one entry for each that says something new, one announcement."""
    given = [shop.a_report(id=f"r{n}", phase=Phase.EVENT) for n in range(50)]
    answers = await take(shop, *given)
    assert {answer.case for answer in answers} == {1}
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.count == 50
    kinds = [row.kind for row in await shop.store.deliveries(1)]
    assert sorted(kinds) == ["announce", "card"]
    assert await shop.store.verify_audit() == (1, [])


async def test_seen_and_gone_in_one_batch(shop: Workshop) -> None:
    """Start, end and start again of one place, in the order in which they came."""
    start = shop.a_report(id="a", phase=Phase.START, subject="t")
    end = replace(start, id="b", phase=Phase.END, because=Because.LEFT)
    again = replace(start, id="c", at=start.at + 1, received_at=start.received_at + 1)
    opened, ended, reopened = await take(shop, start, end, again)
    assert [one.case for one in (opened, ended, reopened)] == [1, 1, 1]
    assert (ended.state, reopened.state) == ("closed", "open")
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.live_key == start.live_key("place")
