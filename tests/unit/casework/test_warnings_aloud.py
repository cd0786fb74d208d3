"""What is said aloud about a case: interrupted, on another horn, or by nobody at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.casework import Facts
from bot.clock import Uptime
from bot.courier.attempt import Attempts
from bot.domain.command import Verb
from bot.domain.secret import Secret
from bot.domain.site import Speaker
from bot.ports import OutboxRow, Spoken
from bot.texts.lists import case_detail
from tests.support.workshop import ADMINS, CONFIG, GROUP, Workshop, running, until, workshop

SECOND = 1000


def horn(id: str, name: str, *cameras: str, site: str = "yard-7") -> Speaker:
    return Speaker(id, site, name, Secret(f"file:{id}", listed=False), cameras=cameras)


HORNS = (
    horn("gate-horn", "大门喇叭", "gate"),
    horn("pit-horn", "基坑喇叭", "pit"),
    horn("yard-horn", "院内喇叭", "pit"),
    horn("other", "别处", site="yard-8"),
)


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """A site with a horn at the gate and two elsewhere."""
    async with workshop(sqlite_url, tmp_path, replace(CONFIG, speakers=HORNS)) as opened:
        yield opened


async def said(yard: Workshop, case: int = 1) -> list[tuple[str, Any]]:
    """Each announcement of a case with its outcome, in their order."""
    return [(row.target, (row.outcome or {}).get("outcome")) for row in await rows(yard, case)]


async def rows(yard: Workshop, case: int = 1) -> list[OutboxRow]:
    return [row for row in await yard.store.deliveries(case) if row.kind == "announce"]


def fails(yard: Workshop, *horns: str, outcome: str = "unreachable", seconds: float = 0) -> None:
    for one in horns:
        yard.announcer.outcomes[one] = Spoken(one, outcome, seconds, "why")


async def warned(yard: Workshop, **report: Any) -> list[tuple[str, Any]]:
    """A hazard is reported; how its announcements ended."""
    answer = await yard.report(**report)
    await yard.deliver(speaks=True)
    assert answer.case
    return await said(yard, answer.case)


def told(yard: Workshop) -> list[str]:
    """What the group was told of warnings that nobody heard."""
    return [text for text in yard.telegram.texts(GROUP.id) if "没有人听到" in text]


async def test_the_horns_of_the_place_say_it_and_no_other(yard: Workshop) -> None:
    assert await warned(yard) == [("gate-horn", "spoken")]


@pytest.mark.parametrize(
    "outcome",
    [
        "unreachable", "no_answer", "busy", "refused", "unauthorised", "not_found", "cut_off",
        "not_supported", "not_played", "no_listener", "failed", "not_confirmed", "no_speech",
    ],
)  # fmt: skip
async def test_a_horn_that_fails_is_followed_by_the_next(yard: Workshop, outcome: str) -> None:
    """In the order of the site file, on this site only, each with an outcome on the case."""
    fails(yard, "gate-horn", "pit-horn", outcome=outcome)
    assert await warned(yard) == [
        ("gate-horn", outcome),
        ("pit-horn", outcome),
        ("yard-horn", "spoken"),
    ]
    await yard.deliver()
    assert told(yard) == []
    history = await yard.store.history(1)
    entries = [row.entry.data for row in history if row.entry.event == "delivery"]
    spoken = [(one["to"], one["outcome"]) for one in entries if one["kind"] == "announce"]
    assert spoken == await said(yard)


async def test_horns_of_the_place_fail_before_others_are_asked(
    sqlite_url: str, tmp_path: Path
) -> None:
    """As long as one of them may be heard, nobody else says it."""
    both = (*HORNS, horn("gate-2", "大门二号", "gate"))
    async with workshop(sqlite_url, tmp_path, replace(CONFIG, speakers=both)) as yard:
        fails(yard, "gate-horn")
        assert await warned(yard) == [("gate-horn", "unreachable"), ("gate-2", "spoken")]
        fails(yard, "gate-2", outcome="busy")
        assert await warned(yard, id="second", zone="b") == [
            ("gate-horn", "unreachable"),
            ("gate-2", "busy"),
            ("pit-horn", "spoken"),
        ]


@pytest.mark.parametrize("outcome", ["quiet_hours", "capped", "expired", "stopped"])
async def test_what_was_held_back_is_no_failure(yard: Workshop, outcome: str) -> None:
    fails(yard, "gate-horn", outcome=outcome)
    assert await warned(yard) == [("gate-horn", outcome)]
    await yard.deliver()
    assert told(yard) == []


async def test_a_device_that_took_it_all_without_a_word_may_have_been_heard(
    yard: Workshop,
) -> None:
    fails(yard, "gate-horn", outcome="not_confirmed", seconds=3.5)
    assert await warned(yard) == [("gate-horn", "not_confirmed")]


async def test_in_an_emergency_a_perhaps_is_not_enough(yard: Workshop) -> None:
    """Another horn says it, too; nobody is told that it was not heard."""
    fails(yard, "gate-horn", outcome="not_confirmed", seconds=3.5)
    assert await warned(yard, hazard="fall") == [
        ("gate-horn", "not_confirmed"),
        ("pit-horn", "spoken"),
    ]
    fails(yard, "gate-horn", "pit-horn", "yard-horn", outcome="not_confirmed", seconds=3.5)
    assert [told for _, told in await warned(yard, id="b", hazard="smoke_fire")] == (
        ["not_confirmed"] * 3
    )
    await yard.deliver()
    assert told(yard) == []


async def test_nobody_warned_aloud_is_told_once_with_the_reasons(yard: Workshop) -> None:
    """In the chats of the case; the second round tells nothing new."""
    fails(yard, "gate-horn", "pit-horn", "yard-horn")
    yard.announcer.outcomes["pit-horn"] = Spoken("pit-horn", "busy")
    await warned(yard)
    await yard.deliver()
    (text,) = told(yard)
    assert text == (
        "🔇 #1（疑似未戴安全帽 · 大门）没有人听到喊话：大门喇叭（连不上喇叭）、"
        "基坑喇叭（喇叭占线）、院内喇叭（连不上喇叭）。请直接叫人。"
    )
    yard.now += 30 * SECOND
    await yard.timers.due(*await yard.store.due_timers(yard.now, 10))
    await yard.deliver(speaks=True)
    await yard.deliver()
    assert len(await rows(yard)) == 6
    assert len(told(yard)) == 1
    assert yard.console.texts(ADMINS.id) == []


async def test_nobody_is_asked_after_the_warning_has_expired(yard: Workshop) -> None:
    """The first horn took as long as the warning had."""
    fails(yard, "gate-horn", outcome="no_answer")
    yard.announcer.gate.clear()
    await yard.report()
    courier = yard.courier(speaks=True)
    async with running(courier.run):

        async def asked() -> bool:
            return bool(yard.announcer.said)

        await until(asked)
        yard.now += 10 * SECOND
        yard.announcer.gate.set()
        await yard.until_idle(courier)
    assert await said(yard) == [("gate-horn", "no_answer")]
    await yard.deliver()
    assert len(told(yard)) == 1


async def test_a_case_that_is_over_is_not_said_elsewhere(yard: Workshop) -> None:
    fails(yard, "gate-horn", outcome="no_answer")
    yard.announcer.gate.clear()
    await yard.report()
    courier = yard.courier(speaks=True)
    async with running(courier.run):

        async def asked() -> bool:
            return bool(yard.announcer.said)

        await until(asked)
        await yard.act(Verb.CLOSE, reason="整改")
        yard.announcer.gate.set()
        await yard.until_idle(courier)
    assert await said(yard) == [("gate-horn", "no_answer")]
    await yard.deliver()
    assert told(yard) == []


async def test_an_interrupted_warning_names_the_case_and_is_said_anew(yard: Workshop) -> None:
    """In its time: from the beginning; its outcome tells by which case."""
    yard.announcer.outcomes["gate-horn"] = Spoken(
        "gate-horn", "preempted", 1.5, began_at=yard.now, interrupted_by=31
    )
    await yard.report()
    courier = yard.courier(speaks=True)
    async with running(courier.run):

        async def interrupted() -> bool:
            return bool(await said(yard)) and (await said(yard))[0][1] == "preempted"

        await until(interrupted)
        yard.announcer.outcomes.clear()
        await yard.until_idle(courier)
    first, *_, last = await rows(yard)
    assert first.outcome is not None
    assert (first.outcome["interrupted_by"], first.outcome["again"]) == (31, True)
    assert first.outcome["seconds"] == 1.5
    assert last.outcome is not None
    assert last.outcome["outcome"] == "spoken"
    assert last.payload["expires_at"] == first.payload["expires_at"]
    assert (await yard.store.get_case(1)).sounded_at == yard.now  # type: ignore[union-attr]


async def test_an_interrupted_warning_whose_time_is_over_is_told_as_cut_off(
    yard: Workshop,
) -> None:
    """It is not said anew, by no horn; the card says so."""
    yard.announcer.outcomes["gate-horn"] = Spoken("gate-horn", "preempted", 1.5, interrupted_by=31)
    yard.announcer.gate.clear()
    await yard.report()
    courier = yard.courier(speaks=True)
    async with running(courier.run):

        async def asked() -> bool:
            return bool(yard.announcer.said)

        await until(asked)
        yard.now += 10 * SECOND
        yard.announcer.gate.set()
        await yard.until_idle(courier)
    (row,) = await rows(yard)
    assert row.outcome is not None
    assert (row.outcome["outcome"], row.outcome["again"]) == ("preempted", False)
    await yard.deliver()
    (card,) = yard.telegram.texts(GROUP.id)
    assert "📢 大门喇叭：被 #31 打断，没有重播" in card


async def test_an_emergency_cut_off_by_our_end_goes_on_at_another_horn(yard: Workshop) -> None:
    """Whether it was heard nobody knows: its own horn does not say it twice."""
    await yard.report(hazard="smoke_fire")
    (claimed,) = await yard.store.claim(yard.now, 30 * SECOND, 1, kinds=["announce"])
    async with yard.store.begin() as tx:
        assert await tx.note(claimed, {"outcome": "speaking"})
    yard.now += 31 * SECOND
    await yard.deliver(speaks=True)
    assert await said(yard) == [("gate-horn", "interrupted"), ("pit-horn", "spoken")]
    assert [one.speaker for one in yard.announcer.said] == ["pit-horn"]


async def test_what_had_not_begun_when_the_program_died_is_said(yard: Workshop) -> None:
    """It only waited in its horn's queue."""
    await yard.report(hazard="smoke_fire")
    assert await yard.store.claim(yard.now, 30 * SECOND, 1, kinds=["announce"])
    yard.now += 31 * SECOND
    await yard.deliver(speaks=True)
    assert await said(yard) == [("gate-horn", "spoken")]


async def test_a_claim_that_is_not_ours_any_more_notes_nothing(yard: Workshop) -> None:
    await yard.report(hazard="smoke_fire")
    (old,) = await yard.store.claim(yard.now, 30 * SECOND, 1, kinds=["announce"])
    yard.now += 31 * SECOND
    assert await yard.store.claim(yard.now, 30 * SECOND, 1, kinds=["announce"])
    async with yard.store.begin() as tx:
        assert not await tx.note(old, {"outcome": "speaking"})


@pytest.mark.parametrize(
    ("elapsed", "wall", "spoken"),
    [
        (5, 5, True),
        (11, 11, False),
        (11, -3600, False),  # the clock was set back while nobody was there
        (11, 3, False),  # by a little
        (5, 3600, True),  # it was set forward
        (5, -3600, True),
    ],
)
async def test_the_machines_own_clock_tells_how_old_a_warning_is(
    yard: Workshop, elapsed: int, wall: int, spoken: bool
) -> None:
    """Seconds after it was asked for; a general one has ten."""
    ticks = 7_000
    yard.core.uptime = Uptime("this-boot", lambda: ticks)
    await yard.report()
    ticks += elapsed * SECOND
    yard.now += wall * SECOND
    async with yard.store.begin() as tx:
        await tx.rebase(wall * SECOND, yard.now, {})
    await yard.deliver(speaks=True)
    assert await said(yard) == [("gate-horn", "spoken" if spoken else "expired")]
    assert bool(yard.announcer.said) == spoken
    if spoken:
        assert yard.announcer.said[0].expires_at == yard.now + (10 - elapsed) * SECOND


@pytest.mark.parametrize(("wall", "spoken"), [(9, True), (11, False), (-3600, False), (-10, False)])
async def test_on_another_machine_a_clock_that_went_back_tells_nothing(
    yard: Workshop, wall: int, spoken: bool
) -> None:
    """Or after this one was restarted: what seems to be of the future is too old."""
    yard.core.uptime = Uptime("that-boot", lambda: 7_000)
    await yard.report()
    yard.core.uptime = Uptime("this-boot", lambda: 500)
    yard.now += wall * SECOND
    async with yard.store.begin() as tx:
        await tx.rebase(wall * SECOND, yard.now, {})
    await yard.deliver(speaks=True)
    assert await said(yard) == [("gate-horn", "spoken" if spoken else "expired")]


async def test_each_saying_is_in_the_chain_with_all_that_is_known_of_it(yard: Workshop) -> None:
    """What, where, when, how long, in which voice, and how it ended; `/case` tells it, too."""
    began = yard.now + 40
    yard.announcer.outcomes["gate-horn"] = Spoken(
        "gate-horn", "spoken", 3.456, "", began, first_ms=40, late_ms=3, voice="espeak cmn 160"
    )
    await warned(yard)
    entries = [row.entry for row in await yard.store.history(1) if row.entry.event == "delivery"]
    assert [dict(entry.data) for entry in entries] == [
        {
            "kind": "announce",
            "to": "gate-horn",
            "outcome": "spoken",
            "seconds": 3.46,
            "detail": "",
            "began_at": began,
            "first_ms": 40,
            "late_ms": 3,
            "voice": "espeak cmn 160",
            "said": "请注意，大门的师傅，请戴好安全帽。",
            "language": "zh",
            "style": "normal",
        }
    ]
    case = await yard.store.get_case(1)
    assert case is not None
    facts = await Facts(yard.core).of(case, "telegram")
    told = case_detail(case, await yard.store.history(1), facts, "zh")
    assert "📢 大门喇叭（已播出，3.5 秒）：请注意，大门的师傅，请戴好安全帽。" in told


async def test_what_a_mute_holds_back_is_on_the_case_and_its_card(yard: Workshop) -> None:
    """Nothing sounds; an emergency does."""
    yard.core.mutes["gate"] = yard.now + 60 * SECOND
    assert await warned(yard) == [("gate-horn", "muted")]
    assert yard.announcer.said == []
    await yard.deliver()
    (card,) = yard.telegram.texts(GROUP.id)
    assert "📢 大门喇叭：静音中，没有播" in card
    kinds = [row.entry.data.get("outcome") for row in await yard.store.history(1)]
    assert "muted" in kinds
    assert await warned(yard, id="fire", hazard="smoke_fire") == [("gate-horn", "spoken")]


async def test_each_round_is_counted_for_the_volume_of_the_night(yard: Workshop) -> None:
    await warned(yard, hazard="smoke_fire")
    yard.now += 20 * SECOND
    await yard.timers.due(*await yard.store.due_timers(yard.now, 10))
    await yard.deliver(speaks=True)
    assert [one.round for one in yard.announcer.said] == [1, 2]


async def test_what_was_to_be_said_anew_and_came_too_late_is_told_as_interrupted(
    yard: Workshop,
) -> None:
    """Not only as too late: somebody has heard its beginning."""
    yard.announcer.outcomes["gate-horn"] = Spoken("gate-horn", "preempted", 1.5, interrupted_by=31)
    await yard.report()
    (row,) = await yard.store.claim(yard.now, 30 * SECOND, 1, kinds=["announce"])
    await Attempts(yard.desk).attempt(row)
    yard.now += 11 * SECOND
    await yard.deliver(speaks=True)
    assert await said(yard) == [("gate-horn", "preempted"), ("gate-horn", "expired")]
    await yard.deliver()
    assert "📢 大门喇叭：被 #31 打断，没有重播" in yard.telegram.texts(GROUP.id)[0]


@pytest.mark.parametrize("outcome", ["quiet_hours", "capped"])
async def test_an_emergency_by_night_goes_to_a_horn_that_may_speak(
    yard: Workshop, outcome: str
) -> None:
    """And where none may, people are told: nobody on the site has heard anything."""
    fails(yard, "gate-horn", outcome=outcome)
    assert await warned(yard, hazard="smoke_fire") == [
        ("gate-horn", outcome),
        ("pit-horn", "spoken"),
    ]
    fails(yard, "pit-horn", "yard-horn", outcome=outcome)
    await warned(yard, id="second", hazard="fall")
    await yard.deliver()
    assert len(told(yard)) == 1
