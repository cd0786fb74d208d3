"""Both languages in one text, with digits as they are written."""

from __future__ import annotations

import re
import unicodedata

from handlers.numerals.english import ENGLISH_FORMS, english_in_digits
from handlers.numerals.mandarin import MANDARIN_FORMS, mandarin_in_digits

_THOUSANDS = re.compile(r"(?<![0-9,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_ONE_BY_ONE = re.compile(r"(?<![0-9])[0-9](?:\s[0-9])+(?![0-9])")
_SUFFIX = re.compile(r"(?<![a-z0-9])([0-9]+)(?:st|nd|rd|th)(?![a-z])", re.IGNORECASE)
_ORDINAL = re.compile(r"第\s*([0-9]+)")


def in_digits(text: str) -> str:
    """`text` with every number in ASCII digits, full-width and grouped ones too.

    Single digits with a space between are one number that is said digit by digit: `1 0 5`.
    """
    text = unicodedata.normalize("NFKC", text)
    text = english_in_digits(mandarin_in_digits(text))
    text = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)
    text = _ONE_BY_ONE.sub(lambda match: match[0].replace(" ", ""), text)
    return _ORDINAL.sub(r"\1", _SUFFIX.sub(r"\1", text))


def spoken_forms(number: int, language: str) -> tuple[str, ...]:
    """What the number may have been said as; each once."""
    forms = MANDARIN_FORMS if language == "zh" else ENGLISH_FORMS
    return tuple(dict.fromkeys(form(number) for form in forms))
