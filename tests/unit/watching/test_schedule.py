"""Scheduled announcements: at their time, once, or never."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.casework import Facts
from bot.casework.house import HOUSE
from bot.casework.looking import Looking
from bot.casework.scheduled import WITHIN_MS
from bot.domain.announcement import ScheduledAnnouncement
from bot.domain.command import Actor, Command, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.role import Role
from bot.domain.site import Member
from bot.ports import Begins, OutboxRow, Spoken, Undelivered, Utterance
from bot.watching.schedule import Schedule
from tests.support.workshop import CONFIG, GROUP, WANG, Workshop, workshop

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND = 1000
MINUTE = 60 * SECOND
MORNING = round(datetime(2026, 11, 23, 7, 30, tzinfo=SHANGHAI).timestamp() * 1000)
PLAN = ScheduledAnnouncement(
    "briefing", (7 * 60 + 30, 13 * 60), ("horn",), {"zh": "请到大门开班前会。"}
)
YARD = replace(
    CONFIG,
    announcements=(PLAN,),
    members=(*CONFIG.members, Member("vi", "小薇", Role.VIEWER, sites=("yard-7",))),
)


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with workshop(sqlite_url, tmp_path, YARD) as opened:
        opened.now = MORNING - 10 * MINUTE
        yield opened


@pytest.fixture
def schedule(yard: Workshop) -> Schedule:
    return Schedule(yard.core)


async def rows(yard: Workshop) -> list[OutboxRow]:
    states = ("waiting", "done", "uncertain", "dead")
    found = await yard.store.undelivered(Undelivered(states=states, target="horn"))  # type: ignore[arg-type]
    return [row for row in found if "scheduled" in row.payload]


async def at(yard: Workshop, schedule: Schedule, now: int) -> list[str]:
    """The clock shows `now`; what has been said by then."""
    yard.now = now
    await schedule.look()
    await yard.deliver(speaks=True)
    return [one.text for one in yard.announcer.said]


async def test_it_is_said_at_its_time(yard: Workshop, schedule: Schedule) -> None:
    assert await at(yard, schedule, MORNING - 1) == []
    assert await at(yard, schedule, MORNING) == ["请到大门开班前会。"]
    (said,) = yard.announcer.said
    assert (said.speaker, said.severity, said.forced) == ("horn", "general", False)
    assert said.expires_at == MORNING + WITHIN_MS


async def test_it_is_said_once_however_often_it_is_looked_at(
    yard: Workshop, schedule: Schedule
) -> None:
    for second in range(0, 70, 5):
        await at(yard, schedule, MORNING + second * SECOND)
    assert len(yard.announcer.said) == 1


async def test_after_a_restart_it_is_not_said_again(yard: Workshop, schedule: Schedule) -> None:
    await at(yard, schedule, MORNING)
    assert len(await at(yard, Schedule(yard.core), MORNING + 5 * SECOND)) == 1


async def test_what_was_due_while_the_program_was_down_is_not_made_up_for(
    yard: Workshop, schedule: Schedule
) -> None:
    assert await at(yard, schedule, MORNING + WITHIN_MS) == []
    assert await at(yard, schedule, MORNING + 30 * MINUTE) == []


async def test_what_was_filed_and_not_begun_in_time_is_never_said(
    yard: Workshop, schedule: Schedule
) -> None:
    """As by a program that was killed right after: its row is there, and too old."""
    yard.now = MORNING
    await schedule.look()
    assert await at(yard, schedule, MORNING + WITHIN_MS) == []
    (row,) = await rows(yard)
    assert (row.outcome or {})["outcome"] == "expired"


async def test_two_processes_say_it_once(yard: Workshop, schedule: Schedule) -> None:
    yard.now = MORNING
    other = Schedule(yard.core)
    await schedule.look()
    await other.look()
    assert len(await at(yard, schedule, MORNING)) == 1


async def test_a_clock_that_is_set_back_does_not_say_it_again(
    yard: Workshop, schedule: Schedule
) -> None:
    await at(yard, schedule, MORNING + 2 * SECOND)
    assert len(await at(yard, schedule, MORNING - 10 * MINUTE)) == 1
    assert len(await at(yard, schedule, MORNING)) == 1
    assert len(await at(yard, Schedule(yard.core), MORNING + 1)) == 1


async def test_a_clock_that_jumps_over_its_time_leaves_it_out(
    yard: Workshop, schedule: Schedule
) -> None:
    await at(yard, schedule, MORNING - SECOND)
    assert await at(yard, schedule, MORNING + 10 * MINUTE) == []


async def test_it_keeps_silent_while_an_emergency_is_going_on(
    yard: Workshop, schedule: Schedule
) -> None:
    await at(yard, schedule, MORNING - MINUTE)
    await yard.report(hazard="smoke_fire")
    said = await at(yard, schedule, MORNING)
    assert "请到大门开班前会。" not in said
    (row,) = await rows(yard)
    assert (row.outcome or {})["outcome"] == "emergency"


@pytest.mark.parametrize("other", ["general", "elsewhere"])
async def test_what_is_no_emergency_here_does_not_silence_it(
    yard: Workshop, schedule: Schedule, other: str
) -> None:
    changes = {"general": {}, "elsewhere": {"hazard": "smoke_fire", "site": "yard-8"}}[other]
    camera = {"camera": "door"} if other == "elsewhere" else {}
    yard.now = MORNING - MINUTE
    await yard.report(**changes, **camera)
    assert "请到大门开班前会。" in await at(yard, schedule, MORNING)


async def test_one_that_an_emergency_breaks_off_is_not_begun_anew(
    yard: Workshop, schedule: Schedule
) -> None:
    """The fire comes while it sounds; after the fire's own sentence it would only be in the way."""
    spoken = yard.announcer.announce

    async def broken_off(utterance: Utterance, begins: Begins | None = None) -> Spoken:
        if "班前会" not in utterance.text:
            return await spoken(utterance, begins)
        await yard.report(hazard="smoke_fire")
        return Spoken(utterance.speaker, "preempted", 1.0, interrupted_by=1)

    yard.announcer.announce = broken_off  # type: ignore[method-assign]
    await at(yard, schedule, MORNING)
    outcomes = [(row.outcome or {}).get("outcome") for row in await rows(yard)]
    assert outcomes == ["preempted", "emergency"]


async def test_what_is_to_be_heard_in_quiet_hours_is_forced(
    sqlite_url: str, tmp_path: Path
) -> None:
    loud = replace(YARD, announcements=(replace(PLAN, in_quiet_hours=True),))
    async with workshop(sqlite_url, tmp_path, loud) as yard:
        await at(yard, Schedule(yard.core), MORNING)
        assert [one.forced for one in yard.announcer.said] == [True]


async def test_it_is_on_record_sealed_and_verified(yard: Workshop, schedule: Schedule) -> None:
    await at(yard, schedule, MORNING)
    (entry,) = [row.entry for row in await yard.store.history(HOUSE)]
    told: dict[str, Any] = dict(entry.data)
    assert (told["kind"], told["to"], told["outcome"]) == ("announce", "horn", "spoken")
    assert (told["scheduled"], told["for"]) == ("briefing", "2026-11-23T07:30")
    assert told["said"] == "请到大门开班前会。"
    assert (await yard.store.verify_audit()) == (0, [])
    async with yard.store.begin() as tx:
        assert await tx.take_checkpoint(yard.now) is not None
    await at(yard, schedule, MORNING + 330 * MINUTE)
    assert (await yard.store.verify_audit()) == (0, [])
    await yard.report()
    answer = await yard.store.get_case(1)
    assert answer is not None, "the house's chain takes no number away"


@pytest.mark.parametrize("verb", [Verb.REOPEN, Verb.CLOSE, Verb.UNDO])
async def test_nobody_acts_on_the_houses_chain(
    yard: Workshop, schedule: Schedule, verb: Verb
) -> None:
    """It has a number, and is no case: not even for who may do everything everywhere."""
    await at(yard, schedule, MORNING)
    answer = await yard.act(verb, HOUSE, WANG)
    assert (answer.ok, answer.key) == (False, "refused.unknown_case")
    assert [row.entry.event for row in await yard.store.history(HOUSE)] == ["delivery", "refused"]
    looking = Looking(yard.core, Facts(yard.core))
    with pytest.raises(NotFound):
        await looking.look(Command("x", WANG, Verb.CASE, yard.now, (HOUSE,)), "zh")


async def listed(yard: Workshop, who: str) -> str:
    looking = Looking(yard.core, Facts(yard.core))
    command = Command("x", Actor(who, who, "chat"), Verb.ANNOUNCEMENTS, yard.now, chat=GROUP)
    return (await looking.look(command, "zh"))[0]


async def test_who_may_speak_sees_what_comes_and_how_the_last_one_ended(
    yard: Workshop, schedule: Schedule
) -> None:
    assert "07:30" in await listed(yard, "li")
    await at(yard, schedule, MORNING)
    line = await listed(yard, "li")
    assert "13:00" in line
    assert "上次 07:30 已播出" in line
    assert "请到大门开班前会。" in line


async def test_who_may_only_look_at_cases_is_refused(yard: Workshop) -> None:
    with pytest.raises(Refused):
        await listed(yard, "vi")
