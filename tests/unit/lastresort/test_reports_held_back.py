"""Reports of cameras while nothing can be written: held key by key, the newest state stands."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.message import Picture
from bot.domain.report import Because, Phase, Report, Shot
from bot.holding import Holding
from tests.support.cases import report

START, ON, END = Phase.START, Phase.CONTINUE, Phase.END


class Taker:
    """Takes reports, or does not."""

    def __init__(self) -> None:
        self.open = True
        self.slow = 0.0
        self.taken: list[tuple[str | None, Phase]] = []
        self.bytes_held = 0

    async def __call__(self, given: Report) -> bool:
        await asyncio.sleep(self.slow)
        if self.open:
            self.taken.append((given.subject, given.phase))
        self.bytes_held = len(given.shot.annotated.jpeg) if given.shot else 0
        return self.open

    def of(self, subject: str) -> list[Phase]:
        return [phase for who, phase in self.taken if who == subject]


def one(subject: str, phase: Phase, at: int = 0) -> Report:
    because = Because.RECTIFIED if phase is END else None
    return report(phase, at, subject=subject, because=because)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.holding._RETRY_S", 0.02)
    monkeypatch.setattr("bot.holding._LAST_WITHIN_S", 0.05)


async def test_what_is_taken_at_once_keeps_its_order() -> None:
    """Over all keys, as vision says it."""
    taker = Taker()
    holding = Holding(taker)
    said = [("a", START), ("b", START), ("a", ON), ("b", END), ("a", END)]
    for subject, phase in said:
        holding.add(subject, one(subject, phase))
        await asyncio.sleep(0.02)
    assert taker.taken == said
    assert holding.held("a") == []


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ([START, ON, ON], [START]),
        ([START, END], [START, END]),
        ([START, END, START], [START]),
        ([START, END, START, END, START, END], [START, END]),
        ([END, START], [END, START]),
        ([END, START, END], [END, START, END]),
        ([END, START, END, START, END, START], [END, START]),
        ([ON], []),
    ],
)
async def test_the_newest_state_stands_for_what_came_before(
    said: list[Phase], taken: list[Phase]
) -> None:
    """A hazard that came, went and came again while nobody could note it has lasted."""
    taker = Taker()
    taker.open = False
    holding = Holding(taker)
    for at, phase in enumerate(said):
        holding.add("a", one("a", phase, at))
    await asyncio.sleep(0.05)
    taker.open = True
    await holding.settled()
    assert taker.of("a") == taken


async def test_no_key_waits_for_another() -> None:
    """A report that nobody takes holds up nothing but what follows it."""
    taker = Taker()
    taker.slow = 0.3
    holding = Holding(taker)
    for n in range(20):
        holding.add(f"k{n}", one(f"k{n}", START))
    await asyncio.sleep(1)
    assert len(taker.taken) == 20, "beside each other, not one after the other"
    taker.slow, taker.open = 0, False
    holding.add("stuck", one("stuck", START))
    await asyncio.sleep(0.1)
    await holding.close()
    assert holding.held("stuck")


async def test_a_camera_that_sees_much_does_not_fill_the_memory() -> None:
    """Held, a report knows its pictures by name."""
    taker = Taker()
    taker.open = False
    holding = Holding(taker)
    shot = Shot(Picture(bytes(1000), "a" * 64), Picture(bytes(1000), "b" * 64))
    given = report(START, subject="a", shot=shot)
    holding.add("a", given)
    await asyncio.sleep(0.1)
    (held,) = holding.held("a")
    assert held.shot is not None
    assert (held.shot.annotated.jpeg, held.shot.annotated.sha256) == (b"", "a" * 64)
    await holding.close()
