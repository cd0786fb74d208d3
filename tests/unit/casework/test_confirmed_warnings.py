"""When the horn says that it burns, that somebody comes, and thank you: not on suspicion alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.case import SENSOR
from bot.domain.command import Verb
from bot.domain.report import Because, Phase
from bot.domain.response import Override, SpeakOverride
from bot.domain.window import parse_window
from tests.support.workshop import CONFIG, LI, WANG, Workshop, workshop

SECOND = 1000
SUSPECTED = "大门疑似起火。附近的人员请退后，现场负责人请马上查看。"
LEAVE = "大门起火！所有人员马上撤离，到集合点集合！"
HAT = "请注意，大门的师傅，请戴好安全帽。"
TAKING = {
    "no_helmet": Override(speak=SpeakOverride(taken=True, repeat=1)),
    "fall": Override(speak=SpeakOverride(taken=True)),
}


async def said(shop: Workshop) -> list[str]:
    """Everything that was said so far."""
    await shop.deliver(speaks=True)
    return [one.text for one in shop.announcer.said]


async def confirmed_by(shop: Workshop, case: int = 1) -> str | None:
    found = await shop.store.get_case(case)
    assert found is not None
    return found.confirmed_by


async def fire(shop: Workshop, id: str = "fire", **more: Any) -> None:
    await shop.report(id=id, hazard="smoke_fire", **more)


async def test_a_machine_alone_never_sends_people_away(shop: Workshop) -> None:
    """However often it reports, and whoever is on their way."""
    await fire(shop)
    shop.now += SECOND
    await fire(shop, "again", phase=Phase.CONTINUE)
    await shop.act(Verb.ACKNOWLEDGE)
    shop.now += 20 * SECOND
    await shop.timers.due(*await shop.store.due_timers(shop.now, 10))
    assert set(await said(shop)) == {SUSPECTED}
    assert await confirmed_by(shop) is None


@pytest.mark.parametrize("verb", [Verb.ARRIVE, Verb.ESCALATE])
async def test_a_persons_word_does(shop: Workshop, verb: Verb) -> None:
    """Who is there, or calls for more help; the horn says so at once, and in the rounds to come."""
    await fire(shop)
    assert await said(shop) == [SUSPECTED]
    await shop.act(verb)
    assert await confirmed_by(shop) == "li"
    assert await said(shop) == [SUSPECTED, LEAVE]
    shop.now += 20 * SECOND
    await shop.timers.due(*await shop.store.due_timers(shop.now, 10))
    assert await said(shop) == [SUSPECTED, LEAVE, LEAVE]
    facts = [row.facts for row in await shop.store.history(1)]
    assert "li" in [one.get("confirmed_by") for one in facts]


async def test_what_was_taken_back_is_a_suspicion_again(shop: Workshop) -> None:
    await fire(shop)
    await shop.act(Verb.ARRIVE)
    await shop.act(Verb.UNDO)
    assert await confirmed_by(shop) is None


async def test_a_false_alarm_says_nothing_more(shop: Workshop) -> None:
    await fire(shop)
    await said(shop)
    await shop.act(Verb.FALSE_ALARM, actor=WANG)
    assert await said(shop) == [SUSPECTED]


async def test_a_second_source_at_the_same_place_does(shop: Workshop) -> None:
    await fire(shop, source="camera:gate")
    await fire(shop, "smoke", source="key:detector")
    assert await confirmed_by(shop) == SENSOR
    assert (await said(shop))[-1] == LEAVE
    last = (await shop.store.history(1))[-2].entry
    assert SENSOR in [row.entry.data.get("confirmed_by") for row in await shop.store.history(1)], (
        last
    )


async def test_the_same_hazard_at_another_place_of_the_site_does(shop: Workshop) -> None:
    """Seen by another source, at about the same time; not on another site."""
    await fire(shop, source="camera:gate")
    await fire(shop, "b", source="key:detector", camera=None, zone=None)
    assert await confirmed_by(shop, 2) == SENSOR
    await fire(shop, "c", source="key:other", site="yard-8", camera="door")
    assert await confirmed_by(shop, 3) is None


async def test_the_same_source_at_two_places_does_not(shop: Workshop) -> None:
    """A box with many cameras may be wrong everywhere at once."""
    await fire(shop, source="key:box")
    await fire(shop, "b", source="key:box", zone="shed")
    assert await confirmed_by(shop, 2) is None


async def test_what_was_seen_long_ago_does_not(shop: Workshop) -> None:
    await fire(shop, source="camera:gate")
    shop.now += 11 * 60 * SECOND
    await fire(shop, "b", source="key:detector", camera=None)
    assert await confirmed_by(shop, 2) is None


async def test_other_hazards_are_confirmed_by_people_only(shop: Workshop) -> None:
    await shop.report(hazard="fall", source="camera:gate")
    await shop.report(id="b", hazard="fall", source="key:helmet")
    assert await confirmed_by(shop) is None
    await shop.act(Verb.ARRIVE)
    assert (await said(shop))[-1] == "大门有人受伤，请不要搬动，等急救人员。"


@pytest.fixture
async def taking(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """Where the horn says that somebody has taken it."""
    async with workshop(sqlite_url, tmp_path, replace(CONFIG, responses=TAKING)) as opened:
        yield opened


async def test_acknowledged_is_said_once_where_it_is_wanted(taking: Workshop) -> None:
    """Without a name; the card still counts warnings only."""
    await taking.report()
    await said(taking)
    await taking.act(Verb.ACKNOWLEDGE)
    await taking.act(Verb.ARRIVE, actor=WANG)
    assert await said(taking) == [HAT, "大门，已有人处理。"]
    assert {one.severity for one in taking.announcer.said} == {"general"}
    await taking.deliver()
    assert "📢 大门喇叭已提醒 1 次" in taking.telegram.texts()[0]


async def test_to_take_an_emergency_is_no_emergency(taking: Workshop) -> None:
    """What is said about it interrupts nothing."""
    await taking.report(hazard="fall")
    await said(taking)
    await taking.act(Verb.ACKNOWLEDGE)
    await said(taking)
    assert [one.severity for one in taking.announcer.said] == ["emergency", "general"]


async def test_it_is_not_said_where_the_table_does_not_ask_for_it(shop: Workshop) -> None:
    await shop.report()
    await said(shop)
    await shop.act(Verb.ACKNOWLEDGE)
    assert await said(shop) == [HAT]


async def seen_put_right(shop: Workshop) -> None:
    """The hat is on, and stays on for long enough."""
    await shop.report(id="end", phase=Phase.END, because=Because.RECTIFIED)
    shop.now += 20 * SECOND
    await shop.timers.due(*await shop.store.due_timers(shop.now, 10))


async def test_thanks_when_the_hat_is_on(shop: Workshop) -> None:
    await shop.report()
    await said(shop)
    await seen_put_right(shop)
    assert await said(shop) == [HAT, "谢谢配合。"]


async def test_no_thanks_for_a_warning_that_nobody_heard(shop: Workshop) -> None:
    shop.announcer.outcome = "unreachable"
    await shop.report()
    await said(shop)
    await seen_put_right(shop)
    assert await said(shop) == [HAT]


async def test_no_thanks_to_who_has_left_or_was_never_there(shop: Workshop) -> None:
    await shop.report()
    await said(shop)
    await shop.report(id="end", phase=Phase.END, because=Because.LEFT)
    await shop.report(id="b", zone="b")
    await said(shop)
    await shop.act(Verb.FALSE_ALARM, 2, actor=LI)
    assert await said(shop) == [HAT, HAT]


@pytest.mark.parametrize("window", ["quiet_hours", "night"])
async def test_no_thanks_by_night(sqlite_url: str, tmp_path: Path, window: str) -> None:
    """By the site's clock."""
    horn = CONFIG.speakers[0]
    all_day = (parse_window("00:00-24:00"),)
    changed: Any = {window: all_day}
    at_night = replace(CONFIG, speakers=(replace(horn, **changed),))
    async with workshop(sqlite_url, tmp_path, at_night) as shop:
        await shop.report()
        await said(shop)
        await seen_put_right(shop)
        assert await said(shop) == [HAT]


async def test_thanks_that_come_too_late_are_not_said(shop: Workshop) -> None:
    await shop.report()
    await said(shop)
    await seen_put_right(shop)
    shop.now += round(timedelta(seconds=10).total_seconds()) * SECOND
    assert await said(shop) == [HAT]
