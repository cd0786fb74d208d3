"""An announcer on a clock that is moved: speakers whose plays last until they are let end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from bot.domain.hazard import Severity
from tests.support.patience import until
from voice.announcer import Announcer
from voice.faults import SpeechFailed
from voice.policy import SpeakerSpec
from voice.sound import Sound
from voice.speakers.port import Outcome, PlayReport, SpeakerHealth
from voice.speech import SpeechMaker, VoiceKey
from voice.turns import Announcement, SpeakerReport

# The site file has read the time zones long before a speaker is opened; so have these tests.
ZoneInfo("Asia/Shanghai")

NOON = 1_795_320_000.0  # 2026-11-22 12:00 in Shanghai


def tone(
    seconds: float = 0.5, *, rate: int = 8000, level: float = 0.3, hertz: float = 440
) -> Sound:
    """A steady tone."""
    time = np.arange(round(seconds * rate)) / rate
    return Sound((level * 32767 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), rate)


class ToneVoice:
    """A voice that says everything as a tone and keeps a list of what it said.

    `asked` holds also what it is about to say, once its `gate` opens.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.level = 0.3
        self.closed = False

    def key(self, language: str) -> VoiceKey:
        return VoiceKey("tone", language, 100)

    async def make(self, text: str, language: str) -> Sound:
        self.asked.append(text)
        await self.gate.wait()
        if text == "unspeakable":
            raise SpeechFailed("unspeakable")
        self.said.append(text)
        return tone(level=self.level)

    async def warm_up(self) -> None:
        """Always warm."""

    async def close(self) -> None:
        self.closed = True


class Clock:
    """Epoch seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class GatedSpeaker:
    """A speaker whose plays last until the test lets them end."""

    kind = "gated"

    def __init__(self) -> None:
        self.played: list[str] = []
        self.sounds: list[Sound] = []
        self.gate = asyncio.Event()
        self.cut_off: list[str] = []
        self.closed = False
        self.fault: Exception | None = None
        self.outcome = Outcome.SPOKEN
        self.detail = ""
        self.probed = 0

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        self.played.append(sound.caption)
        self.sounds.append(sound)
        if self.fault:
            raise self.fault
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cut_off.append(sound.caption)
            raise
        return PlayReport(self.outcome, len(sound.samples) * 2, sound.seconds, 1.0, self.detail)

    async def probe(self) -> SpeakerHealth:
        self.probed += 1
        if self.fault:
            raise self.fault
        return SpeakerHealth(not self.detail, self.detail)

    async def close(self) -> None:
        self.closed = True


class Bench:
    """An announcer with gated speakers on a moved clock."""

    def __init__(self, voice: ToneVoice, folder: Path) -> None:
        self.clock = Clock()
        self.voice = voice
        self.folder = folder
        self.speakers: dict[str, GatedSpeaker] = {}
        self.count = 0

    def open(self, *specs: SpeakerSpec) -> None:
        self.speakers = {spec.id: GatedSpeaker() for spec in specs}
        self.announcer = Announcer(
            SpeechMaker(self.voice, self.folder),
            [(spec, self.speakers[spec.id]) for spec in specs],
            clock=self.clock,
        )
        self.announcer.start()

    @property
    def gate(self) -> GatedSpeaker:
        return self.speakers["gate"]

    def announcement(
        self, text: str, severity: Severity = Severity.GENERAL, **more: Any
    ) -> Announcement:
        """An announcement for the gate, to be begun within ten seconds."""
        self.count += 1
        given = {
            "id": f"a{self.count}",
            "speakers": ("gate",),
            "language": "zh",
            "expires_at": self.clock.now + 10,
            **more,
        }
        return Announcement(text=text, severity=severity, **given)

    def say(self, text: str, severity: Severity = Severity.GENERAL, **more: Any) -> Announced:
        """Announce it; the task ends with the reports."""
        wanted = self.announcement(text, severity, **more)
        return asyncio.create_task(self.announcer.announce(wanted))


Announced = asyncio.Task[Sequence[SpeakerReport]]


async def queued() -> None:
    """Let what was just asked for reach its queue: announce, then its part per speaker."""
    for _ in range(5):
        await asyncio.sleep(0)


async def outcome(announced: Announced) -> Outcome:
    """The outcome on the one speaker of an announcement."""
    (report,) = await announced
    return report.report.outcome


async def occupied(bench: Bench, text: str = "first") -> Announced:
    """Have the gate's speaker busy."""
    announced = bench.say(text)
    await until(lambda: bench.gate.played == [text])
    return announced
