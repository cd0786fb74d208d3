"""Where in a recording somebody speaks, by Silero's network; the rest is not looked at."""

from __future__ import annotations

import numpy as np

from voice.hearing.engine import LONGEST_S, RATE, Samples

LEAST_SPEECH_S = 0.25
"""Less speech than this is no word; it is a click, or a cough."""

_THRESHOLD = 0.5
_PAUSE_MS = 500
_AROUND_MS = 200


def speech_in(samples: Samples) -> list[Samples]:
    """The pieces that hold speech, in order, each at most `LONGEST_S`; none where nobody speaks."""
    from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

    if not len(samples):
        return []
    found = get_speech_timestamps(
        samples,
        VadOptions(
            threshold=_THRESHOLD,
            min_speech_duration_ms=round(1000 * LEAST_SPEECH_S),
            max_speech_duration_s=LONGEST_S,
            min_silence_duration_ms=_PAUSE_MS,
            speech_pad_ms=_AROUND_MS,
        ),
        sampling_rate=RATE,
    )
    pieces, _ = collect_chunks(samples, found, RATE, LONGEST_S) if found else ([], [])
    return [np.ascontiguousarray(piece, np.float32) for piece in pieces if len(piece)]
