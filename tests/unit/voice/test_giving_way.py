"""An emergency breaks off what is less; the clock is moved, plays last until they are let end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.domain.hazard import Severity
from tests.support.announcing import (
    NOON,
    Announced,
    Bench,
    ToneVoice,
    occupied,
    outcome,
    queued,
)
from tests.support.patience import until
from voice.policy import SpeakerSpec
from voice.speakers.port import Outcome
from voice.turns import SpeakerReport

EMERGENCY = Severity.EMERGENCY


async def report(announced: Announced) -> SpeakerReport:
    """What the one speaker did."""
    (found,) = await announced
    return found


@pytest.mark.parametrize("severity", [Severity.GENERAL, Severity.SERIOUS])
async def test_an_emergency_breaks_off_what_is_less(bench: Bench, severity: Severity) -> None:
    """At once; who was interrupted is told by what, and for how long it may have sounded."""
    busy = bench.say("hat", severity)
    await until(lambda: bench.gate.played == ["hat"])
    fire = bench.say("fire", EMERGENCY, about="31")
    told = await report(busy)
    assert bench.gate.cut_off == ["hat"]
    assert (told.report.outcome, told.interrupted_by) == (Outcome.PREEMPTED, "31")
    assert told.began_at == NOON
    assert told.report.seconds < 5
    bench.gate.gate.set()
    assert await outcome(fire) is Outcome.SPOKEN
    assert bench.gate.played == ["hat", "fire"]


async def test_an_emergency_waits_for_another_one(bench: Bench) -> None:
    fall = bench.say("fall", EMERGENCY)
    await until(lambda: bench.gate.played == ["fall"])
    fire = bench.say("fire", EMERGENCY)
    await queued()
    bench.gate.gate.set()
    assert [await outcome(fall), await outcome(fire)] == [Outcome.SPOKEN] * 2
    assert bench.gate.cut_off == []


async def test_a_serious_one_waits_for_a_general_one(bench: Bench) -> None:
    busy = await occupied(bench)
    serious = bench.say("pit", Severity.SERIOUS)
    await queued()
    bench.gate.gate.set()
    assert [await outcome(busy), await outcome(serious)] == [Outcome.SPOKEN] * 2
    assert bench.gate.cut_off == []


async def test_one_that_is_expired_breaks_nothing_off(bench: Bench) -> None:
    busy = await occupied(bench)
    late = bench.say("fire", EMERGENCY, expires_at=NOON)
    await queued()
    bench.gate.gate.set()
    assert await outcome(busy) is Outcome.SPOKEN
    assert await outcome(late) is Outcome.EXPIRED


async def test_what_waits_and_becomes_an_emergency_breaks_off(bench: Bench) -> None:
    """The second to ask for the sentence is the emergency."""
    busy = await occupied(bench)
    waiting = bench.say("smoke", Severity.SERIOUS)
    await queued()
    assert not busy.done()
    graver = bench.say("smoke", EMERGENCY)
    assert (await report(busy)).report.outcome is Outcome.PREEMPTED
    bench.gate.gate.set()
    assert [await outcome(waiting), await outcome(graver)] == [Outcome.SPOKEN] * 2
    assert bench.gate.played == ["first", "smoke"]


async def test_the_sentence_that_sounds_is_not_broken_off_for_itself(bench: Bench) -> None:
    """An emergency that says the same waits for its end."""
    busy = bench.say("leave now", Severity.SERIOUS)
    await until(lambda: bench.gate.played == ["leave now"])
    graver = bench.say("leave now", EMERGENCY)
    await queued()
    bench.gate.gate.set()
    assert [await outcome(busy), await outcome(graver)] == [Outcome.SPOKEN] * 2
    assert bench.gate.cut_off == []


async def test_what_was_not_heard_yet_only_waits_longer(bench: Bench) -> None:
    """Its sentence was being made: nothing was interrupted, and the making goes on."""
    bench.voice.gate.clear()
    hat = bench.say("hat")
    await until(lambda: bench.announcer._queues["gate"]._act is not None)
    await queued()
    fire = bench.say("fire", EMERGENCY)
    await queued()
    bench.gate.gate.set()
    bench.voice.gate.set()
    assert [await outcome(hat), await outcome(fire)] == [Outcome.SPOKEN] * 2
    assert bench.gate.played == ["fire", "hat"]
    assert sorted(bench.voice.said) == ["fire", "hat"]


async def test_what_gave_way_before_it_began_expires_like_any_other(bench: Bench) -> None:
    bench.voice.gate.clear()
    hat = bench.say("hat", expires_at=NOON + 10)
    await until(lambda: bench.announcer._queues["gate"]._act is not None)
    fire = bench.say("fire", EMERGENCY, expires_at=NOON + 60)
    await queued()
    bench.voice.gate.set()
    await until(lambda: bench.gate.played == ["fire"])
    bench.clock.now = NOON + 11
    bench.gate.gate.set()
    assert [await outcome(fire), await outcome(hat)] == [Outcome.SPOKEN, Outcome.EXPIRED]


async def test_an_interrupted_one_counts_as_said(tone_voice: ToneVoice, tmp_path: Path) -> None:
    """The site has heard the horn, if only its beginning."""
    bench = Bench(tone_voice, tmp_path)
    bench.open(SpeakerSpec("gate", "gated:", at_most_per_hour=1))
    busy = await occupied(bench)
    fire = bench.say("fire", EMERGENCY)
    assert await outcome(busy) is Outcome.PREEMPTED
    bench.gate.gate.set()
    await fire
    assert await outcome(bench.say("hat")) is Outcome.CAPPED
    await bench.announcer.close()


async def test_it_can_be_said_anew_under_its_name(bench: Bench) -> None:
    """A play that was broken off is not remembered as done."""
    busy = bench.say("hat", id="same")
    await until(lambda: bench.gate.played == ["hat"])
    fire = bench.say("fire", EMERGENCY)
    assert await outcome(busy) is Outcome.PREEMPTED
    again = bench.say("hat", id="same")
    await queued()
    bench.gate.gate.set()
    assert [await outcome(fire), await outcome(again)] == [Outcome.SPOKEN] * 2
    assert bench.gate.played == ["hat", "fire", "hat"]


async def test_who_asked_is_told_before_anything_is_heard(bench: Bench) -> None:
    """All that share a turn are; a fault of theirs keeps nothing from being said."""
    heard: list[tuple[str, int]] = []

    async def begins(name: str, fault: Exception | None = None) -> None:
        heard.append((name, len(bench.gate.played)))
        if fault:
            raise fault

    queue = bench.announcer._queues["gate"]
    bench.gate.gate.set()
    one = bench.announcement("hat")
    await queue.say(one, lambda: begins("first"))
    bench.gate.gate.clear()
    holding = bench.say("holding")
    await until(lambda: bench.gate.played[-1] == "holding")
    both = [
        asyncio.ensure_future(queue.say(bench.announcement("same"), lambda: begins("second"))),
        asyncio.ensure_future(
            queue.say(bench.announcement("same"), lambda: begins("third", OSError("disk full")))
        ),
    ]
    await queued()
    bench.gate.gate.set()
    await holding
    assert [(await each).report.outcome for each in both] == [Outcome.SPOKEN] * 2
    assert heard == [("first", 0), ("second", 2), ("third", 2)]


async def test_closing_while_something_gives_way_leaves_nobody_waiting(bench: Bench) -> None:
    bench.voice.gate.clear()
    hat = bench.say("hat")
    await until(lambda: bench.announcer._queues["gate"]._act is not None)
    await queued()
    fire = bench.say("fire", EMERGENCY)
    await queued()
    await bench.announcer.close(drain=0.01)
    assert [await outcome(hat), await outcome(fire)] == [Outcome.STOPPED] * 2


async def test_the_report_tells_when_it_began_and_who_spoke(bench: Bench) -> None:
    bench.gate.gate.set()
    told = await report(bench.say("hat"))
    assert (told.speaker, told.began_at, told.at) == ("gate", NOON, NOON)
    assert "tone" in told.voice
