"""Sound at another rate, for horns that take one rate only."""

from __future__ import annotations

import math

import numpy as np

from voice.sound import FULL_SCALE, Sound

# Of the band that both rates can hold, what is kept in full; above it falls off, so that an edge
# in the sound does not ring.
KEPT_BAND = 0.85


def resampled(sound: Sound, rate: int) -> Sound:
    """The same sound at `rate` samples a second. Blocking, about a millisecond per second."""
    if rate == sound.sample_rate or not len(sound.samples):
        return Sound(sound.samples, rate, sound.caption)
    step = sound.sample_rate // math.gcd(sound.sample_rate, rate)
    length = -(-len(sound.samples) // step) * step  # then the new length is whole as well
    new_length = length * rate // sound.sample_rate
    spectrum = np.fft.rfft(sound.samples, length)[: new_length // 2 + 1]
    spectrum *= _roll_off(len(spectrum), min(length, new_length) // 2 + 1)
    samples = np.fft.irfft(spectrum, new_length) * (new_length / length)
    whole = np.clip(np.rint(samples), -FULL_SCALE - 1, FULL_SCALE).astype(np.int16)
    return Sound(whole[: round(sound.seconds * rate)], rate, sound.caption)


def _roll_off(count: int, band: int) -> np.ndarray:
    """Gains of a spectrum's `count` lines: 1, then a raised cosine down to 0 at line `band`."""
    place = np.arange(count) / band
    fall = (np.clip(place, KEPT_BAND, 1.0) - KEPT_BAND) / (1 - KEPT_BAND)
    return (1 + np.cos(np.pi * fall)) / 2
