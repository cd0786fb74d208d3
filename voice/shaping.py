"""What a sentence gets around it before a horn says it: silence, a chime, a fade, repeats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voice.sound import FULL_SCALE, Sound

# Amplifiers that switch off with the sound swallow the end of a word.
TRAIL_SECONDS = 0.4
BETWEEN_REPEATS = 0.6
PEAK = 0.9
CHIME_TONES = (659.26, 523.25)  # E5, C5 in Hz: a falling third
CHIME_TONE_SECONDS = 0.45
CHIME_PEAK = 0.35
AFTER_CHIME = 0.2
FADE_SECONDS = 1.0
# A calm sentence has no chime before it, so its first word must be heard as well.
FADE_FROM = 0.2

Wave = NDArray[np.float64]


def shaped(
    speech: Sound, *, calm: bool, lead_silence: float, repeat: int = 1, gain: float = 1.0
) -> Sound:
    """Speech as it is played: led in by `lead_silence` seconds, said `repeat` times, at a volume.

    Normal: a chime first. Calm (somebody stands high up): no chime, and it fades in.
    """
    rate = speech.sample_rate
    sentence = levelled(speech.samples)
    pause = silence(BETWEEN_REPEATS, rate)
    body: list[Wave] = [sentence]
    for _ in range(repeat - 1):
        body += [pause, sentence]
    said = np.concatenate(body)
    head = [] if calm else [chime(rate), silence(AFTER_CHIME, rate)]
    said = faded_in(said, rate) if calm else said
    whole = np.concatenate(
        [silence(lead_silence, rate), *head, said, silence(TRAIL_SECONDS, rate)],
    )
    samples = (whole * gain * FULL_SCALE).astype(np.int16)
    return Sound(samples, rate, speech.caption, speech.voice)


def levelled(samples: NDArray[np.int16]) -> Wave:
    """Samples as -1 to 1, brought to the peak that all sentences have."""
    wave = samples.astype(np.float64) / FULL_SCALE
    loudest = np.abs(wave).max(initial=0.0)
    return wave * (PEAK / loudest) if loudest else wave


def silence(seconds: float, rate: int) -> Wave:
    """Nothing, for a while."""
    return np.zeros(round(max(0.0, seconds) * rate))


def chime(rate: int) -> Wave:
    """Two soft falling tones that die away, 0.9 s."""
    time = np.arange(round(CHIME_TONE_SECONDS * rate)) / rate
    attack = np.minimum(1.0, time / 0.015)
    release = np.minimum(1.0, (CHIME_TONE_SECONDS - time) / 0.05)
    envelope = CHIME_PEAK * attack * release * np.exp(-5.0 * time)
    return np.concatenate([envelope * np.sin(2 * np.pi * tone * time) for tone in CHIME_TONES])


def faded_in(wave: Wave, rate: int) -> Wave:
    """The same, growing from soft to full over the first second."""
    gain = np.ones(len(wave))
    length = min(len(wave), round(FADE_SECONDS * rate))
    gain[:length] = FADE_FROM + (1 - FADE_FROM) * np.sin(np.linspace(0, np.pi / 2, length)) ** 2
    return wave * gain
