"""A rig for each kind of speaker: the speaker, how to listen at its other end, how to break it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.horns.baresip import Baresip, baresip_is_here
from tests.support.horns.cameras import CAMERAS, url_of
from tests.support.horns.onvif import GstCamera, gstreamer_is_here
from tests.support.horns.paging import PagingHorn
from tests.support.horns.soundcard import PulseCard, pulseaudio_is_here
from voice.sound import Sound, read_wav
from voice.speakers import open_speaker
from voice.speakers.browser import BrowserSpeaker, Listener
from voice.speakers.port import Outcome, PlayReport, Speaker, SpeakerHealth


class Rig(ABC):
    """A speaker, and how to listen at its other end and to break it.

    `played` is the best outcome this kind can report, `refusals` are those of a device that refuses
    from the first moment; an `exact` kind changes no sample. `lead`: the seconds that a device may
    lose at the beginning, as real ones do.
    """

    speaker: Speaker
    played = Outcome.SPOKEN
    refusals = frozenset({Outcome.FAILED})
    exact = False
    tells_apart = True
    lead = 0.0

    async def open(self) -> None:
        """Start the other end, where it does not start by itself."""
        return

    @abstractmethod
    async def heard(self) -> list[Sound]:
        """All sounds that came out, in order."""

    @abstractmethod
    async def broken(self) -> None:
        """Make the device refuse."""

    async def close(self) -> None:
        await self.speaker.close()


class FileRig(Rig):
    exact = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "out"
        self.speaker = open_speaker(f"file:{self.folder}", work_dir=folder / "work")

    async def heard(self) -> list[Sound]:
        files = sorted(self.folder.glob("*.wav"))
        return [await asyncio.to_thread(read_wav, path) for path in files]

    async def broken(self) -> None:
        self.folder.rmdir() if self.folder.exists() else None
        self.folder.write_text("a file where the folder should be")


class Page:
    """A browser page's side of the talk: fetches each sound and says what it does with it."""

    def __init__(self, speaker: BrowserSpeaker, answers: tuple[str, ...] = ("started", "ended")):
        self.speaker = speaker
        self.answers = answers
        self.sounds: list[Sound] = []
        self.messages: list[dict[str, Any]] = []
        self.listener: Listener = speaker.join(self.send)
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message["type"] == "play":
            task = asyncio.create_task(self._play(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _play(self, message: dict[str, Any]) -> None:
        sound = await asyncio.to_thread(read_wav, self.speaker.sound_file(message["play"]))
        self.sounds.append(sound)
        for answer in self.answers:
            await asyncio.sleep(0)
            self.listener.heard({"type": answer, "play": message["play"], "detail": "muted"})


class BrowserRig(Rig):
    exact = True

    def __init__(self, folder: Path) -> None:
        speaker = open_speaker("browser:", work_dir=folder / "work")
        assert isinstance(speaker, BrowserSpeaker)
        self.speaker = speaker
        self.page = Page(speaker)

    async def heard(self) -> list[Sound]:
        return self.page.sounds

    async def broken(self) -> None:
        self.page.answers = ("failed",)


class LocalRig(Rig):
    refusals = frozenset({Outcome.UNREACHABLE})
    tells_apart = False

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("miniaudio")
        if not pulseaudio_is_here():
            pytest.skip("PulseAudio is not here (pulseaudio, pulseaudio-utils)")
        self.card = PulseCard(folder / "card")
        self.speaker = open_speaker("local:", work_dir=folder)

    async def open(self) -> None:
        await asyncio.to_thread(self.card.start)

    async def heard(self) -> list[Sound]:
        return await asyncio.to_thread(self.card.heard)

    async def broken(self) -> None:
        await asyncio.to_thread(self.card.stop)

    async def close(self) -> None:
        await super().close()
        await asyncio.to_thread(self.card.stop)
        self.card.forget()


class RtpRig(Rig):
    played = Outcome.SENT
    refusals = frozenset({Outcome.UNREACHABLE})

    def __init__(self, folder: Path) -> None:
        self.horn = PagingHorn()
        self.speaker = open_speaker(f"rtp://127.0.0.1:{self.horn.port}", work_dir=folder)

    async def heard(self) -> list[Sound]:
        return await self.horn.heard()

    async def broken(self) -> None:
        await asyncio.to_thread(self.horn.close)

    async def close(self) -> None:
        await super().close()
        await asyncio.to_thread(self.horn.close)


class CameraRig(Rig):
    refusals = frozenset({Outcome.REFUSED})

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.camera = CAMERAS[kind]()

    async def open(self) -> None:
        await self.camera.open()
        self.speaker = open_speaker(url_of(self.kind, self.camera), work_dir=self.folder)

    async def heard(self) -> list[Sound]:
        return await self.camera.heard()

    async def broken(self) -> None:
        self.camera.trouble = 500

    async def close(self) -> None:
        await super().close()
        await self.camera.close()


class SipRig(Rig):
    refusals = frozenset({Outcome.NOT_FOUND, Outcome.UNREACHABLE})

    def __init__(self, folder: Path) -> None:
        if not baresip_is_here():
            pytest.skip("baresip is not here; Debian has it as baresip-core")
        self.horn = Baresip(folder / "horn")
        url = f"sip://127.0.0.1:{self.horn.port}/horn"
        self.speaker = Collected(open_speaker(url, work_dir=folder), self.horn)

    async def open(self) -> None:
        await asyncio.to_thread(self.horn.start)

    async def heard(self) -> list[Sound]:
        return self.horn.heard

    async def broken(self) -> None:
        await asyncio.to_thread(self.horn.stop)

    async def close(self) -> None:
        await super().close()
        await asyncio.to_thread(self.horn.stop)


@dataclass
class Collected:
    """A speaker whose horn puts each call aside before the next one overwrites it."""

    speaker: Speaker
    horn: Baresip

    @property
    def kind(self) -> str:
        return self.speaker.kind

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        try:
            return await self.speaker.play(sound, key=key)
        finally:
            await self.horn.collect()

    async def probe(self) -> SpeakerHealth:
        return await self.speaker.probe()

    async def close(self) -> None:
        await self.speaker.close()


class OnvifRig(Rig):
    lead = 0.1
    refusals = frozenset({Outcome.UNREACHABLE})

    def __init__(self, folder: Path) -> None:
        if not gstreamer_is_here():
            pytest.skip("GStreamer's RTSP server is not here (gir1.2-gst-rtsp-server-1.0)")
        self.folder = folder
        self.camera = GstCamera(folder / "camera")

    async def open(self) -> None:
        await asyncio.to_thread(self.camera.start)
        url = f"onvif://root:ge%3Aheim@127.0.0.1:{self.camera.port}/stream"
        self.speaker = open_speaker(url, work_dir=self.folder)

    async def heard(self) -> list[Sound]:
        await asyncio.to_thread(self.camera.settled)
        return await asyncio.to_thread(self.camera.heard)

    async def broken(self) -> None:
        await asyncio.to_thread(self.camera.stop)

    async def close(self) -> None:
        await super().close()
        await asyncio.to_thread(self.camera.stop)
