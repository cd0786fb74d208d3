"""In which language a person's own words are to be spoken."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


def tongue_of(words: str, usual: str) -> str:
    """`zh` where they hold a Chinese character, `en` with Latin letters alone, else `usual`.

    A voice reads letters that are not its own one by one, by their names or not at all.
    """
    if _HAN.search(words):
        return "zh"
    return "en" if _LATIN.search(words) else usual
