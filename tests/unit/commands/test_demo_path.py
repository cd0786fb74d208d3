"""The newcomer's path through the demo: one case that waits, people above, a next one after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.demo import _case_to_come, demo_config
from bot.domain.case import State
from bot.domain.command import Actor, Verb
from bot.domain.report import Phase
from bot.domain.site import SiteConfig
from bot.settings import Environment, load_settings
from tests.support.models import pulled
from tests.support.workshop import Workshop, running, until, workshop

SECOND, MINUTE = 1_000, 60_000
YOU = Actor("you", "您", "chat")


@pytest.fixture
def config(tmp_path: Path) -> SiteConfig:
    models = tmp_path / "models"
    models.mkdir()
    for name in ("person-fall", "sample-street"):
        models.joinpath(name).symlink_to(pulled(name).parent)
    settings = load_settings(Environment({}))
    return demo_config(None, "zh", replace(settings, data_dir=tmp_path / "demo"))


@pytest.fixture
async def shop(config: SiteConfig, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with workshop(f"sqlite://{tmp_path / 'demo.sqlite3'}", tmp_path, config) as opened:
        yield opened


async def visit(shop: Workshop, number: int) -> None:
    """Somebody passes through the zone; half a minute later the next one comes."""
    seen = {"site": "demo", "camera": "street", "zone": "danger", "hazard": "zone_intrusion"}
    who = f"track-{number}"
    await shop.report(id=f"in-{number}", phase=Phase.START, subject=who, **seen)
    await later(shop, 30 * SECOND)


async def later(shop: Workshop, by: int) -> None:
    shop.now += by
    async with running(shop.clockwork.run):

        async def served() -> bool:
            due = await shop.store.next_timer()
            return due is None or due > shop.now

        await until(served)


async def test_one_case_waits_for_minutes(shop: Workshop) -> None:
    """Passers-by are counted on it; it neither closes itself nor is followed by others."""
    assert await _case_to_come(shop.store) == 1
    for number in range(8):
        await visit(shop, number)
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.state is State.OPEN
    assert case.count == 8
    assert await shop.store.get_case(2) is None
    assert await _case_to_come(shop.store) == 1


async def test_there_is_somebody_to_escalate_to(shop: Workshop) -> None:
    """Site lead, supervisor, then a work order for the responsible party."""
    await visit(shop, 1)
    for level in (1, 2):
        await shop.act(Verb.ESCALATE, actor=YOU)
        case = await shop.store.get_case(1)
        assert case is not None
        assert case.level == level
        assert shop.core.called(case)
    await shop.act(Verb.ESCALATE, actor=YOU)
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.state is State.WORK_ORDER


async def test_closing_it_makes_room_for_the_next(shop: Workshop) -> None:
    """The hint of a second start names the card that will be there."""
    await visit(shop, 1)
    await shop.act(Verb.CLOSE, actor=YOU, reason="看过了")
    assert await _case_to_come(shop.store) == 2
    await later(shop, MINUTE)
    await visit(shop, 2)
    assert await _case_to_come(shop.store) == 2
    assert await shop.store.get_case(3) is None
