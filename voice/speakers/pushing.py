"""Cameras and horns that take sound by HTTP: what the makers have in common."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voice.protocols.rtp import Codec, payloads
from voice.sound import Sound
from voice.speakers.address import Address
from voice.speakers.httpdevice import Answer, HttpDevice, Push
from voice.speakers.port import Outcome, PlayFault, PlayReport, SpeakerHealth
from voice.speakers.streaming import Sending, require_timely

log = logging.getLogger(__name__)


class PushSpeaker(ABC):
    """A speaker whose sound is the body of a request, at the speed of sound.

    Proof is that the device took all of it at that speed and only then said yes.
    """

    kind: str
    looked_at: str
    """A path that answers whether the device is there and knows us."""

    closes_on_success = False
    """Whether the device may close without a word once it has everything."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._shut = False

    @property
    @abstractmethod
    def codec(self) -> Codec:
        """How it wants its sound."""

    @asynccontextmanager
    @abstractmethod
    async def opened(self, device: HttpDevice) -> AsyncIterator[Push]:
        """Make the device ready for one sound, and let go of it afterwards, however it ended."""
        yield  # type: ignore[misc]  # only tells the type checker what kind of function it is

    def refusal(self, answer: Answer) -> PlayFault | None:
        """The refusal that an answer holds, None where it is a yes."""
        return None if answer.fine else answer.fault()

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Send it to its end; faults of the device are outcomes."""
        if self._shut:
            return PlayReport(Outcome.FAILED, detail="the speaker is closed")
        sending = Sending(asked=time.monotonic())
        try:
            async with HttpDevice(self._address) as device:
                report = await self._said(device, sound, sending)
        except PlayFault as fault:
            report = PlayReport(fault.outcome, detail=fault.detail)
        log.info("play %s: %s, %d packets", key, report.outcome.value, sending.packets)
        return report

    async def _said(self, device: HttpDevice, sound: Sound, sending: Sending) -> PlayReport:
        packets = await asyncio.to_thread(payloads, sound, self.codec)
        async with self.opened(device) as push:
            require_timely(sound)
            answer = await device.push(push, packets, sending)
        if answer is not None and answer.status and (fault := self.refusal(answer)):
            raise fault
        if sending.fault and answer is not None and answer.fine:  # it has not listened
            return PlayReport(Outcome.NOT_PLAYED, detail=sending.fault)
        if sending.fault:
            return sending.cut(sound, unheard=Outcome.NOT_PLAYED)
        if answer is None:
            return sending.report(Outcome.NOT_CONFIRMED, sound, "the device did not answer")
        if not answer.status and not self.closes_on_success:
            told = "the device closed the connection"
            return sending.report(Outcome.NOT_CONFIRMED, sound, told)
        return sending.report(Outcome.SPOKEN, sound)

    async def probe(self) -> SpeakerHealth:
        """Whether the device is there and takes our password."""
        try:
            async with HttpDevice(self._address) as device:
                answer = await device.call("GET", self.looked_at)
        except PlayFault as fault:
            return SpeakerHealth(False, fault.detail)
        if answer.status in (401, 403) or answer.status >= 500:
            return SpeakerHealth(False, answer.fault().detail)
        return SpeakerHealth(True, "the device answers")

    async def close(self) -> None:
        """Take no more plays."""
        self._shut = True
