"""The light engine: CTranslate2 called directly, on a short piece of the spectrogram, greedily.

The piece is encoded once; its language and its words are both read from that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from voice.hearing.engine import (
    PROMPTS,
    Said,
    Samples,
    likeliest,
    most_tokens,
    window_frames,
)

_MOST_TOKENS = 448  # the decoder's positions: prompt and words together


class LightEngine:
    """See `Engine`."""

    def __init__(self, folder: Path) -> None:
        import ctranslate2
        from faster_whisper.feature_extractor import FeatureExtractor
        from faster_whisper.tokenizer import Tokenizer
        from tokenizers import Tokenizer as Vocabulary

        self._model: Any = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
        )
        self._mel = FeatureExtractor()
        self._as_view: Any = ctranslate2.StorageView.from_array
        vocabulary = Vocabulary.from_file(str(folder / "tokenizer.json"))
        self._tokenizers = {
            language: Tokenizer(vocabulary, multilingual=True, task="transcribe", language=language)
            for language in PROMPTS
        }

    def write_down(self, samples: Samples, language: str | None = None) -> Said:
        """See `Engine.write_down`."""
        encoded = self._model.encode(self._as_view(self._spectrogram(samples)))
        share, other, other_share = 1.0, "", 0.0
        if language is None:
            language, share, other, other_share = likeliest(self._languages(encoded))
        tokenizer = self._tokenizers[language]
        prompt = [
            tokenizer.sot_prev,
            *tokenizer.encode(" " + PROMPTS[language]),
            *tokenizer.sot_sequence,
            tokenizer.no_timestamps,
        ]
        (written,) = self._model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=min(_MOST_TOKENS, len(prompt) + most_tokens(samples)),
            return_scores=True,
        )
        tokens = written.sequences_ids[0]
        # the library's score is per token, without the one that ends the text
        score = written.scores[0] * len(tokens) / (len(tokens) + 1)
        text = tokenizer.decode(tokens).strip()
        return Said(text, language, score, len(tokens), share, other, other_share)

    def _spectrogram(self, samples: Samples) -> Samples:
        frames = window_frames(samples)
        padded = np.pad(samples, (0, max(0, 160 * frames - len(samples))))
        mel = self._mel(padded)[:, :frames]
        return np.ascontiguousarray(mel[np.newaxis], np.float32)

    def _languages(self, encoded: Any) -> dict[str, float]:
        (found,) = self._model.detect_language(encoded)
        return {token[2:-2]: probability for token, probability in found}
