"""`rtp://HOST:PORT`: sound as RTP packets to one horn, or to all that listen to a multicast group.

Nobody answers, so the most that can be said is that it was sent. A single horn whose port is closed
says so; where a group has no listener, nobody ever knows.
"""

from __future__ import annotations

import asyncio
import logging
import time

from voice.protocols.rtp import CODECS, payloads
from voice.sound import Sound
from voice.speakers.address import Address
from voice.speakers.port import Outcome, PlayReport, SpeakerHealth
from voice.speakers.streaming import Sending, send_paced, started
from voice.speakers.udp import EXPEDITED, Peer, open_peer, told

log = logging.getLogger(__name__)

SITE_TTL = 16
"""How many routers a page may pass; 1 would end at the first."""


class RtpSpeaker:
    """Pages by RTP, with the options `codec`, `payload`, `ttl`, `dscp` and `interface`."""

    kind = "rtp"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._codec = CODECS[address.options.get("codec", "pcmu")]
        self._payload_type = address.number("payload", self._codec.payload_type)
        self._closed = False

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Send it to its end; `sent`, for nobody says that it was heard."""
        if self._closed:
            return PlayReport(Outcome.FAILED, detail="the speaker is closed")
        sending = Sending(asked=time.monotonic())
        packets = await asyncio.to_thread(payloads, sound, self._codec)
        try:
            peer = await self._opened()
        except (OSError, TimeoutError) as fault:
            return PlayReport(Outcome.UNREACHABLE, detail=told(fault))
        try:
            stream = started(self._codec, self._payload_type)
            await send_paced(
                packets,
                lambda payload: peer.send(stream.packet(payload)),
                sending,
                fault=lambda: peer.fault,
                slipped=stream.skip,
            )
        finally:
            peer.close()
        log.info("play %s: %d packets, %.1f ms late", key, sending.packets, sending.late_ms)
        if sending.fault:
            return sending.cut(sound, unheard=Outcome.UNREACHABLE)
        return sending.report(Outcome.SENT, sound)

    async def probe(self) -> SpeakerHealth:
        """Whether there is a way to it; whether it listens nobody can say."""
        try:
            peer = await self._opened()
        except (OSError, TimeoutError) as fault:
            return SpeakerHealth(False, told(fault))
        peer.close()
        return SpeakerHealth(True, "there is a route; a page is not answered")

    async def close(self) -> None:
        """Take no more plays."""
        self._closed = True

    async def _opened(self) -> Peer:
        address = self._address
        return await open_peer(
            address.host,
            address.port,
            dscp=address.number("dscp", EXPEDITED),
            ttl=address.number("ttl", SITE_TTL),
            interface=address.options.get("interface", ""),
        )
