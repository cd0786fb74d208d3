"""Traditional characters written the simplified way: Whisper writes either, as it pleases."""

from __future__ import annotations

from functools import cache
from typing import Any


def simplified(text: str) -> str:
    """The same words; English stays as it is."""
    return str(_converter().convert(text))


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
