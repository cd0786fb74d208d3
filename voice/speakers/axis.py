"""`axis://USER:PASSWORD@HOST`: Axis cameras and horns (VAPIX)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voice.protocols.rtp import PCMU, Codec
from voice.sound import Sound
from voice.speakers.address import Address
from voice.speakers.httpdevice import HttpDevice, Push
from voice.speakers.port import Outcome, PlayReport
from voice.speakers.pushing import PushSpeaker
from voice.speakers.streaming import Sending

TRANSMIT = "/axis-cgi/audio/transmit.cgi"
CLIPS = "/axis-cgi/mediaclip.cgi"
WIDE = Codec("PCMU", PCMU.payload_type, 16000, PCMU.encode, PCMU.silence)
TYPES = {8000: "audio/basic", 16000: "audio/axis-mulaw-128"}


class AxisSpeaker(PushSpeaker):
    """Options: `codec`, `body`, and `clip`, the number of a clip stored on the device that is
    played in place of any sentence."""

    kind = "axis"
    looked_at = "/axis-cgi/param.cgi?action=list&group=root.Properties.Audio"

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._clip = address.options.get("clip")
        self._codec = WIDE if address.options.get("codec") == "pcmu16" else PCMU

    @property
    def codec(self) -> Codec:
        return self._codec

    @asynccontextmanager
    async def opened(self, device: HttpDevice) -> AsyncIterator[Push]:
        await device.prime(TRANSMIT)
        body = self._address.options.get("body", "exact")
        yield Push("POST", TRANSMIT, TYPES[self._codec.rate], body)

    async def _said(self, device: HttpDevice, sound: Sound, sending: Sending) -> PlayReport:
        if self._clip is None:
            return await super()._said(device, sound, sending)
        answer = await device.call("GET", f"{CLIPS}?action=play&clip={self._clip}")
        if fault := self.refusal(answer):
            raise fault
        # That it took the order is all that the device says of a clip.
        return PlayReport(Outcome.NOT_CONFIRMED, detail=f"clip {self._clip} was started")
