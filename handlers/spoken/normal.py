"""A sentence in the one form in which it is compared: small letters, digits, commas for pauses."""

from __future__ import annotations

import re

from handlers.folding import fold
from handlers.numerals import in_digits

LONGEST = 200
"""Characters; whoever says more tells something, and orders nothing."""

_PAUSES = re.compile(r"[,;!~…—、。·\"“”()《》<>\[\]*_|/\\]+|(?<![0-9])[.:]|[.:](?![0-9])")
"""Between digits a point or colon makes another number of them: 12:30."""

_APOSTROPHES = str.maketrans("’‘`´", "''''")
_IDEOGRAPH = "\u3400-\u9fff"
_SPACED = re.compile(rf"(?<=[{_IDEOGRAPH}]) (?=[{_IDEOGRAPH}0-9])|(?<=[0-9]) (?=[{_IDEOGRAPH}])")
_COMMAS = re.compile(r"\s*,[\s,]*")


def normal(text: str) -> str:
    """`麻烦，把 十二号 关了。` -> `麻烦,把12号关了`; "" for what is too long to be a command."""
    if len(text) > LONGEST:
        return ""
    plain = in_digits(fold(text).text.casefold().translate(_APOSTROPHES))
    plain = _COMMAS.sub(",", _PAUSES.sub(",", plain))
    return _SPACED.sub("", " ".join(plain.split())).strip(" ,")


def is_chinese(text: str) -> bool:
    """Whether it holds a Chinese character."""
    return re.search(f"[{_IDEOGRAPH}]", text) is not None
