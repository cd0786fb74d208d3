"""How the last run ended is known at the next start, whatever ended it."""

from __future__ import annotations

import os
from pathlib import Path

from bot.watching.arrival import LogBook
from tests.support.workshop import Workshop


async def test_a_clean_stop_a_crash_and_a_first_start(shop: Workshop, tmp_path: Path) -> None:
    """With the time at which somebody was there last."""
    book = LogBook(tmp_path, "abc@host")
    assert (await book.arrive(shop.store, shop.core.clock)).how == "first"
    async with book.kept():
        pass
    clean = await LogBook(tmp_path, "abc@other").arrive(shop.store, shop.core.clock)
    assert clean.how == "clean"
    os.utime(tmp_path / "abc.run", (1000, 1000))
    crash = await LogBook(tmp_path, "abc@host").arrive(shop.store, shop.core.clock)
    assert (crash.how, crash.since) == ("crash", 1_000_000)


async def test_what_waits_is_counted(shop: Workshop, tmp_path: Path) -> None:
    """What was due while nobody was there: deadlines and deliveries."""
    await shop.report()
    shop.now += 3_600_000
    arrival = await LogBook(tmp_path, "abc").arrive(shop.store, shop.core.clock)
    assert arrival.timers >= 1
    assert arrival.outbox >= 1


async def test_a_folder_that_cannot_be_written_to_stops_nothing(
    shop: Workshop, tmp_path: Path
) -> None:
    """It is only not known then."""
    book = LogBook(tmp_path / "gone", "abc")
    assert (await book.arrive(shop.store, shop.core.clock)).how == "first"
    async with book.kept():
        pass
