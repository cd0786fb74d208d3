"""`sip://USER:PASSWORD@HOST/EXTENSION`: a horn that answers by itself is called and spoken to."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from typing import NamedTuple

from voice.protocols.message import Message
from voice.protocols.rtp import PCMA, PCMU, Codec, payloads, quiet
from voice.protocols.sdp import offer, sections
from voice.sound import Sound
from voice.speakers.address import Address
from voice.speakers.port import Outcome, PlayFault, PlayReport, SpeakerHealth
from voice.speakers.sipcall import Call, refusal
from voice.speakers.streaming import Sending, require_timely, send_paced, started
from voice.speakers.udp import EXPEDITED, Peer, bound, open_peer, told

log = logging.getLogger(__name__)

CODECS = (PCMU, PCMA)
RING_SECONDS = 8
# The horn plays from a buffer; hanging up at once would cut off what is still in it.
SETTLE_SECONDS = 0.3


class Taken(NamedTuple):
    """Where a horn takes sound, how it is coded, and under which number."""

    host: str
    port: int
    codec: Codec
    payload_type: int


class SipSpeaker:
    """Options: `ring`, the seconds within which it must answer, and `dscp`.

    Proof is a call that was answered, took the sound, and whose end was acknowledged.
    """

    kind = "sip"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._ring = address.number("ring", RING_SECONDS)
        self._closed = False

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Call, speak, hang up; faults of the horn are outcomes."""
        if self._closed:
            return PlayReport(Outcome.FAILED, detail="the speaker is closed")
        sending = Sending(asked=time.monotonic())
        try:
            report = await self._called(sound, sending)
        except PlayFault as fault:
            report = PlayReport(fault.outcome, detail=fault.detail)
        except (OSError, TimeoutError) as fault:
            report = PlayReport(Outcome.UNREACHABLE, detail=told(fault))
        log.info("play %s: %s, %d packets", key, report.outcome.value, sending.packets)
        return report

    async def _called(self, sound: Sound, sending: Sending) -> PlayReport:
        call = Call(self._address)
        await call.open()
        own = None
        try:
            own = bound(call.local_host)
            port = own.getsockname()[1]
            numbered = [(codec.payload_type, codec.name) for codec in CODECS]
            sdp = offer(call.local_host, port, secrets.randbits(31), numbered)
            taken = agreed(await call.invite(sdp, ring=self._ring))
            report = await self._spoken(call, own, taken, sound, sending)
        finally:
            if own is not None:
                own.close()
            acknowledged = await call.hang_up()
        if report.outcome is Outcome.SPOKEN and not acknowledged:  # gone without a word, perhaps
            return sending.report(Outcome.NOT_CONFIRMED, sound, "the device did not answer")
        return report

    async def _spoken(
        self, call: Call, own: socket.socket, taken: Taken, sound: Sound, sending: Sending
    ) -> PlayReport:
        dscp = self._address.number("dscp", EXPEDITED)
        peer = await open_peer(taken.host, taken.port, dscp=dscp, sock=own)
        try:
            packets = await asyncio.to_thread(payloads, sound, taken.codec)
            stream = started(taken.codec, taken.payload_type)
            require_timely(sound)
            await send_paced(
                [*packets, *quiet(taken.codec, SETTLE_SECONDS)],
                lambda payload: peer.send(stream.packet(payload)),
                sending,
                fault=lambda: _gone(call, peer),
                slipped=stream.skip,
            )
        finally:
            peer.close()
        if sending.fault and sending.packets < len(packets):
            return sending.cut(sound, unheard=Outcome.NOT_PLAYED)
        return sending.report(Outcome.SPOKEN, sound)

    async def probe(self) -> SpeakerHealth:
        """Whether it is there and knows the extension."""
        call = Call(self._address)
        try:
            await call.open()
        except (OSError, TimeoutError) as fault:
            return SpeakerHealth(False, told(fault))
        try:
            answer = await call.options()
        except PlayFault as fault:
            return SpeakerHealth(False, fault.detail)
        finally:
            await call.hang_up()
        if answer.status in (401, 403, 404, 407, 410) or answer.status >= 500:
            return SpeakerHealth(False, refusal(answer).detail)
        return SpeakerHealth(True, "the device answers")

    async def close(self) -> None:
        """Take no more plays."""
        self._closed = True


def agreed(answer: Message) -> Taken:
    """What the 200 of a horn agrees to. Raises PlayFault."""
    for media in sections(answer.body.decode("utf-8", "replace")):
        if media.kind != "audio":
            continue
        if not media.port or media.direction in ("sendonly", "inactive"):
            break
        if media.host in ("", "0.0.0.0", "::"):  # noqa: S104  # what a horn says on hold
            break
        for codec in CODECS:
            number = media.payload_type(codec.name)
            if number is not None:
                return Taken(media.host, media.port, codec, number)
    raise PlayFault(Outcome.NOT_SUPPORTED, "the device answers, but takes no sound that we have")


def _gone(call: Call, peer: Peer) -> str:
    return "the device hung up" if call.ended.is_set() else peer.fault
