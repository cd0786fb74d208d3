"""`hikvision://USER:PASSWORD@HOST`: Hikvision cameras and horns (ISAPI two-way audio)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from voice.protocols.rtp import CODECS, Codec
from voice.speakers.address import Address
from voice.speakers.httpdevice import Answer, HttpDevice, Push
from voice.speakers.port import Outcome, PlayFault
from voice.speakers.pushing import PushSpeaker

SESSION = re.compile(r"<sessionId>\s*([\w-]{1,64})\s*</sessionId>", re.IGNORECASE)
CODE = re.compile(r"<statusCode>\s*(\d+)\s*</statusCode>", re.IGNORECASE)
WHY = re.compile(r"<subStatusCode>\s*(\w+)\s*</subStatusCode>", re.IGNORECASE)
FINE_CODES = ("", "0", "1")
BUSY_CODE = "2"
CLOSE_WITHIN = 1.0


class HikvisionSpeaker(PushSpeaker):
    """Options: `channel`, `codec` (pcmu unless it says otherwise), `body`."""

    kind = "hikvision"

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._codec = CODECS[address.options.get("codec", "pcmu")]
        channel = address.number("channel", 1)
        self._path = f"/ISAPI/System/TwoWayAudio/channels/{channel}"
        self.looked_at = self._path

    @property
    def codec(self) -> Codec:
        return self._codec

    @asynccontextmanager
    async def opened(self, device: HttpDevice) -> AsyncIterator[Push]:
        # A session that somebody left open, such as ourselves before a power cut, blocks the next.
        await device.call("PUT", f"{self._path}/close")
        answer = await device.call("PUT", f"{self._path}/open")
        if fault := self.refusal(answer):
            raise fault
        session = SESSION.search(answer.text)
        query = f"?sessionId={session[1]}" if session else ""
        body = self._address.options.get("body", "exact")
        try:
            yield Push("PUT", f"{self._path}/audioData{query}", "application/octet-stream", body)
        finally:
            with suppress(PlayFault, TimeoutError):  # what was to be said of the play is known
                async with asyncio.timeout(CLOSE_WITHIN):
                    await device.call("PUT", f"{self._path}/close")

    def refusal(self, answer: Answer) -> PlayFault | None:
        """It may refuse under a status of 200, in XML."""
        code = CODE.search(answer.text)
        why = WHY.search(answer.text)
        told = why[1] if why else f"statusCode {code[1]}" if code else ""
        busy = bool(code and code[1] == BUSY_CODE) or "busy" in told.lower()
        if busy:
            return PlayFault(Outcome.BUSY, f"the device answered {told}")
        if answer.fine and code and code[1] not in FINE_CODES:
            return PlayFault(Outcome.REFUSED, f"the device answered {told}")
        return super().refusal(answer)
