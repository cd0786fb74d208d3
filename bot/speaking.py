"""Between voice and the core: utterances become announcements, reports become outcomes."""

from __future__ import annotations

import asyncio
import io
import logging
import unicodedata
import wave
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from bot.domain.error import Refused
from bot.domain.hazard import Severity
from bot.domain.response import Style
from bot.domain.site import Site, SiteConfig, Speaker
from bot.ports import Begins, Recording, RecordingStore, Spoken, Utterance
from bot.texts.fitting import clip

if TYPE_CHECKING:
    from voice.announcer import Announcer
    from voice.policy import SpeakerSpec
    from voice.recordings import RecordingDesk
    from voice.speech import SpeechMaker
    from voice.turns import Recorded


log = logging.getLogger(__name__)

_NO_LIMIT = 1_000_000
_LONGEST_SAID = 300
_LONGEST_DETAIL = 200
_FAINTEST_PEAK = 0.003
"""Of full scale: what is below is a microphone that was shut, not a person far away."""
_UNSPOKEN = frozenset({"So", "Sk", "Cf", "Co", "Cn", "Cs"})
_SELECTORS = "\ufe0e\ufe0f\u20e3"
_ENDS = "。！？；：，,.!?;:"


def speaker_specs(config: SiteConfig) -> list[SpeakerSpec]:
    """What voice is told about the configured speakers."""
    from voice.policy import SpeakerSpec

    return [
        SpeakerSpec(
            id=speaker.id,
            url=speaker.url.reveal(),
            language=speaker.language,
            lead_silence_s=speaker.lead_silence.total_seconds(),
            quiet_hours=speaker.quiet_hours,
            at_most_per_hour=speaker.at_most_per_hour or _NO_LIMIT,
            timezone=_timezone(config.site(speaker.site)),
            volume=speaker.volume / 100,
            night_volume=speaker.volume_by_night / 100,
            night=speaker.night or speaker.quiet_hours,
            night_emergencies=speaker.night_emergencies,
            night_at_most_per_hour=speaker.night_at_most_per_hour or _NO_LIMIT,
        )
        for speaker in config.speakers
    ]


def _timezone(site: Site | None) -> tzinfo:
    return site.timezone if site else UTC


class VoiceAnnouncer:
    """See `bot.ports.Announcer`."""

    def __init__(
        self,
        announcer: Announcer,
        speakers: Sequence[Speaker],
        recordings: RecordingStore | None = None,
    ) -> None:
        self._announcer = announcer
        self._recordings = recordings
        self._lead = {s.id: s.lead_silence.total_seconds() for s in speakers}

    async def announce(self, utterance: Utterance, begins: Begins | None = None) -> Spoken:
        """Say it on its speaker."""
        from voice.turns import Announcement

        recorded = None
        if utterance.recording is not None:
            recorded = await self._recorded(utterance.recording)
            if recorded is None:
                return Spoken(utterance.speaker, "no_speech", detail="the recording is gone")
        announcement = Announcement(
            id=utterance.id,
            speakers=(utterance.speaker,),
            text=utterance.text,
            language=utterance.language,
            severity=Severity.parse(utterance.severity),
            style=Style(utterance.style),
            expires_at=utterance.expires_at / 1000,
            lead_silence_s=self._lead.get(utterance.speaker, 0.0),
            about="" if utterance.case is None else str(utterance.case),
            round=utterance.round,
            forced=utterance.forced,
            recorded=recorded,
        )
        said = (await self._announcer.announce(announcement, begins))[0]
        report = said.report
        return Spoken(
            speaker=said.speaker,
            outcome=report.outcome.value,
            seconds=report.seconds,
            detail=_line(report.detail),
            began_at=None if said.began_at is None else round(said.began_at * 1000),
            interrupted_by=int(said.interrupted_by) if said.interrupted_by else None,
            first_ms=None if report.first_byte_ms is None else round(report.first_byte_ms),
            late_ms=round(report.late_ms) if report.late_ms else None,
            voice=said.voice,
        )

    async def _recorded(self, sha256: str) -> Recorded | None:
        from voice.sound import read_wav
        from voice.turns import Recorded

        wav = await self._recordings.get(sha256) if self._recordings else None
        if wav is None:
            return None
        try:
            return Recorded(sha256, await asyncio.to_thread(read_wav, io.BytesIO(wav)))
        except (EOFError, wave.Error):
            return None

    async def silent(self) -> Mapping[str, str]:
        """The speakers that could not play now, with the reason."""
        healths = await self._announcer.probe()
        return {id: _line(health.detail) for id, health in healths.items() if not health.ok}


def _line(words: str) -> str:
    """What a device says goes into chats and databases, of which one takes no NUL."""
    return clip("".join(sign for sign in words if sign.isprintable()), _LONGEST_DETAIL)


class NoAnnouncer:
    """Where no speaker is configured."""

    async def silent(self) -> Mapping[str, str]:
        """None is."""
        return {}

    async def announce(self, utterance: Utterance, begins: Begins | None = None) -> Spoken:
        """Nothing sounds, and that is said."""
        return Spoken(utterance.speaker, "unknown_speaker")


class ReadAloud:
    """Speaks what a person is to hear in reply, by the instant voice or the good one."""

    def __init__(self, speech: SpeechMaker) -> None:
        self._speech = speech

    async def wav(self, text: str, language: str) -> bytes | None:
        """A WAV file of the text's beginning; None where it cannot be spoken."""
        from voice.faults import SpeechFailed, VoiceMissing

        words = clip(_sayable(text), _LONGEST_SAID)
        try:
            speech = await self._speech.speak_to_file(words, language)
        except (SpeechFailed, VoiceMissing) as fault:
            log.warning("an answer is not spoken: %s", fault)
            return None
        return await asyncio.to_thread(speech.sound.to_wav)


def _sayable(text: str) -> str:
    """Without pictographs, which a voice would name; lines become sentences."""
    lines = ("".join(_spoken(sign) for sign in line).strip() for line in text.splitlines())
    return " ".join(line if line[-1] in _ENDS else f"{line}。" for line in lines if line)


def _spoken(sign: str) -> str:
    return "" if unicodedata.category(sign) in _UNSPOKEN or sign in _SELECTORS else sign


class SafeRecordingDesk:
    """See `bot.ports.RecordingDesk`: voice's desk, with the core's errors."""

    def __init__(self, desk: RecordingDesk) -> None:
        self._desk = desk

    async def decode(self, data: bytes) -> Recording:
        """A WAV file of what is heard; raises `Refused`, which says why there is none."""
        from voice.faults import RecordingUnusable

        try:
            sound = await self._desk.decode(data)
        except RecordingUnusable as fault:
            raise Refused(f"recording.{fault.reason}") from fault
        audible = sound.peak >= _FAINTEST_PEAK
        return Recording(await asyncio.to_thread(sound.to_wav), sound.seconds, audible)
