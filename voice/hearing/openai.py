"""openai-whisper, on the same weights and on the same short piece of the spectrogram.

The package itself insists on 30 s; what is cut here are its positions, for as long as a piece is
looked at.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from voice.hearing.checkpoint import checkpoint_of
from voice.hearing.engine import (
    PROMPTS,
    Said,
    Samples,
    likeliest,
    most_tokens,
    window_frames,
)


class WhisperEngine:
    """See `Engine`."""

    def __init__(self, folder: Path) -> None:
        import torch  # pyright: ignore[reportMissingImports]  # of the extra whisper

        with warnings.catch_warnings():  # numba and torch warn of their own futures
            warnings.simplefilter("ignore")
            import whisper  # pyright: ignore[reportMissingImports]  # likewise

        torch.set_num_threads(1)
        self._torch: Any = torch
        self._whisper: Any = whisper
        self._model: Any = whisper.load_model(str(checkpoint_of(folder)), device="cpu")
        self._positions: Any = self._model.encoder.positional_embedding

    def write_down(self, samples: Samples, language: str | None = None) -> Said:
        """See `Engine.write_down`."""
        frames = window_frames(samples)
        padded = np.pad(samples, (0, max(0, 160 * frames - len(samples))))
        mel = self._whisper.log_mel_spectrogram(padded)[:, :frames]
        with self._torch.inference_mode(), self._cut_to(frames // 2):
            encoded = self._model.encoder(mel[None])[0]
            share, other, other_share = 1.0, "", 0.0
            if language is None:
                _, found = self._model.detect_language(encoded)
                language, share, other, other_share = likeliest(found)
            options = self._whisper.DecodingOptions(
                language=language,
                without_timestamps=True,
                fp16=False,
                sample_len=most_tokens(samples),
                prompt=PROMPTS[language],
            )
            written = self._model.decode(encoded, options)
        count = len(written.tokens)
        return Said(
            written.text.strip(), language, written.avg_logprob, count, share, other, other_share
        )

    @contextmanager
    def _cut_to(self, positions: int) -> Iterator[None]:
        encoder, dims = self._model.encoder, self._model.dims
        whole = dims.n_audio_ctx
        encoder.positional_embedding = self._positions[:positions]
        dims.n_audio_ctx = positions
        try:
            yield
        finally:
            encoder.positional_embedding = self._positions
            dims.n_audio_ctx = whole
