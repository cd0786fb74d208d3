"""Recorded commands, and what spoils them on the way: noise, a cut beginning, a telephone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import av
import numpy as np
from numpy.typing import NDArray

from voice.espeak import EspeakVoice
from voice.resampling import resampled
from voice.shelf import VoiceKey
from voice.sound import FULL_SCALE, Sound

RATE = 16_000
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Spoken:
    """A recorded command: what was said, and what was meant by it."""

    file: Path
    language: str
    text: str
    intent: str
    number: int | None

    def __str__(self) -> str:
        return self.file.stem


def spoken_commands(folder: Path) -> list[Spoken]:
    """Those of `shared/speech`."""
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))
    return [
        Spoken(folder / one["file"], one["lang"], one["text"], one["intent"], one["num"])
        for one in listed
    ]


def decoded(file: Path | bytes) -> Sound:
    """Mono, 16,000 samples a second.  Blocking."""
    source = io.BytesIO(file) if isinstance(file, bytes) else str(file)
    to_mono = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(source) as container:
        frames = [*container.decode(audio=0), None]
        parts = [part.to_ndarray()[0] for frame in frames for part in to_mono.resample(frame)]
    return Sound(np.concatenate(parts).astype(np.int16), RATE)


def as_sound(samples: Samples) -> Sound:
    """Samples from -1 to 1."""
    return Sound((np.clip(samples, -1, 1) * FULL_SCALE).astype(np.int16), RATE)


def as_samples(sound: Sound) -> Samples:
    """And back."""
    return sound.samples.astype(np.float32) / FULL_SCALE


def white(count: int, seed: int = 1) -> Samples:
    """Noise with the same power at every frequency."""
    return np.random.default_rng(seed).normal(0, 1, count).astype(np.float32)


def pink(count: int, seed: int = 1) -> Samples:
    """Noise whose power falls with the frequency, such as wind and engines make."""
    spectrum = np.fft.rfft(white(count, seed))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return np.fft.irfft(spectrum, count).astype(np.float32)


def noisy(sound: Sound, noise: Samples, decibels: float) -> Sound:
    """The same, so many decibels above that noise."""
    samples = as_samples(sound)
    power = np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-decibels / 20)
    mixed = samples + noise * power
    return as_sound((mixed / max(1.0, float(np.abs(mixed).max()))).astype(np.float32))


def begun_late(sound: Sound, seconds: float = 0.2) -> Sound:
    """Without its beginning: the button was pressed too late."""
    return Sound(sound.samples[round(seconds * RATE) :], RATE)


def by_telephone(sound: Sound) -> Sound:
    """300 to 3,400 Hz, as 8,000 samples a second carry them."""
    spectrum = np.fft.rfft(as_samples(sound))
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return as_sound(np.fft.irfft(spectrum, len(sound.samples)).astype(np.float32))


async def said_in(voice: str, sentence: str) -> Sound:
    """A sentence in one of eSpeak NG's voices, such as `roa/fr`."""
    speaker = EspeakVoice(voices={"": VoiceKey("espeak", voice, 150)}, limit=30, start_limit=60)
    try:
        return resampled(await speaker.make(sentence, ""), RATE)
    finally:
        await speaker.close()


def music(seconds: float) -> Sound:
    """Chords that change twice a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    chords = np.array([(262, 330, 392), (294, 349, 440), (247, 294, 392), (220, 262, 330)])
    tones = chords[(time * 2).astype(int) % len(chords)]
    swell = np.exp(-3 * ((time * 2) % 1))
    phases = 2 * np.pi * tones * time[:, np.newaxis]
    waves = (np.sin(phases) + 0.3 * np.sin(2 * phases)).sum(axis=1)
    return as_sound((0.2 * waves * swell).astype(np.float32))


SPOILT: Mapping[str, Callable[[Sound], Sound]] = MappingProxyType(
    {
        "white 10 dB": lambda sound: noisy(sound, white(len(sound.samples)), 10),
        "white 5 dB": lambda sound: noisy(sound, white(len(sound.samples)), 5),
        "pink 10 dB": lambda sound: noisy(sound, pink(len(sound.samples)), 10),
        "pink 5 dB": lambda sound: noisy(sound, pink(len(sound.samples)), 5),
        "begun 200 ms late": begun_late,
        "telephone": by_telephone,
    }
)
