"""G.711 by table, against the standard's corner values and FFmpeg's codecs."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
import pytest

from voice.protocols import g711

EVERY_SAMPLE = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
EVERY_CODE = bytes(range(256))
LAWS = [
    ("pcm_mulaw", g711.mulaw, g711.from_mulaw),
    ("pcm_alaw", g711.alaw, g711.from_alaw),
]


def by_ffmpeg(codec: str, coded: bytes) -> np.ndarray:
    decoder = av.CodecContext.create(codec, "r")
    decoder.sample_rate = 8000
    decoder.layout = "mono"
    return np.concatenate([f.to_ndarray()[0] for f in decoder.decode(av.Packet(coded))])


@pytest.mark.parametrize(("codec", "encode", "decode"), LAWS, ids=lambda one: str(one)[:9])
def test_every_code_word_means_what_ffmpeg_says(codec: str, encode: Callable, decode: Callable):
    assert np.array_equal(decode(EVERY_CODE), by_ffmpeg(codec, EVERY_CODE))


@pytest.mark.parametrize(("codec", "encode", "decode"), LAWS, ids=lambda one: str(one)[:9])
def test_every_sample_gets_its_nearest_level(codec: str, encode: Callable, decode: Callable):
    levels = np.unique(by_ffmpeg(codec, EVERY_CODE).astype(np.int32))
    nearest = np.abs(levels[None, :] - EVERY_SAMPLE.astype(np.int32)[::17, None]).min(axis=1)
    error = np.abs(by_ffmpeg(codec, encode(EVERY_SAMPLE))[::17] - EVERY_SAMPLE.astype(int)[::17])
    assert np.array_equal(error, nearest)


@pytest.mark.parametrize(("codec", "encode", "decode"), LAWS, ids=lambda one: str(one)[:9])
def test_what_was_coded_once_stays_the_same(codec: str, encode: Callable, decode: Callable):
    assert np.array_equal(decode(encode(decode(EVERY_CODE))), decode(EVERY_CODE))


def test_silence_and_full_scale_are_the_known_bytes():
    """From the tables of ITU-T G.711."""
    samples = np.array([0, 32767, -32768], np.int16)
    assert g711.mulaw(samples) == bytes([0xFF, 0x80, 0x00])
    assert g711.alaw(samples) == bytes([0xD5, 0xAA, 0x2A])
    assert g711.mulaw(np.zeros(1, np.int16)) == g711.MULAW_SILENCE
