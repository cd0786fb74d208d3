"""What is put around a sentence, and how WAV files are read and written."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voice.shaping import (
    AFTER_CHIME,
    BETWEEN_REPEATS,
    CHIME_TONE_SECONDS,
    PEAK,
    TRAIL_SECONDS,
    shaped,
)
from voice.sound import FULL_SCALE, Sound, read_wav, write_atomically

MakeTone = Callable[..., Sound]
CHIME_SECONDS = 2 * CHIME_TONE_SECONDS


def part(sound: Sound, start: float, end: float) -> Sound:
    """A stretch of a sound, in seconds."""
    rate = sound.sample_rate
    return Sound(sound.samples[round(start * rate) : round(end * rate)], rate)


def test_normal_style_is_silence_chime_sentence_silence(make_tone: MakeTone) -> None:
    played = shaped(make_tone(1.0), calm=False, lead_silence=0.3)
    speech_from = 0.3 + CHIME_SECONDS + AFTER_CHIME
    assert played.seconds == pytest.approx(speech_from + 1.0 + TRAIL_SECONDS, abs=0.001)
    assert part(played, 0, 0.3).peak == 0
    assert 0.05 < part(played, 0.3, 0.3 + CHIME_SECONDS).peak < 0.5
    assert part(played, speech_from, speech_from + 1).peak == pytest.approx(PEAK, abs=0.01)
    assert part(played, played.seconds - TRAIL_SECONDS + 0.001, played.seconds).peak == 0


def test_the_chime_is_two_falling_tones(make_tone: MakeTone) -> None:
    played = shaped(make_tone(), calm=False, lead_silence=0)

    def pitch(start: float) -> float:
        piece = part(played, start, start + CHIME_TONE_SECONDS)
        spectrum = np.abs(np.fft.rfft(piece.samples))
        return float(np.argmax(spectrum)) / CHIME_TONE_SECONDS

    assert pitch(0) == pytest.approx(659, abs=4)
    assert pitch(CHIME_TONE_SECONDS) == pytest.approx(523, abs=4)


def test_calm_style_has_no_chime_and_fades_in(make_tone: MakeTone) -> None:
    played = shaped(make_tone(2.0), calm=True, lead_silence=0.3)
    assert played.seconds == pytest.approx(0.3 + 2.0 + TRAIL_SECONDS, abs=0.001)
    levels = [part(played, 0.3 + step, 0.4 + step).rms for step in (0.0, 0.3, 0.6, 1.2)]
    assert levels == sorted(levels)
    assert 0.1 < levels[0] / levels[-1] < 0.4


def test_a_sentence_is_repeated_within_one_sound(make_tone: MakeTone) -> None:
    once = shaped(make_tone(1.0), calm=True, lead_silence=0)
    thrice = shaped(make_tone(1.0), calm=True, lead_silence=0, repeat=3)
    assert thrice.seconds - once.seconds == pytest.approx(2 * (1.0 + BETWEEN_REPEATS), abs=0.001)


def test_soft_and_loud_sentences_are_played_alike(make_tone: MakeTone) -> None:
    peaks = {
        round(shaped(make_tone(level=level), calm=True, lead_silence=0).peak, 1)
        for level in (0.02, 0.9)
    }
    assert peaks == {PEAK}


def test_shaping_silence_divides_by_nothing() -> None:
    played = shaped(Sound(np.zeros(800, np.int16), 8000), calm=False, lead_silence=0)
    assert np.isfinite(played.rms)


def test_the_most_negative_sample_has_a_peak_of_one() -> None:
    """Its absolute value does not fit into 16 bits."""
    assert Sound(np.array([-32768], np.int16), 8000).peak == pytest.approx(1, abs=0.001)


def test_a_wav_file_holds_the_same_sound(make_tone: MakeTone, tmp_path: Path) -> None:
    sound = make_tone()
    path = tmp_path / "deep" / "tone.wav"
    write_atomically(path, sound.to_wav())
    again = read_wav(path)
    assert np.array_equal(again.samples, sound.samples)
    assert again.sample_rate == sound.sample_rate
    assert [file.name for file in path.parent.iterdir()] == ["tone.wav"]


@pytest.mark.parametrize("broken", [b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"not sound"])
def test_a_broken_wav_file_is_refused(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(broken)
    with pytest.raises((wave.Error, EOFError)):
        read_wav(path)


def test_a_wav_file_cut_short_is_refused(make_tone: MakeTone, tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(make_tone().to_wav()[:-100])
    with pytest.raises((wave.Error, EOFError)):
        read_wav(path)


def test_silence_and_full_scale_measure_zero_and_one() -> None:
    assert Sound(np.zeros(10, np.int16), 8000).rms == 0
    assert Sound(np.full(10, FULL_SCALE, np.int16), 8000).rms == pytest.approx(1)
    assert Sound(np.zeros(0, np.int16), 8000).peak == 0
