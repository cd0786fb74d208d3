"""The announcer's queues: order, merging, expiry, faults, stopping; with a clock that is moved."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import pytest

from bot.domain.error import Unavailable
from bot.domain.hazard import Severity
from bot.domain.response import Style
from bot.domain.window import parse_window
from tests.support.announcing import NOON, Bench, ToneVoice, occupied, outcome, queued
from tests.support.patience import until
from voice.announcer import SpeakerReport, open_announcer
from voice.faults import SpeakerKindNotAvailable
from voice.policy import SpeakerSpec
from voice.speakers.port import Outcome


async def test_the_gravest_goes_first_then_the_oldest(bench: Bench) -> None:
    busy = await occupied(bench)
    waiting = [
        bench.say("general 1"),
        bench.say("serious 1", Severity.SERIOUS),
        bench.say("general 2"),
        bench.say("fire", Severity.EMERGENCY),
        bench.say("serious 2", Severity.SERIOUS),
    ]
    await queued()
    bench.gate.gate.set()
    await asyncio.gather(busy, *waiting)
    assert bench.gate.played == [
        "first", "fire", "serious 1", "serious 2", "general 1", "general 2",
    ]  # fmt: skip


async def test_the_same_sentence_waiting_is_said_once_for_both(bench: Bench) -> None:
    busy = await occupied(bench)
    twice = [bench.say("put your hat on"), bench.say("put your hat on", Severity.SERIOUS)]
    other = bench.say("other", Severity.SERIOUS)
    await queued()
    bench.gate.gate.set()
    assert [await outcome(one) for one in (busy, *twice, other)] == [Outcome.SPOKEN] * 4
    # The second caller's severity lifts the shared turn before one that came between.
    assert bench.gate.played == ["first", "put your hat on", "other"]


@pytest.mark.parametrize("more", [{"style": Style.CALM}, {"repeat_in_one": 2}, {"language": "en"}])
async def test_sentences_that_would_sound_differently_are_not_merged(
    bench: Bench, more: dict[str, Any]
) -> None:
    busy = await occupied(bench)
    both = [bench.say("hold on"), bench.say("hold on", **more)]
    await queued()
    bench.gate.gate.set()
    await asyncio.gather(busy, *both)
    assert bench.gate.played == ["first", "hold on", "hold on"]


async def test_the_same_sentence_after_the_first_one_ended_is_said_again(bench: Bench) -> None:
    bench.gate.gate.set()
    await bench.say("put your hat on")
    await bench.say("put your hat on")
    assert bench.gate.played == ["put your hat on"] * 2


async def test_the_same_announcement_is_spoken_once(bench: Bench) -> None:
    """While it sounds, and given again after that."""
    first = bench.say("put your hat on", id="same")
    await until(lambda: bool(bench.gate.played))
    during = bench.say("put your hat on", id="same")
    await queued()
    bench.gate.gate.set()
    after = [await outcome(first), await outcome(during)]
    after.append(await outcome(bench.say("put your hat on", id="same")))
    assert after == [Outcome.SPOKEN] * 3
    assert bench.gate.played == ["put your hat on"]


async def test_an_announcement_that_failed_may_be_tried_again(bench: Bench) -> None:
    bench.gate.gate.set()
    bench.gate.outcome = Outcome.FAILED
    assert await outcome(bench.say("hat", id="same")) is Outcome.FAILED
    bench.gate.outcome = Outcome.SPOKEN
    assert await outcome(bench.say("hat", id="same")) is Outcome.SPOKEN


async def test_what_did_not_start_in_time_is_never_spoken(bench: Bench) -> None:
    busy = await occupied(bench)
    stale = bench.say("stale", expires_at=NOON + 10)
    fresh = bench.say("fresh", expires_at=NOON + 60)
    await queued()
    bench.clock.now = NOON + 10
    bench.gate.gate.set()
    assert await outcome(stale) is Outcome.EXPIRED
    assert await outcome(fresh) is Outcome.SPOKEN
    assert await outcome(busy) is Outcome.SPOKEN
    assert bench.gate.played == ["first", "fresh"]


async def test_it_expires_while_its_sentence_is_made(bench: Bench) -> None:
    bench.voice.gate.clear()
    late = bench.say("late")
    await asyncio.sleep(0.01)
    bench.clock.now = NOON + 11
    bench.voice.gate.set()
    assert await outcome(late) is Outcome.EXPIRED
    assert bench.gate.played == []


async def test_a_speaker_is_told_until_when_it_may_begin(bench: Bench) -> None:
    bench.gate.gate.set()
    begun = time.monotonic()
    await bench.say("hat", expires_at=NOON + 10)
    (sound,) = bench.gate.sounds
    assert begun + 10 <= sound.begin_by <= time.monotonic() + 10


async def test_setting_the_clock_back_revives_nothing(bench: Bench) -> None:
    busy = await occupied(bench)
    stale = bench.say("stale", expires_at=NOON + 0.02)
    await queued()
    bench.clock.now = NOON - 3600
    loop = asyncio.get_running_loop()
    gone = loop.time() + 0.03
    await until(lambda: loop.time() > gone)
    bench.gate.gate.set()
    assert await outcome(stale) is Outcome.EXPIRED
    await busy


async def test_one_speaker_does_not_wait_for_another(bench: Bench) -> None:
    busy = await occupied(bench)
    bench.speakers["pit"].gate.set()
    assert await outcome(bench.say("pit", speakers=("pit",))) is Outcome.SPOKEN
    assert not busy.done()


async def test_a_report_comes_for_each_speaker_in_order(bench: Bench) -> None:
    for speaker in bench.speakers.values():
        speaker.gate.set()
    bench.gate.fault = OSError("cable cut")
    reports: list[SpeakerReport] = list(await bench.say("hat", speakers=("pit", "gate", "roof")))
    assert [(one.speaker, one.report.outcome) for one in reports] == [
        ("pit", Outcome.SPOKEN),
        ("gate", Outcome.FAILED),
        ("roof", Outcome.UNKNOWN_SPEAKER),
    ]
    assert "cable cut" in reports[1].report.detail
    assert {one.at for one in reports} == {NOON}


async def test_a_speaker_that_breaks_once_speaks_the_next(bench: Bench) -> None:
    bench.gate.gate.set()
    bench.gate.fault = ValueError("a bug")
    assert await outcome(bench.say("one")) is Outcome.FAILED
    bench.gate.fault = None
    assert await outcome(bench.say("two")) is Outcome.SPOKEN


@pytest.mark.parametrize("fault", [Unavailable("the database is locked"), OSError("locked")])
async def test_a_begin_that_could_not_be_noted_is_one_line_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    """It is spoken all the same; the log says why nobody knew, without a trace."""
    caplog.set_level(logging.INFO, "voice.speaker_queue")

    async def busy() -> None:
        raise fault

    announcement = bench.announcement("hold on")
    bench.gate.gate.set()
    (told,) = await bench.announcer.announce(announcement, busy)
    assert told.report.outcome is Outcome.SPOKEN
    (record,) = (one for one in caplog.records if one.name == "voice.speaker_queue")
    assert record.levelname == "WARNING"
    assert not record.exc_info
    assert record.getMessage().endswith(f": {type(fault).__name__}: {fault}")


async def test_a_sentence_that_cannot_be_made_says_so(bench: Bench) -> None:
    bench.gate.gate.set()
    assert await outcome(bench.say("unspeakable")) is Outcome.NO_SPEECH
    assert bench.gate.played == []


async def test_a_caller_who_gives_up_does_not_stop_the_sound(bench: Bench) -> None:
    leaving = await occupied(bench)
    staying = bench.say("first", id="a1")
    await queued()
    leaving.cancel()
    bench.gate.gate.set()
    assert await outcome(staying) is Outcome.SPOKEN
    assert bench.gate.cut_off == []


async def test_quiet_hours_and_the_cap_hold_back_all_but_emergencies(
    tone_voice: ToneVoice, tmp_path: Path
) -> None:
    bench = Bench(tone_voice, tmp_path)
    bench.open(
        SpeakerSpec("gate", "gated:", at_most_per_hour=1),
        SpeakerSpec("pit", "gated:", quiet_hours=(parse_window("11:00-13:00"),)),
    )
    for speaker in bench.speakers.values():
        speaker.gate.set()
    assert await outcome(bench.say("1")) is Outcome.SPOKEN
    assert await outcome(bench.say("2")) is Outcome.CAPPED
    assert await outcome(bench.say("3", speakers=("pit",))) is Outcome.QUIET_HOURS
    fire = await bench.say("fire", Severity.EMERGENCY, speakers=("gate", "pit"))
    assert [one.report.outcome for one in fire] == [Outcome.SPOKEN] * 2
    bench.clock.now += 3601
    assert await outcome(bench.say("4")) is Outcome.SPOKEN
    assert await outcome(bench.say("5", speakers=("pit",))) is Outcome.SPOKEN
    await bench.announcer.close()


async def test_a_play_that_did_not_sound_is_not_counted_against_the_cap(
    tone_voice: ToneVoice, tmp_path: Path
) -> None:
    bench = Bench(tone_voice, tmp_path)
    bench.open(SpeakerSpec("gate", "gated:", at_most_per_hour=1))
    bench.gate.gate.set()
    bench.gate.outcome = Outcome.NO_LISTENER
    assert await outcome(bench.say("1")) is Outcome.NO_LISTENER
    bench.gate.outcome = Outcome.SPOKEN
    assert await outcome(bench.say("2")) is Outcome.SPOKEN
    await bench.announcer.close()


async def test_the_longer_lead_silence_counts(bench: Bench) -> None:
    bench.gate.gate.set()
    await bench.say("own", style=Style.CALM)
    await bench.say("longer", style=Style.CALM, lead_silence_s=1.3)
    own, longer = bench.gate.sounds
    assert longer.seconds - own.seconds == pytest.approx(1.0, abs=0.001)


async def test_closing_lets_the_sound_end_and_stops_the_rest(bench: Bench) -> None:
    busy = await occupied(bench)
    waiting = bench.say("waiting")
    await queued()
    closing = asyncio.create_task(bench.announcer.close(drain=5))
    assert await outcome(waiting) is Outcome.STOPPED
    assert await outcome(bench.say("too late")) is Outcome.STOPPED
    bench.gate.gate.set()
    await closing
    assert await outcome(busy) is Outcome.SPOKEN
    assert bench.gate.played == ["first"]
    assert bench.gate.closed
    assert bench.voice.closed


async def test_closing_cuts_off_what_does_not_end(bench: Bench) -> None:
    busy = await occupied(bench)
    await bench.announcer.close(drain=0.01)
    assert await outcome(busy) is Outcome.STOPPED
    assert bench.gate.cut_off == ["first"]


async def test_a_closed_announcer_leaves_no_task(tone_voice: ToneVoice, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    spec = SpeakerSpec("gate", f"file:{tmp_path}/out")
    async with open_announcer([spec], data_dir=tmp_path, voice=tone_voice) as announcer:
        assert (await announcer.probe())["gate"].ok
        assert announcer.speakers["gate"].kind == "file"
    assert asyncio.all_tasks() == before


async def test_what_a_killed_run_left_is_removed(tone_voice: ToneVoice, tmp_path: Path) -> None:
    left = tmp_path / "playing" / "old.wav"
    left.parent.mkdir()
    left.touch()
    async with open_announcer([], data_dir=tmp_path, voice=tone_voice):
        assert not left.exists()


async def test_a_bad_url_starts_nothing(tone_voice: ToneVoice, tmp_path: Path) -> None:
    specs = [SpeakerSpec("gate", "browser:"), SpeakerSpec("horn", "pager:horn@10.0.0.9")]
    before = asyncio.all_tasks()
    with pytest.raises(SpeakerKindNotAvailable):
        async with open_announcer(specs, data_dir=tmp_path, voice=tone_voice):
            pass
    assert asyncio.all_tasks() == before


async def test_a_probe_that_breaks_hides_no_other_speaker(bench: Bench) -> None:
    bench.gate.fault = ValueError("nonsense from the device")
    health = await bench.announcer.probe()
    assert (health["gate"].ok, health["pit"].ok) == (False, True)
    assert "nonsense" in health["gate"].detail


async def test_a_speaker_is_not_probed_while_it_speaks(bench: Bench) -> None:
    """Some devices take one connection at a time."""
    busy = await occupied(bench)
    assert all(health.ok for health in (await bench.announcer.probe()).values())
    assert (bench.gate.probed, bench.speakers["pit"].probed) == (0, 1)
    bench.gate.gate.set()
    await busy
    await bench.announcer.probe()
    assert bench.gate.probed == 1


async def test_it_sounds_as_loud_as_the_hour_allows(tone_voice: ToneVoice, tmp_path: Path) -> None:
    """By the clock at its turn; the third round of an emergency is as loud as by day."""
    bench = Bench(tone_voice, tmp_path)
    night = (parse_window("22:00-06:00"),)
    bench.open(SpeakerSpec("gate", "gated:", volume=0.8, night_volume=0.2, night=night))
    bench.gate.gate.set()
    await bench.say("by day")
    bench.clock.now += 11 * 3600
    await bench.say("by night")
    await bench.say("fire", Severity.EMERGENCY, round=3)
    day, quiet, fire = (sound.peak for sound in bench.gate.sounds)
    assert quiet / day == pytest.approx(0.25, abs=0.01)
    assert fire == pytest.approx(day, abs=0.01)
    await bench.announcer.close()


async def test_what_is_forced_passes_the_quiet_hours_and_is_no_emergency(
    tone_voice: ToneVoice, tmp_path: Path
) -> None:
    """It breaks nothing off."""
    bench = Bench(tone_voice, tmp_path)
    quiet = (parse_window("11:00-13:00"),)
    bench.open(SpeakerSpec("gate", "gated:", quiet_hours=quiet, at_most_per_hour=1))
    busy = bench.say("one", forced=True)
    await until(lambda: bench.gate.played == ["one"])
    after = bench.say("two", forced=True)
    await queued()
    bench.gate.gate.set()
    assert [await outcome(busy), await outcome(after)] == [Outcome.SPOKEN] * 2
    assert bench.gate.cut_off == []
    await bench.announcer.close()


async def test_what_sounded_before_the_start_counts_to_the_limit(
    tone_voice: ToneVoice, tmp_path: Path
) -> None:
    """A program that is started again and again is no way round it."""
    bench = Bench(tone_voice, tmp_path)
    bench.open(SpeakerSpec("gate", "gated:", at_most_per_hour=2))
    bench.gate.gate.set()
    bench.announcer.remember("gate", NOON - 1800, Severity.GENERAL)
    bench.announcer.remember("gate", NOON - 7200, Severity.GENERAL)
    bench.announcer.remember("gone", NOON, Severity.GENERAL)
    assert await outcome(bench.say("1")) is Outcome.SPOKEN
    assert await outcome(bench.say("2")) is Outcome.CAPPED
    await bench.announcer.close()
