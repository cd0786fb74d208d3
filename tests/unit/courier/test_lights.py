"""Strobes, sirens and relays: on with a warning, off after their time, whatever happens between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.courier import LIGHTS, Afterglow
from bot.domain.actuator import Actuator
from bot.domain.command import Actor, Verb
from bot.domain.hazard import Severity
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.site import Camera, Member
from bot.domain.window import parse_window
from bot.ports import REFUSED, SENT, UNREACHABLE, Undelivered
from bot.texts.lists import case_detail
from tests.support.workshop import (
    ADMINS,
    CONFIG,
    GROUP,
    LI,
    RecordingLamp,
    Workshop,
    running,
    until,
    workshop,
)

SECOND = 1000
ON_FOR = 30 * SECOND
ADA = Actor("ada", "阿达", "chat")


def light(id: str, *cameras: str, site: str = "yard-7", **keys: Any) -> Actuator:
    return Actuator(id, site, f"{id}灯", Secret(f"http://{id}", listed=False), cameras, **keys)


YARD = replace(
    CONFIG,
    cameras=(*CONFIG.cameras, Camera("pit", "yard-7", "基坑")),
    actuators=(
        light("lamp", "gate"),
        light("siren", minimum_severity=Severity.EMERGENCY, on_for=timedelta(seconds=60)),
        light("quiet", "pit", quiet_hours=(parse_window("00:00-24:00"),)),
        light("other", site="yard-8"),
    ),
    members=(*CONFIG.members, Member("ada", "阿达", Role.ADMIN, telegram="113")),
)


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with workshop(sqlite_url, tmp_path, YARD) as opened:
        yield opened


@pytest.fixture
def lamp(yard: Workshop) -> RecordingLamp:
    return yard.lamps["lamp"]


async def switch(yard: Workshop) -> None:
    await yard.deliver(kinds=LIGHTS)


async def later(yard: Workshop, ms: int) -> None:
    yard.now += ms
    await switch(yard)


async def outcomes(yard: Workshop, case: int = 1) -> list[tuple[str, str, str]]:
    rows = [row for row in await yard.store.deliveries(case) if row.kind.startswith("switch")]
    told = [(row.target, row.kind[7:], (row.outcome or {}).get("outcome", "-")) for row in rows]
    return sorted(told)


async def test_it_goes_on_with_the_warning_and_off_after_its_time(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    await yard.report()
    await switch(yard)
    assert (lamp.orders, lamp.lit) == ([True], True)
    await later(yard, ON_FOR - 1)
    assert lamp.lit
    await later(yard, 1)
    assert (lamp.orders, lamp.lit) == ([True, False], False)
    assert await outcomes(yard) == [("lamp", "off", "confirmed"), ("lamp", "on", "confirmed")]


async def test_only_what_stands_there_goes_on_and_only_for_what_is_grave_enough(
    yard: Workshop,
) -> None:
    await yard.report(hazard="no_vest", id="r1")
    await switch(yard)
    lit = {id for id, one in yard.lamps.items() if one.lit}
    assert lit == {"lamp"}
    await yard.report(hazard="smoke_fire", camera="pit", id="r2")
    await switch(yard)
    assert {id for id, one in yard.lamps.items() if one.lit} == {"lamp", "siren", "quiet"}


async def test_in_its_quiet_hours_it_goes_on_for_emergencies_alone(yard: Workshop) -> None:
    await yard.report(camera="pit")
    await switch(yard)
    assert not yard.lamps["quiet"].orders


async def test_what_no_horn_has_a_word_for_lights_nothing(yard: Workshop) -> None:
    await yard.report(hazard="device_offline")
    await switch(yard)
    assert not yard.lamps["lamp"].orders


async def test_a_second_case_keeps_it_on(yard: Workshop, lamp: RecordingLamp) -> None:
    await yard.report(id="r1")
    await switch(yard)
    await later(yard, 20 * SECOND)
    await yard.report(hazard="no_vest", id="r2")
    await switch(yard)
    await later(yard, 10 * SECOND)
    assert lamp.lit, "the first one's time is over, the second one's is not"
    assert False not in lamp.orders
    await later(yard, 20 * SECOND)
    assert not lamp.lit
    assert ("lamp", "off", "held") in await outcomes(yard, 1)
    assert ("lamp", "off", "confirmed") in await outcomes(yard, 2)


async def test_another_round_keeps_it_on(yard: Workshop, lamp: RecordingLamp) -> None:
    """Said again after 30 s, and lit for 30 s more."""
    await yard.report()
    await switch(yard)
    yard.now += 30 * SECOND
    async with running(yard.clockwork.run):
        await until(lambda: _spoken(yard, 2))
    await switch(yard)
    assert (lamp.lit, False in lamp.orders) == (True, False)
    await later(yard, 30 * SECOND)
    assert not lamp.lit


async def _spoken(yard: Workshop, times: int) -> bool:
    case = await yard.store.get_case(1)
    return case is not None and case.spoken == times


async def test_it_goes_off_when_its_last_case_closes(yard: Workshop, lamp: RecordingLamp) -> None:
    await yard.report(id="r1")
    await yard.report(hazard="no_vest", id="r2")
    await switch(yard)
    await yard.act(Verb.CLOSE, 1, LI, reason="已整改")
    await switch(yard)
    assert lamp.lit, "the other one is open"
    await yard.act(Verb.CLOSE, 2, LI, reason="已整改")
    await switch(yard)
    assert not lamp.lit


async def test_a_warning_that_is_too_old_switches_nothing(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    """As after an outage: its time to be given was 10 s."""
    await yard.report()
    await later(yard, 11 * SECOND)
    assert lamp.orders == []
    assert ("lamp", "on", "expired") in await outcomes(yard)


async def test_a_case_that_is_over_switches_nothing_on(yard: Workshop, lamp: RecordingLamp) -> None:
    await yard.report()
    await yard.act(Verb.CLOSE, 1, LI, reason="已整改")
    await switch(yard)
    assert True not in lamp.orders
    assert ("lamp", "on", "over") in await outcomes(yard)


async def test_what_was_lit_when_the_program_died_goes_off_after_its_time(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    """Killed between the order and its record: it is on, and the row that ends it is there."""
    await yard.report()
    lamp.gate.clear()
    courier = yard.courier(kinds=LIGHTS)
    claimed = await yard.store.claim(yard.now, 30 * SECOND, 9, kinds=courier.kinds)
    assert [row.kind for row in claimed] == ["switch_on"]
    lamp.lit = True
    lamp.gate.set()
    await yard.store.take_over(yard.now)
    await later(yard, ON_FOR)
    assert not lamp.lit


async def test_two_that_are_due_at_once_do_not_wait_for_each_other(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    """Both in hand at the same moment, neither leaves it to the other for ever."""
    for n in range(5):
        await yard.report(
            hazard=("no_helmet", "no_vest", "climbing", "fatigue", "speeding")[n], id=f"r{n}"
        )
    await switch(yard)
    assert lamp.lit
    await later(yard, 60 * SECOND)
    assert not lamp.lit
    assert await yard.store.next_due(sorted(LIGHTS)) is None


@pytest.mark.parametrize("outcome", [UNREACHABLE, REFUSED])
async def test_who_does_not_go_off_is_told_again_until_it_does(
    yard: Workshop, lamp: RecordingLamp, outcome: str
) -> None:
    await yard.report()
    await switch(yard)
    lamp.outcome = outcome
    for _ in range(5):
        await later(yard, ON_FOR)
    assert lamp.lit
    assert lamp.orders.count(False) == 5
    lights = [one for one in await yard.store.waiting(yard.now) if one.channel == "lights"]
    (waiting,) = lights
    assert (waiting.place, waiting.channel, waiting.pressing) == ("lamp", "lights", True)
    lamp.outcome = SENT
    await later(yard, ON_FOR)
    assert not lamp.lit
    assert ("lamp", "off", "sent") in await outcomes(yard)


async def test_what_is_lit_is_no_backlog(yard: Workshop, lamp: RecordingLamp) -> None:
    await yard.report()
    await switch(yard)
    assert lamp.lit
    assert not [one for one in await yard.store.waiting(yard.now) if one.channel == "lights"]


async def test_who_is_silent_is_tried_until_the_warning_is_old(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    """And what is on record is that it could not be reached, not that it was too late."""
    lamp.outcome = UNREACHABLE
    await yard.report()
    await switch(yard)
    await later(yard, 2 * SECOND)
    assert lamp.orders == [True, True]
    await later(yard, 30 * SECOND)
    found = [row for row in await yard.store.deliveries(1) if row.kind == "switch_on"]
    assert [(row.outcome or {})["outcome"] for row in found] == ["unreachable"]
    assert (found[0].outcome or {})["detail"] == "why"


async def test_who_comes_back_in_time_goes_on(yard: Workshop, lamp: RecordingLamp) -> None:
    lamp.outcome = UNREACHABLE
    await yard.report()
    await switch(yard)
    lamp.outcome = SENT
    await later(yard, 3 * SECOND)
    assert lamp.lit
    await later(yard, ON_FOR)
    assert not lamp.lit


async def test_many_warnings_at_once_are_one_order(yard: Workshop, lamp: RecordingLamp) -> None:
    """A lamp that takes seconds for each would otherwise be minutes behind."""
    kinds = ("no_helmet", "no_vest", "climbing", "fatigue", "speeding", "traffic_accident")
    for n, hazard in enumerate(kinds):
        await yard.report(hazard=hazard, id=f"r{n}")
    lamp.gate.clear()
    courier = yard.courier(kinds=LIGHTS)

    async def all_wait() -> bool:
        return courier.under_way >= len(kinds)

    async with running(courier.run):
        await until(all_wait)
        lamp.gate.set()
        await yard.until_idle(courier)
    assert len(lamp.orders) <= 2
    for n in range(len(kinds)):
        assert ("lamp", "on", "confirmed") in await outcomes(yard, n + 1)


async def test_an_off_between_two_ons_is_not_passed_over(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    await yard.report()
    await switch(yard)
    await later(yard, ON_FOR)
    await yard.report(hazard="no_vest", id="r2")
    await switch(yard)
    assert lamp.orders == [True, False, True]
    assert lamp.lit


async def test_one_that_hangs_holds_up_no_other(yard: Workshop, lamp: RecordingLamp) -> None:
    lamp.gate.clear()
    await yard.report(hazard="smoke_fire")
    courier = yard.courier(kinds=LIGHTS)

    async def sounds() -> bool:
        return yard.lamps["siren"].lit

    async with running(courier.run):
        await until(sounds)
        lamp.gate.set()
        await yard.until_idle(courier)


async def test_the_card_and_the_history_tell_how_it_went(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    lamp.outcome = REFUSED
    await yard.report()
    await yard.deliver()
    await switch(yard)
    await yard.deliver()
    (card,) = yard.telegram.texts(GROUP.id)
    assert "💡 lamp灯开：设备没有照办" in card
    case = await yard.store.get_case(1)
    assert case is not None
    facts = await yard.desk.facts.of(case, "telegram")
    history = await yard.store.history(1)
    assert "💡 lamp灯开：设备没有照办" in case_detail(case, history, facts, "zh")
    assert "lamp灯 on: the device did not do it" in case_detail(case, history, facts, "en")


async def test_the_evidence_of_lights_holds(yard: Workshop, lamp: RecordingLamp) -> None:
    """Whatever became of a row, an entry tells it: confirmed, kept on, over."""
    await yard.report(id="r1")
    await switch(yard)
    await later(yard, 20 * SECOND)
    await yard.report(hazard="no_vest", id="r2")
    await switch(yard)
    await later(yard, 10 * SECOND)
    await yard.act(Verb.CLOSE, 2, LI, reason="已整改")
    await switch(yard)
    await yard.act(Verb.LIGHT, 0, ADA, args={"light": "lamp"}, chat=ADMINS)
    await later(yard, 60 * SECOND)
    cases, faults = await yard.store.verify_audit()
    assert (cases, faults) == (2, [])


async def test_an_admin_tries_one_and_is_told(yard: Workshop, lamp: RecordingLamp) -> None:
    answer = await yard.act(Verb.LIGHT, 0, ADA, args={"light": "lamp灯"}, chat=ADMINS)
    assert answer.ok, answer
    await switch(yard)
    assert lamp.lit
    await yard.deliver()
    assert "💡 lamp灯已亮" in yard.console.texts()
    await later(yard, ON_FOR)
    assert not lamp.lit


async def test_an_admin_puts_out_what_a_case_holds_on(yard: Workshop, lamp: RecordingLamp) -> None:
    await yard.report()
    await switch(yard)
    await yard.act(Verb.LIGHT, 0, ADA, args={"light": "lamp", "off": True}, chat=ADMINS)
    await switch(yard)
    assert not lamp.lit
    await yard.deliver()
    assert "💡 lamp灯已关" in yard.console.texts()


@pytest.mark.parametrize("who", ["li", "wang"])
async def test_nobody_else_may(yard: Workshop, lamp: RecordingLamp, who: str) -> None:
    actor = Actor(who, who, "chat")
    answer = await yard.act(Verb.LIGHT, 0, actor, args={"light": "lamp"}, chat=ADMINS)
    assert not answer.ok
    await switch(yard)
    assert lamp.orders == []


async def test_what_the_site_file_has_no_more_is_left_alone(yard: Workshop) -> None:
    await yard.report()
    yard.desk.actuators.clear()  # type: ignore[attr-defined]
    await switch(yard)
    await later(yard, ON_FOR)
    assert ("lamp", "off", "unknown") in await outcomes(yard)
    assert not await yard.store.undelivered(Undelivered(states=("waiting",), target="lamp"))


class Later:
    """The event loop's clock, with so many seconds gone by."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.passed


async def test_what_shines_goes_off_in_time_while_the_database_is_away(
    yard: Workshop, lamp: RecordingLamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can claim the row: a siren would wail until the server is back.  Then it is done."""

    async def away_now(*_: object) -> bool:
        raise OSError("the server is away")

    clock = Later()
    glow = Afterglow(yard.desk, clock)
    await yard.report()
    await switch(yard)
    with monkeypatch.context() as away:
        away.setattr(yard.store, "held_on", away_now)
        clock.passed = ON_FOR / SECOND
        await glow.look()
        assert lamp.lit, "the outbox may be a little late with it"
        clock.passed += 11
        await glow.look()
        assert (lamp.orders, lamp.lit) == ([True, False], False)
        clock.passed += 60
        await glow.look()
        assert lamp.orders == [True, False], "once"
    await later(yard, 5 * ON_FOR)
    assert not lamp.lit
    assert ("lamp", "off", "confirmed") in await outcomes(yard)


async def test_what_another_case_keeps_on_shines_on(yard: Workshop, lamp: RecordingLamp) -> None:
    """Lit again by another process, which this one learns from the database."""
    clock = Later()
    glow = Afterglow(yard.desk, clock)
    await yard.report()
    await switch(yard)
    yard.now += ON_FOR - SECOND
    await yard.report(hazard="no_vest", id="r2")
    clock.passed = ON_FOR / SECOND + 11
    await glow.look()
    assert lamp.orders == [True]
    await later(yard, 2 * SECOND)
    assert lamp.lit


async def test_one_that_does_not_answer_is_put_out_when_it_does(
    yard: Workshop, lamp: RecordingLamp
) -> None:
    clock = Later()
    glow = Afterglow(yard.desk, clock)
    await yard.report()
    await switch(yard)
    yard.now += ON_FOR + SECOND
    lamp.outcome, clock.passed = UNREACHABLE, ON_FOR / SECOND + 11
    await glow.look()
    lamp.outcome = SENT
    await glow.look()
    assert lamp.lit, "not at every look"
    clock.passed += 16
    await glow.look()
    assert not lamp.lit
