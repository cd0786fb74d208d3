"""`dahua://USER:PASSWORD@HOST`: Dahua cameras and horns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voice.protocols.rtp import CODECS, Codec
from voice.speakers.address import Address
from voice.speakers.httpdevice import Answer, HttpDevice, Push
from voice.speakers.port import Outcome, PlayFault
from voice.speakers.pushing import PushSpeaker

TYPES = {"PCMA": "Audio/G.711A", "PCMU": "Audio/G.711Mu"}


class DahuaSpeaker(PushSpeaker):
    """Options: `channel`, `codec` (pcma unless it says otherwise), `body`."""

    kind = "dahua"
    looked_at = "/cgi-bin/magicBox.cgi?action=getMachineName"
    closes_on_success = True

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._codec = CODECS[address.options.get("codec", "pcma")]

    @property
    def codec(self) -> Codec:
        return self._codec

    @asynccontextmanager
    async def opened(self, device: HttpDevice) -> AsyncIterator[Push]:
        channel = self._address.number("channel", 1)
        path = f"/cgi-bin/audio.cgi?action=postAudio&httptype=singlepart&channel={channel}"
        await device.prime(path)
        body = self._address.options.get("body", "exact")
        yield Push("POST", path, TYPES[self._codec.name], body)

    def refusal(self, answer: Answer) -> PlayFault | None:
        """It may say `Error` under a status of 200."""
        if answer.fine and answer.text.strip().lower().startswith("error"):
            return PlayFault(Outcome.REFUSED, "the device answered Error")
        return super().refusal(answer)
