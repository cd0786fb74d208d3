"""The evening's witness: once a day, told to the admins, made up for after an outage."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.command import Verb
from bot.domain.site import Site
from bot.witness import Witness
from tests.support.workshop import CONFIG, WANG, Workshop, workshop

HOUR = 3_600_000
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """It is ten in the morning in Shanghai."""
    sites = (replace(CONFIG.sites[0], timezone=SHANGHAI), Site("yard-8", "八号工地"))
    async with workshop(sqlite_url, tmp_path, replace(CONFIG, sites=sites)) as opened:
        opened.now = at(10)
        yield opened


def at(hour: int, day: int = 22) -> int:
    """An hour of a day in November, in Shanghai."""
    return round(datetime(2026, 11, day, hour, tzinfo=SHANGHAI).timestamp() * 1000)


async def look(shop: Workshop, now: int) -> list[str]:
    """A look at that time; the witnesses that the admins have been told in all."""
    shop.now = now
    await Witness(shop.core, time(20, 0)).look()
    await shop.deliver()
    told = [text for text in shop.console.texts("admins") if "存证码" in text]
    return [re.findall(r"([0-9a-f]{4}(?:-[0-9a-f]{4}){2})", text)[0] for text in told]


async def test_once_an_evening(shop: Workshop) -> None:
    """Not in the morning of the first start, and not twice; what was told verifies."""
    assert await look(shop, at(10)) == []
    await shop.report()
    assert await look(shop, at(19)) == []
    (first,) = await look(shop, at(20))
    assert await look(shop, at(21)) == [first]
    await shop.act(Verb.CLOSE, actor=WANG, reason="已整改")
    assert await look(shop, at(19, 23)) == [first]
    both = await look(shop, at(20, 23))
    assert both[0] == first != both[1]
    for witness in both:
        assert await shop.store.verify_audit(witness=witness) == (1, [])


async def test_an_evening_that_was_missed_is_made_up_for(shop: Workshop) -> None:
    """Two days of outage are one witness, at once; the next comes in its own evening."""
    await look(shop, at(10))
    await shop.report()
    assert len(await look(shop, at(3, 25))) == 1
    await shop.act(Verb.CLOSE, actor=WANG, reason="已整改")
    assert len(await look(shop, at(19, 25))) == 1
    assert len(await look(shop, at(20, 25))) == 2


async def test_a_day_without_news_needs_no_witness(shop: Workshop) -> None:
    """Nothing is said, and the day after it is not made up for at odd hours."""
    await look(shop, at(10))
    assert await look(shop, at(20)) == []
    await shop.report()
    assert await look(shop, at(21)) == []
    assert len(await look(shop, at(20, 23))) == 1


@pytest.mark.parametrize(
    ("since", "due"), [("19:59", "20:00"), ("20:00", "20:00+1"), ("23:59", "20:00+1")]
)
def test_the_next_evening_is_after_the_last(since: str, due: str) -> None:
    """By the first site's clock."""
    shop_config = replace(CONFIG, sites=(replace(CONFIG.sites[0], timezone=SHANGHAI),))
    witness = Witness(_CoreOf(shop_config), time(20, 0))  # type: ignore[arg-type]  # asks for sites only
    hours, minutes = map(int, since.split(":"))
    start = at(0) + hours * HOUR + minutes * 60_000
    assert witness.due(start) == at(20, 23 if due.endswith("+1") else 22)
    assert datetime.fromtimestamp(witness.due(start) / 1000, UTC).hour == 12


class _CoreOf:
    """A core of which only the site file matters."""

    def __init__(self, config: object) -> None:
        self.people = type("People", (), {"config": config})()
