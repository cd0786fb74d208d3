"""Sound at the rates that horns take."""

from __future__ import annotations

import numpy as np
import pytest

from voice.resampling import resampled
from voice.sound import Sound


def tone(hertz: float, rate: int, seconds: float = 1.0) -> Sound:
    time = np.arange(round(rate * seconds)) / rate
    return Sound((10000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), rate, "当心")


@pytest.mark.parametrize(
    ("old", "new"), [(22050, 8000), (24000, 8000), (8000, 16000), (11025, 8000)]
)
@pytest.mark.parametrize("hertz", [200, 1000, 3000])
def test_a_tone_stays_the_tone_it_was(old: int, new: int, hertz: float):
    """Away from the ends, where the tone is cut."""
    sound = resampled(tone(hertz, old), new)
    wanted = tone(hertz, new)
    assert (sound.sample_rate, sound.caption, sound.seconds) == (new, "当心", 1.0)
    inner = slice(new // 10, -new // 10)
    difference = sound.samples[inner].astype(int) - wanted.samples[inner]
    assert np.abs(difference).max() < 100


def test_what_the_lower_rate_cannot_hold_is_gone_and_not_folded_back():
    assert resampled(tone(6000, 22050), 8000).rms < 0.005
    assert tone(6000, 22050).rms > 0.2


@pytest.mark.parametrize("count", [0, 1, 7, 441, 22051])
def test_any_length_comes_out_at_its_length(count: int):
    sound = resampled(Sound(np.full(count, 5000, np.int16), 22050), 8000)
    assert len(sound.samples) == round(count / 22050 * 8000)


def test_full_scale_does_not_wrap_round():
    square = np.where(np.arange(22050) // 50 % 2, 32767, -32768).astype(np.int16)
    samples = resampled(Sound(square, 22050), 8000).samples.astype(int)
    assert np.abs(np.diff(samples)).max() <= 65535
    assert samples.max() == 32767
    assert samples.min() == -32768
