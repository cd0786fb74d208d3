"""Two horns of a place that fail at the same moment are followed by one, on both engines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.domain.secret import Secret
from bot.domain.site import Speaker
from bot.ports import Spoken
from tests.support.workshop import CONFIG, running, workshop

HORNS = tuple(
    Speaker(id, "yard-7", id, Secret(f"file:{id}", listed=False), cameras=cameras)
    for id, cameras in (("a", ("gate",)), ("b", ("gate",)), ("c", ("pit",)), ("d", ("pit",)))
)
CASES = 10


async def test_whoever_ends_last_decides_once(database_url: str, tmp_path: Path) -> None:
    """Ten cases at once, two couriers: each case has both outcomes and one horn after them."""
    async with workshop(database_url, tmp_path, replace(CONFIG, speakers=HORNS)) as yard:
        for one in ("a", "b"):
            yard.announcer.outcomes[one] = Spoken(one, "unreachable")
        for n in range(CASES):
            await yard.report(id=f"r{n}", zone=f"z{n}", hazard="smoke_fire")
        couriers = [yard.courier(speaks=True) for _ in range(2)]
        async with running(*(one.run for one in couriers)):
            await yard.until_idle(*couriers)
        for n in range(1, CASES + 1):
            rows = [row for row in await yard.store.deliveries(n) if row.kind == "announce"]
            ended = sorted((row.target, (row.outcome or {})["outcome"]) for row in rows)
            assert ended == [("a", "unreachable"), ("b", "unreachable"), ("c", "spoken")], n
