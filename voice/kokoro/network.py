"""The network itself: phonemes and a style in, samples out. One thread, in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice.kokoro.phonemes import breaths
from voice.sound import FULL_SCALE, Sound

SAMPLE_RATE = 24_000
STYLE_SIZE = 256
BETWEEN_BREATHS = 0.25  # seconds
# A fraction of full scale: below it is the silence that the network puts around a sentence.
SILENT = 0.01
KEPT_AROUND = 0.05  # seconds

Samples = NDArray[np.float32]


class Network:
    """Kokoro-82M as ONNX, with the vocabulary of its phonemes. Opening it takes a second or two."""

    def __init__(self, model: Path, vocabulary: Path) -> None:
        import onnxruntime

        self._tokens: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def say(self, phonemes: str, style: Samples, pace: float) -> Sound:
        """Samples of the phonemes; signs that the network has never seen are left out."""
        pause = np.zeros(round(BETWEEN_BREATHS * SAMPLE_RATE), np.float32)
        said: list[Samples] = []
        for breath in breaths(phonemes):
            said += [pause] if said else []
            said.append(trimmed(self._breath(breath, style, pace)))
        samples = np.concatenate(said) if said else pause[:0]
        return Sound((np.clip(samples, -1, 1) * FULL_SCALE).astype(np.int16), SAMPLE_RATE)

    def _breath(self, phonemes: str, style: Samples, pace: float) -> Samples:
        tokens = [self._tokens[sign] for sign in phonemes if sign in self._tokens]
        if not tokens:
            return np.zeros(0, np.float32)
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            # the vectors are ordered by the number of phonemes they suit
            "style": style[min(len(tokens), len(style)) - 1 : min(len(tokens), len(style))],
            "speed": np.array([pace], np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], np.float32).ravel()


def read_style(path: Path) -> Samples:
    """A speaker's style vectors, (510, 256). Raises ValueError for a file of another shape."""
    return np.fromfile(path, "<f4").reshape(-1, STYLE_SIZE)


def trimmed(samples: Samples) -> Samples:
    """Without the silence around it but for a little."""
    loud = np.flatnonzero(np.abs(samples) > SILENT)
    if not len(loud):
        return samples[:0]
    around = round(KEPT_AROUND * SAMPLE_RATE)
    return samples[max(0, loud[0] - around) : loud[-1] + around]
