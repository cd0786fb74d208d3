"""How soon an emergency is heard instead of what is less: counted where the horn receives."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from bot.domain.hazard import Severity
from bot.domain.response import Style
from tests.support.announcing import ToneVoice
from tests.support.horns.listening import babble, likeness
from tests.support.horns.paging import PagingHorn
from tests.support.patience import PATIENCE_S
from voice.announcer import open_announcer
from voice.policy import SpeakerSpec
from voice.shaping import shaped
from voice.sound import Sound
from voice.speakers.port import Outcome
from voice.turns import Announcement

PACKET_S = 0.02


class Babbler(ToneVoice):
    """Each sentence is a babble of its own that is known again."""

    async def make(self, text: str, language: str) -> Sound:
        return sentence(text)


def sentence(text: str) -> Sound:
    return babble(4.0 if text == "hat" else 1.0, 8000, seed=len(text))


def announcement(text: str, severity: Severity) -> Announcement:
    expires_at = time.time() + 60
    return Announcement(text, ("horn",), text, "zh", severity, expires_at, Style.CALM, about="31")


async def test_an_emergency_interrupts_within_40_ms_of_audio(tmp_path: Path) -> None:
    """No more than two packets of the old sentence come after it was taken; the new is whole."""
    horn = PagingHorn()
    spec = SpeakerSpec("horn", f"rtp://127.0.0.1:{horn.port}", lead_silence_s=0)
    try:
        async with open_announcer([spec], data_dir=tmp_path, voice=Babbler()) as announcer:
            general = asyncio.create_task(announcer.announce(announcement("hat", Severity.GENERAL)))
            async with asyncio.timeout(PATIENCE_S):
                while len(horn.packets) < 25:
                    await asyncio.sleep(0.01)
            taken = time.monotonic()
            (fire,) = await announcer.announce(announcement("fire", Severity.EMERGENCY))
            (hat,) = await general
        sounds = await horn.heard()
    finally:
        await asyncio.to_thread(horn.close)
    old = [one for one in horn.packets if one.ssrc == horn.packets[0].ssrc]
    assert sum(one.at > taken for one in old) * PACKET_S <= 0.04
    assert (hat.report.outcome, hat.interrupted_by) == (Outcome.PREEMPTED, "31")
    assert len(old) * PACKET_S - PACKET_S <= hat.report.seconds + PACKET_S
    assert fire.report.outcome is Outcome.SENT
    assert len(sounds) == 2
    said = shaped(sentence("fire"), calm=True, lead_silence=0)
    correlation, share = likeness(said, sounds[1])
    assert correlation >= 0.99
    assert share >= 0.98


async def test_twenty_horns_at_once_each_hear_all_of_it(tmp_path: Path) -> None:
    """From the announcer's queues, at the same time; their pace is a benchmark's business."""
    horns = [PagingHorn() for _ in range(20)]
    specs = [
        SpeakerSpec(f"horn-{n}", f"rtp://127.0.0.1:{horn.port}", lead_silence_s=0)
        for n, horn in enumerate(horns)
    ]
    try:
        async with open_announcer(specs, data_dir=tmp_path, voice=Babbler()) as announcer:
            wanted = announcement("fire", Severity.EMERGENCY)
            everywhere = replace(wanted, speakers=tuple(spec.id for spec in specs))
            reports = await announcer.announce(everywhere)
            await asyncio.sleep(0.2)
    finally:
        await asyncio.gather(*(asyncio.to_thread(horn.close) for horn in horns))
    assert {one.report.outcome for one in reports} == {Outcome.SENT}
    said = shaped(sentence("fire"), calm=True, lead_silence=0)
    packets = [len(horn.packets) for horn in horns]
    assert packets == [round(said.seconds / PACKET_S + 0.49)] * 20
    begun = [horn.packets[0].at for horn in horns]
    ended = [horn.packets[-1].at for horn in horns]
    assert max(begun) < min(ended), "one after the other"
