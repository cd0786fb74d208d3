"""A speaker that fails is a case and closes itself; one that wavers opens one, not twenty."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.case import Case, Outcome, State
from bot.domain.secret import Secret
from bot.domain.site import SiteConfig, Speaker
from bot.ports import CaseFilter
from bot.watching.horns import HornFigures, Horns
from handlers.console import wire
from tests.support.databases import sqlite_url
from tests.support.workshop import ADMINS, CONFIG, GROUP, Workshop, running, until, workshop

__all__ = ["sqlite_url"]

SECOND = 1_000


def horn(id: str, name: str, url: str = "sip://10.0.0.9/100", **more: object) -> Speaker:
    return replace(Speaker(id, "yard-7", name, Secret(url, listed=False)), **more)


TWO = replace(CONFIG, speakers=(horn("gate", "大门喇叭"), horn("pit", "基坑喇叭")))


class Yard:
    """Speakers that answer or do not, and the watch over them."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.silent: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.mine = {one.id for one in shop.core.people.config.speakers}
        self.horns = self.started()

    def started(self) -> Horns:
        """A new watch, as after a start."""
        shop = self.shop
        return Horns(shop.core, shop.intake, self._probed, self.ended, self.mine.__contains__)

    async def _probed(self) -> Mapping[str, str]:
        return dict(self.silent)

    async def look(self) -> None:
        async with running(self.shop.intake.run):
            await self.horns.look()

    async def wait(self, minutes: float) -> None:
        """Look every half minute, and let the clocks run."""
        for _ in range(round(2 * minutes)):
            self.shop.now += 30 * SECOND
            await self.look()
            self.shop.wake.ring("timers")
            async with running(self.shop.clockwork.run):

                async def served() -> bool:
                    due = await self.shop.store.next_timer()
                    return due is None or due > self.shop.now

                await until(served)

    async def cases(self) -> list[Case]:
        found = await self.shop.store.list_cases(CaseFilter())
        return sorted(found, key=lambda one: one.number)

    async def told(self) -> list[str]:
        await self.shop.deliver()
        return self.shop.console.texts(ADMINS.id)


async def opened(url: str, folder: Path, config: SiteConfig = TWO) -> AsyncIterator[Yard]:
    async with workshop(url, folder, config) as shop:
        yield Yard(shop)


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Yard]:
    async for one in opened(sqlite_url, tmp_path):
        yield one


async def test_a_dead_speaker_is_a_case_and_closes_itself(yard: Yard) -> None:
    """After five minutes, with its name and the reason; rectified when it answers again."""
    await yard.look()
    yard.silent["gate"] = "nobody answers"
    await yard.wait(5)
    assert await yard.cases() == []
    await yard.wait(0.5)
    (case,) = await yard.cases()
    assert (case.hazard, case.state, case.severity.word) == ("speaker_down", State.OPEN, "general")
    assert case.note == "大门喇叭：nobody answers"
    await yard.shop.deliver()
    (card,) = yard.shop.telegram.texts(GROUP.id)
    assert card.splitlines()[0] == "🟡 疑似喇叭没有声音 · 大门喇叭 #1"
    assert wire.case(case, yard.shop.core.people.config, "zh")["place"] == "大门喇叭"
    assert "迟到" not in card, "it is told as soon as it is sure"
    assert [row.kind for row in await yard.shop.store.deliveries(1)].count("announce") == 0
    yard.silent.clear()
    await yard.wait(3)
    (case,) = await yard.cases()
    assert (case.state, case.outcome) == (State.CLOSED, Outcome.SELF_CLOSED)
    entries = [row.entry.data for row in await yard.shop.store.history(1)]
    assert "rectified" in [data.get("because") for data in entries]


async def test_each_speaker_has_a_case_of_its_own(yard: Yard) -> None:
    await yard.look()
    yard.silent |= {"gate": "a", "pit": "b"}
    await yard.wait(6)
    assert [case.note for case in await yard.cases()] == ["大门喇叭：a", "基坑喇叭：b"]
    del yard.silent["pit"]
    await yard.wait(4)
    assert [case.state for case in await yard.cases()] == [State.OPEN, State.CLOSED]


async def test_a_moment_of_silence_is_no_case(yard: Yard) -> None:
    for _ in range(3):
        yard.silent["gate"] = "busy"
        await yard.wait(2)
        yard.silent.clear()
        await yard.wait(3)
    assert await yard.cases() == []


async def test_one_that_answers_now_and_then_is_dead_and_stays_so(yard: Yard) -> None:
    """Every second probe fails: one case for it all, which does not close and open again."""
    for _ in range(20):
        yard.silent["gate"] = "no answer"
        await yard.wait(0.5)
        yard.silent.clear()
        await yard.wait(0.5)
    (case,) = await yard.cases()
    assert case.state is State.OPEN
    ends = [row for row in await yard.shop.store.history(1) if row.entry.data.get("because")]
    assert ends == []


async def test_a_device_that_answers_and_does_not_play_is_dead(yard: Yard) -> None:
    """Until an announcement sounds."""
    await yard.look()
    yard.ended["gate"] = "not_played"
    await yard.wait(6)
    (case,) = await yard.cases()
    assert case.state is State.OPEN
    yard.ended["gate"] = "spoken"
    await yard.wait(3)
    assert (await yard.cases())[0].state is State.CLOSED


async def test_a_page_that_nobody_has_opened_yet_passes_when_it_is_there(yard: Yard) -> None:
    """What a probe can prove, the probe decides."""
    yard.ended["gate"] = "no_listener"
    await yard.wait(6)
    assert await yard.cases() == []


async def test_a_start_in_the_middle_goes_on_with_the_case(yard: Yard) -> None:
    await yard.look()
    yard.silent["gate"] = "no answer"
    await yard.wait(6)
    yard.horns = yard.started()
    await yard.horns.take_up()
    await yard.wait(6)
    assert len(await yard.cases()) == 1
    yard.silent.clear()
    await yard.wait(3)
    (case,) = await yard.cases()
    assert case.state is State.CLOSED


async def test_one_that_has_never_answered_is_told_at_every_start(yard: Yard) -> None:
    """Until it has answered once; a page is opened after the start anyway."""
    yard.silent["gate"] = "no such host"
    for _ in range(2):
        yard.horns = yard.started()
        await yard.horns.take_up()
        await yard.wait(1)
    told = await yard.told()
    assert len(told) == 2
    assert "大门喇叭从没连上过：no such host" in told[0]
    await yard.wait(5)
    assert (await yard.cases())[0].note == "大门喇叭从没连上过：no such host"
    yard.silent.clear()
    await yard.wait(1)
    yard.silent["gate"] = "no such host"
    yard.horns = yard.started()
    await yard.horns.take_up()
    await yard.wait(1)
    assert len(await yard.told()) == 2


async def test_other_processes_look_after_their_own(yard: Yard) -> None:
    yard.mine.remove("gate")
    yard.silent["gate"] = "no answer"
    await yard.wait(6)
    assert await yard.cases() == []
    assert list(yard.horns.views()) == ["pit"]


async def test_how_each_does_can_be_seen(yard: Yard) -> None:
    """For tiles and for Prometheus."""
    await yard.look()
    yard.silent["gate"] = "no answer"
    await yard.look()
    views = yard.horns.views()
    assert (views["gate"].ok, views["gate"].since, views["gate"].why) == (
        False,
        yard.shop.now,
        "no answer",
    )
    assert views["pit"].ok
    (family,) = HornFigures(yard.horns.views).collect()
    assert {one.labels["speaker"]: one.value for one in family.samples} == {"gate": 0, "pit": 1}


async def test_one_that_answers_again_is_no_longer_shown_as_silent(yard: Yard) -> None:
    """Watched a while before it counts as well, but the old reason is not told as if it held."""
    yard.silent["gate"] = "no answer"
    await yard.look()
    failed = yard.shop.now
    del yard.silent["gate"]
    await yard.wait(0.5)
    view = yard.horns.views()["gate"]
    assert (view.ok, view.since, view.back) == (False, failed, yard.shop.now)
    await yard.wait(2)
    view = yard.horns.views()["gate"]
    assert (view.ok, view.since, view.back) == (True, None, None)


async def test_none_is_a_case_where_that_is_not_wanted(sqlite_url: str, tmp_path: Path) -> None:
    """And the shortest time says how often they are probed."""
    never = replace(TWO, speakers=(horn("gate", "大门", dead_after=timedelta(0)),))
    async for yard in opened(sqlite_url, tmp_path, never):
        yard.silent["gate"] = "closed for the night"
        await yard.wait(10)
        assert await yard.cases() == []
        assert yard.horns.every == timedelta(minutes=1)
        soon = replace(TWO, speakers=(horn("gate", "大门", dead_after=timedelta(seconds=10)),))
        yard.shop.core.people.config = soon
        assert yard.horns.every == timedelta(seconds=2)
