"""A sound on its way in packets, and what may be said of it afterwards."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from voice.pacing import Pacer
from voice.protocols.rtp import PACKET_SECONDS, Codec, Stream
from voice.sound import Sound
from voice.speakers.port import Outcome, PlayFault, PlayReport

# What was refused so early was not heard: it was the lead silence, if anything.
NOTHING_HEARD_SECONDS = 0.5


@dataclass(slots=True)
class Sending:
    """How far a sound has come. `fault` says why it stopped before its end."""

    asked: float
    packets: int = 0
    bytes: int = 0
    first_at: float | None = None
    late_ms: float = 0.0
    fault: str = ""

    @property
    def seconds(self) -> float:
        """How much sound has been sent."""
        return self.packets * PACKET_SECONDS

    def sent(self, payload: bytes) -> None:
        """Count one packet."""
        if self.first_at is None:
            self.first_at = time.monotonic()
        self.packets += 1
        self.bytes += len(payload)

    def restart(self) -> None:
        """Begin anew: what was sent so far has reached nobody."""
        self.packets = self.bytes = 0
        self.first_at, self.fault = None, ""

    def report(self, outcome: Outcome, sound: Sound, detail: str = "") -> PlayReport:
        """The report about a sound of which this much was sent."""
        if not self.packets or self.first_at is None:
            return PlayReport(outcome, detail=detail)
        first_ms = (self.first_at - self.asked) * 1000
        seconds = min(self.seconds, sound.seconds)
        return PlayReport(outcome, self.bytes, seconds, first_ms, detail, self.late_ms)

    def cut(self, sound: Sound, *, unheard: Outcome) -> PlayReport:
        """The report about a sound that was stopped by its `fault`; `unheard` if at once."""
        if self.seconds < NOTHING_HEARD_SECONDS:
            return PlayReport(unheard, detail=self.fault)
        return self.report(Outcome.CUT_OFF, sound, self.fault)


def require_timely(sound: Sound) -> None:
    """What a device that was slow to answer would say now may be untrue. Raises PlayFault."""
    if time.monotonic() >= sound.begin_by:
        raise PlayFault(Outcome.EXPIRED, "the device took too long to answer")


def started(codec: Codec, payload_type: int) -> Stream:
    """A new stream, numbered from anywhere as RFC 3550 wants it."""
    bits = secrets.randbits
    return Stream(codec, payload_type, ssrc=bits(32), sequence=bits(16), timestamp=bits(32))


async def send_paced(
    payloads: Iterable[bytes],
    put: Callable[[bytes], None],
    sending: Sending,
    *,
    fault: Callable[[], str],
    slipped: Callable[[float], None] = lambda _: None,
) -> None:
    """Send a packet per 20 ms until the end, or until `fault` says something.

    At no time is more than one packet ahead of the clock, so that who cancels it is heard at once.
    """
    pacer = Pacer(PACKET_SECONDS)
    for payload in payloads:
        if slip := await pacer.turn():
            slipped(slip)
        if told := fault():
            sending.fault = told
            break
        put(payload)
        sending.sent(payload)
    sending.late_ms = pacer.late_ms()
