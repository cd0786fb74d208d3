"""RTP (RFC 3550) with the audio of RFC 3551: packets of 20 ms."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voice.protocols.g711 import ALAW_SILENCE, MULAW_SILENCE, alaw, mulaw
from voice.resampling import resampled
from voice.sound import Sound

PACKET_SECONDS = 0.02
VERSION = 2 << 6
MARKER = 0x80


def big_endian(samples: NDArray[np.int16]) -> bytes:
    """L16: samples as they are, the high byte first."""
    return samples.astype(">i2").tobytes()


class Codec(NamedTuple):
    """How sound is written into packets. `payload_type` unless both sides agree on another."""

    name: str
    payload_type: int
    rate: int
    encode: Callable[[NDArray[np.int16]], bytes]
    silence: bytes  # one sample of it

    @property
    def packet_samples(self) -> int:
        """Samples in one packet."""
        return round(self.rate * PACKET_SECONDS)


PCMU = Codec("PCMU", 0, 8000, mulaw, MULAW_SILENCE)
PCMA = Codec("PCMA", 8, 8000, alaw, ALAW_SILENCE)
L16 = Codec("L16", 96, 16000, big_endian, b"\0\0")
CODECS = {"pcmu": PCMU, "pcma": PCMA, "l16": L16}


def payloads(sound: Sound, codec: Codec) -> list[bytes]:
    """The sound as the contents of packets, the last one filled up with silence. Blocking."""
    coded = codec.encode(resampled(sound, codec.rate).samples)
    size = codec.packet_samples * len(codec.silence)
    coded += codec.silence * (-len(coded) % size // len(codec.silence))
    return [coded[start : start + size] for start in range(0, len(coded), size)]


def quiet(codec: Codec, seconds: float) -> list[bytes]:
    """Packets of silence."""
    return [codec.silence * codec.packet_samples] * round(seconds / PACKET_SECONDS)


@dataclass(slots=True)
class Stream:
    """One sender's numbering; start it at random numbers."""

    codec: Codec
    payload_type: int
    ssrc: int
    sequence: int
    timestamp: int
    _starts: bool = True

    def packet(self, payload: bytes) -> bytes:
        """The next packet. The first after a gap carries the marker."""
        marker = MARKER if self._starts else 0
        head = struct.pack(
            "!BBHII", VERSION, marker | self.payload_type, self.sequence, self.timestamp, self.ssrc
        )
        self._starts = False
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + self.codec.packet_samples) & 0xFFFFFFFF
        return head + payload

    def skip(self, seconds: float) -> None:
        """Leave a gap: the next packet is heard that much later."""
        self.timestamp = (self.timestamp + round(seconds * self.codec.rate)) & 0xFFFFFFFF
        self._starts = True


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet inside an RTSP connection (RFC 2326, 10.12)."""
    return struct.pack("!cBH", b"$", channel, len(packet)) + packet
