"""What was written down, judged: what is not to be believed is no command.

The limit of compression is the one that Whisper was published with.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace

from voice.hearing.engine import Said
from voice.hearing.transcript import Heard, Refusal

LEAST_SCORE = -0.8
"""Whisper was published with -1.0, at which German still passes as English of some kind (-0.99);
clear commands score above -0.5, in both languages and engines."""

MOST_COMPRESSION = 2.4

OTHER_SHARE = 0.5
"""Another language is believed where it is that likely, and likelier than Mandarin or English."""

_CANTONESE = frozenset("嘅咗喺冇佢哋啲嘢嗰嚟咁乜瞓攞揾嗌咩唔")
"""Characters of written Cantonese, which Mandarin is not written with."""

_OTHER_SCRIPTS = re.compile("[\u0370-\u1fff\u3040-\u30ff\u3130-\u318f\uac00-\ud7a3]")
_AGAIN = re.compile(r"(.{4,16}?)(?:[\s,.，。、]*\1){3,}|(.{1,3}?)(?:[\s,.，。、]*\2){5,}")


def judged(pieces: Sequence[Said], seconds: float) -> Heard:
    """The pieces of a recording as one, and whether it can be believed."""
    heard = [piece for piece in pieces if piece.text]
    if not heard:
        return Heard(seconds=seconds, refusal="silence")
    text = " ".join(piece.text for piece in heard)
    first = heard[0]
    tokens = sum(piece.tokens + 1 for piece in heard)
    whole = Heard(
        text=text,
        language=first.language,
        seconds=seconds,
        score=sum(piece.score * (piece.tokens + 1) for piece in heard) / tokens,
        compression=compression_of(text),
    )
    refusal, language = refused(whole, first)
    if not refusal:
        return whole
    return replace(whole, text="", language=language, refusal=refusal, detail=text)


def refused(whole: Heard, first: Said) -> tuple[Refusal, str]:
    """Why it is not to be believed, and the language that it was in."""
    if first.other_share >= OTHER_SHARE and first.other_share > first.share:
        return ("cantonese" if first.other == "yue" else "language"), first.other
    if _is_cantonese(whole.text):
        return "cantonese", "yue"
    if _OTHER_SCRIPTS.search(whole.text):
        return "language", ""
    if whole.score < LEAST_SCORE or whole.compression > MOST_COMPRESSION:
        return "unclear", whole.language
    if _AGAIN.search(whole.text) or not re.search(r"\w", whole.text):
        return "unclear", whole.language
    return "", whole.language


def compression_of(text: str) -> float:
    """How many times shorter it zips: ordinary words about once, endless repetition many times."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def _is_cantonese(text: str) -> bool:
    found = [sign for sign in text if sign in _CANTONESE]
    return len(found) >= 2 or (bool(found) and found[0] not in "咩唔咁")
