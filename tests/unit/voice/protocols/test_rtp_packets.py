"""RTP on the wire: numbering, the marker, gaps, and packets of 20 ms."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from voice.protocols.rtp import L16, PCMA, PCMU, Codec, Stream, interleaved, payloads, quiet
from voice.sound import Sound


def stream(**given: int) -> Stream:
    return Stream(PCMU, 0, **{"ssrc": 7, "sequence": 65535, "timestamp": 2**32 - 160, **given})


def test_numbers_go_round_and_only_the_first_packet_is_marked():
    """RFC 3550, 5.1."""
    one = stream()
    heads = [struct.unpack("!BBHII", one.packet(b"x" * 160)[:12]) for _ in range(3)]
    assert heads == [
        (0x80, 0x80, 65535, 2**32 - 160, 7),
        (0x80, 0x00, 0, 0, 7),
        (0x80, 0x00, 1, 160, 7),
    ]


def test_a_gap_moves_the_clock_and_starts_anew():
    one = stream(sequence=1, timestamp=0)
    one.packet(b"")
    one.skip(0.5)
    assert struct.unpack("!BBHII", one.packet(b"")) == (0x80, 0x80, 2, 160 + 4000, 7)


@pytest.mark.parametrize(("codec", "size"), [(PCMU, 160), (PCMA, 160), (L16, 640)])
def test_a_packet_holds_20_ms_and_the_last_is_filled_with_silence(codec: Codec, size: int):
    packets = payloads(Sound(np.full(500, 999, np.int16), 8000), codec)
    assert [len(one) for one in packets] == [size] * 4
    assert packets[-1].endswith(codec.silence * 20)
    assert quiet(codec, 0.06) == [codec.silence * codec.packet_samples] * 3


def test_no_sound_is_no_packet():
    assert payloads(Sound(np.zeros(0, np.int16), 22050), PCMU) == []


def test_a_packet_inside_rtsp_says_its_channel_and_length():
    assert interleaved(2, b"abc") == b"$\x02\x00\x03abc"
