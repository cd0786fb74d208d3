"""Whether what was heard is what was said."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voice.resampling import resampled
from voice.sound import Sound


def babble(seconds: float = 0.3, rate: int = 22050, seed: int = 7) -> Sound:
    """Noise in the band of speech, swelling like syllables: no two moments of it are alike."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / rate)
    spectrum[(hertz < 300) | (hertz > 2800)] = 0
    wave = np.fft.irfft(spectrum, len(noise))
    wave *= 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(len(noise)) / rate)
    return Sound((wave / np.abs(wave).max() * 20000).astype(np.int16), rate, "请注意")


def likeness(said: Sound, heard: Sound) -> tuple[float, float]:
    """(correlation, share of the length) of the best place of what was said in what was heard.

    The share is how much of it was there; the correlation is over that part.
    """
    a = resampled(said, heard.sample_rate).samples.astype(np.float64)
    b = heard.samples.astype(np.float64)
    if not len(a) or not len(b):
        return 0.0, 0.0
    offset = _offset(a, b)
    left, right = max(0, offset), min(len(b), offset + len(a))
    there, wanted = b[left:right], a[left - offset : right - offset]
    if len(there) < 2 or not there.any():
        return 0.0, 0.0
    return float(np.corrcoef(wanted, there)[0, 1]), len(there) / len(a)


def _offset(a: NDArray[np.float64], b: NDArray[np.float64]) -> int:
    """Where `a` begins in `b`; negative: before it."""
    size = 1 << (len(a) + len(b)).bit_length()
    product = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    best = int(np.argmax(product))
    return best if best < len(b) else best - size
