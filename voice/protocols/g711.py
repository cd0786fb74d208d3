"""G.711: 16-bit samples as mu-law (North America, Japan, most IP horns) or A-law, one byte each."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

MULAW_SILENCE = b"\xff"
ALAW_SILENCE = b"\xd5"

Samples = NDArray[np.int16]


def mulaw(samples: Samples) -> bytes:
    """Samples as mu-law, each to the nearest level."""
    return _table(_mulaw_levels, 0xFF)[samples.view(np.uint16)].tobytes()


def alaw(samples: Samples) -> bytes:
    """Samples as A-law, each to the nearest level."""
    return _table(_alaw_levels, 0xD5)[samples.view(np.uint16)].tobytes()


def from_mulaw(coded: bytes) -> Samples:
    """Mu-law as samples."""
    return _mulaw_levels()[np.frombuffer(coded, np.uint8)].astype(np.int16)


def from_alaw(coded: bytes) -> Samples:
    """A-law as samples."""
    return _alaw_levels()[np.frombuffer(coded, np.uint8)].astype(np.int16)


@cache
def _mulaw_levels() -> NDArray[np.int32]:
    """What each of the 256 code words stands for."""
    inverted = ~np.arange(256) & 0xFF
    magnitude = ((((inverted & 0x0F) << 3) + 132) << ((inverted & 0x70) >> 4)) - 132
    return np.where(inverted & 0x80, -magnitude, magnitude).astype(np.int32)


@cache
def _alaw_levels() -> NDArray[np.int32]:
    toggled = np.arange(256) ^ 0x55
    segment = (toggled & 0x70) >> 4
    mantissa = ((toggled & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, mantissa, (mantissa + 256) << np.maximum(segment - 1, 0))
    return np.where(toggled & 0x80, magnitude, -magnitude).astype(np.int32)


@cache
def _table(levels_of: object, silence: int) -> NDArray[np.uint8]:
    """The nearest code word for each sample, indexed by its 16 bits."""
    levels = _mulaw_levels() if levels_of is _mulaw_levels else _alaw_levels()
    # Mu-law has a zero of either sign; a stable sort with `silence` first keeps the right one.
    codes = np.concatenate([[silence], np.delete(np.arange(256), silence)])
    distinct, first = np.unique(levels[codes], return_index=True)
    between = (distinct[1:] + distinct[:-1]) / 2
    samples = np.arange(65536, dtype=np.uint16).view(np.int16)
    return codes[first][np.searchsorted(between, samples, side="right")].astype(np.uint8)
