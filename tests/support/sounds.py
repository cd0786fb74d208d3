"""Recordings such as platforms bring them, made here."""

from __future__ import annotations

import io
from typing import Any, cast

import av
import numpy as np

from voice.sound import Sound

RATE = 48_000


def tone(seconds: float, hertz: float = 440.0, rate: int = RATE) -> Sound:
    """A pure tone at half of full scale."""
    time = np.arange(round(seconds * rate)) / rate
    return Sound((16_000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), rate)


def recorded(sound: Sound, container: str = "ogg", codec: str = "libopus") -> bytes:
    """The file that a phone (`ogg`, `libopus`) or a browser (`webm`, `libopus`) makes of it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = cast(Any, file.add_stream(codec, rate=sound.sample_rate))
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(sound.samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = sound.sample_rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return buffer.getvalue()
