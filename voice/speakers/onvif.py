"""`onvif://USER:PASSWORD@HOST/PATH`: the backchannel of an ONVIF camera, over RTSP.

`PATH` is that of the camera's video stream; the sound goes back through the same connection.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from voice.protocols.rtp import PCMA, PCMU, Codec, payloads, quiet
from voice.protocols.rtsp import (
    BACKCHANNEL,
    Session,
    backchannel,
    base_of,
    control_of,
    session_of,
    transport,
)
from voice.protocols.sdp import Media
from voice.sound import Sound
from voice.speakers.address import Address
from voice.speakers.port import Outcome, PlayFault, PlayReport, SpeakerHealth
from voice.speakers.rtspclient import RtspClient
from voice.speakers.streaming import Sending, require_timely, send_paced, started

log = logging.getLogger(__name__)

TEARDOWN_WITHIN = 1.0
# The camera plays from a buffer; tearing down at once would cut off what is still in it.
SETTLE_SECONDS = 0.5


class OnvifSpeaker:
    """Proof is a session that was set up, took the sound, and ended with the device still there."""

    kind = "onvif"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._uri = f"rtsp://{address.netloc}{address.path}"
        self._closed = False

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Set up, speak, tear down; faults of the device are outcomes."""
        if self._closed:
            return PlayReport(Outcome.FAILED, detail="the speaker is closed")
        sending = Sending(asked=time.monotonic())
        client = RtspClient(self._address)
        try:
            await client.open()
            report = await self._spoken(client, sound, sending)
        except PlayFault as fault:
            report = PlayReport(fault.outcome, detail=fault.detail)
        finally:
            await client.close()
        log.info("play %s: %s, %d packets", key, report.outcome.value, sending.packets)
        return report

    async def probe(self) -> SpeakerHealth:
        """Whether it is there, takes our password and has a backchannel."""
        client = RtspClient(self._address)
        try:
            await client.open()
            await self._described(client)
        except PlayFault as fault:
            return SpeakerHealth(False, fault.detail)
        finally:
            await client.close()
        return SpeakerHealth(True, "the device has a backchannel")

    async def close(self) -> None:
        """Take no more plays."""
        self._closed = True

    async def _spoken(self, client: RtspClient, sound: Sound, sending: Sending) -> PlayReport:
        base, media = await self._described(client)
        codec, number = taken(media)
        control = control_of(base, media.control)
        answer = await client.request("SETUP", control, transport(), BACKCHANNEL)
        session = session_of(answer)
        if session is None:
            raise PlayFault(Outcome.NOT_SUPPORTED, "the device sets up no session of this kind")
        named = ("Session", session.id)
        keeping = None
        try:
            await client.request("PLAY", base, named, BACKCHANNEL, ("Range", "npt=0.000-"))
            keeping = asyncio.create_task(kept_alive(client, base, session))
            packets = await asyncio.to_thread(payloads, sound, codec)
            stream = started(codec, number)
            require_timely(sound)
            await send_paced(
                [*packets, *quiet(codec, SETTLE_SECONDS)],
                lambda payload: client.send(session.channel, stream.packet(payload)),
                sending,
                fault=lambda: client.fault,
                slipped=stream.skip,
            )
        finally:
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
            over = await torn_down(client, base, session)
        if sending.fault and sending.packets < len(packets):
            return sending.cut(sound, unheard=Outcome.NOT_PLAYED)
        if not over:  # it hangs, and has played nobody knows how much
            return sending.report(Outcome.NOT_CONFIRMED, sound, "the device did not answer")
        return sending.report(Outcome.SPOKEN, sound)

    async def _described(self, client: RtspClient) -> tuple[str, Media]:
        """The base of the stream's addresses, and the section that takes sound."""
        accept = ("Accept", "application/sdp")
        answer = await client.request("DESCRIBE", self._uri, accept, BACKCHANNEL)
        media = backchannel(answer)
        if media is None:
            raise PlayFault(Outcome.NOT_SUPPORTED, "the device has no backchannel")
        return base_of(self._uri, answer), media


def taken(media: Media) -> tuple[Codec, int]:
    """How a section takes sound, and under which number. Raises PlayFault."""
    for codec in (PCMU, PCMA):
        number = media.payload_type(codec.name)
        if number is not None:
            return codec, number
    raise PlayFault(Outcome.NOT_SUPPORTED, "the device takes no sound that we have")


async def torn_down(client: RtspClient, base: str, session: Session) -> bool:
    """End the session; False where the device is connected and says nothing to it."""
    try:
        async with asyncio.timeout(TEARDOWN_WITHIN):
            await client.request("TEARDOWN", base, ("Session", session.id))
    except TimeoutError:
        return False
    except PlayFault:  # some know the session no more, or close at once
        pass
    return True


async def kept_alive(client: RtspClient, base: str, session: Session) -> None:
    """Say now and then that we are still there, for a sound that outlasts the session's timeout."""
    while True:
        await asyncio.sleep(session.timeout / 2)
        with suppress(PlayFault):  # some devices know no GET_PARAMETER, and count it all the same
            await client.request("GET_PARAMETER", base, ("Session", session.id))
