"""English numerals: twelve, one hundred and five, one oh five, twenty-first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS: Mapping[str, str] = {
    "first": "one",
    "second": "two",
    "third": "three",
    "fifth": "five",
    "eighth": "eight",
    "ninth": "nine",
    "twelfth": "twelve",
    **{f"{word}th": word for word in ("four", "six", "seven", *_TEENS) if word != "twelve"},
    **{f"{word[:-1]}ieth": word for word in _TENS},
}
WORDS: Mapping[str, int] = {
    **{word: value for value, word in enumerate((*_ONES, *_TEENS))},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
    "oh": 0,
    "o": 0,
    "fourty": 40,
}
_SCALES: Mapping[str, int] = {"hundred": 100, "thousand": 1000}

_WORD = "|".join(sorted((*WORDS, *_ORDINALS, *_SCALES), key=len, reverse=True))
_RUN = re.compile(
    rf"(?<![a-z'])(?:a\s+(?=hundred|thousand))?(?:{_WORD})(?![a-z'])"
    rf"(?:[\s-]+(?:and\s+)?(?:{_WORD})(?![a-z']))*",
    re.IGNORECASE,
)
_ALIKE = re.compile(
    r"(?<![a-z])(case|number)\s+(to|too|for|ate|won)(?=\s*(?:$|[,.!?;]|(?:please|is|has|was)\b))",
    re.IGNORECASE,
)
_HEARD_FOR: Mapping[str, str] = {"to": "2", "too": "2", "for": "4", "ate": "8", "won": "1"}
"""`number for`: words that a number is written as by whoever only hears it."""


_PRONOUN = re.compile(
    r"\b(?:the|that|this|last|latest|newest|no|each|every|which|other|same|some|any)\s+$",
    re.IGNORECASE,
)
"""Before a `one` that is no number."""


def english_in_digits(text: str) -> str:
    """The text with every English number in digits: `case one oh five` -> `case 105`."""
    text = _ALIKE.sub(lambda match: f"{match[1]} {_HEARD_FOR[match[2].lower()]}", text)
    return _RUN.sub(_replaced, text)


def _replaced(match: re.Match[str]) -> str:
    words = re.findall(r"[a-z]+", match[0].lower())
    if words[-1] == "one" and any(word in _ORDINALS for word in words):
        return match[0]  # the second one: the second of some, and no 21
    if words in (["o"], ["oh"]) or (
        words == ["one"] and _PRONOUN.search(match.string[: match.start()])
    ):
        return match[0]
    has_scale = any(word in _SCALES for word in words)
    if not has_scale and "and" in words:  # `twelve and thirteen` are two
        parts = re.split(r"\s+and\s+", match[0].lower())
        return " and ".join(_replaced_words(re.findall(r"[a-z]+", part)) for part in parts)
    return _replaced_words(words)


def _replaced_words(words: list[str]) -> str:
    words = [_ORDINALS.get(word, word) for word in words if word not in ("and", "a")]
    if any(word in _SCALES for word in words):
        return " ".join(str(number) for number in _by_scales(words))
    return _joined(_groups(words))


def _by_scales(words: list[str]) -> list[int]:
    """Twelve thousand three hundred and five; what cannot go on with it is the next number."""
    found: list[int] = []
    total = part = room = 0
    for word in words:
        scale = _SCALES.get(word, 0)
        if scale == 100:
            part, room = (part or 1) * 100, 100
        elif scale:
            total, part, room = total + (part or 1) * scale, 0, 1000
        else:
            value = WORDS[word]
            if value >= room and total + part:
                found.append(total + part)
                total, part = 0, 0
            part += value
            room = 10 if value >= 20 and value % 10 == 0 else 0
    return [*found, total + part]


def _groups(words: list[str]) -> list[str]:
    """`twenty`, `four` -> 24; everything else is a group of its own."""
    groups: list[str] = []
    tens = False
    for word in words:
        value = WORDS[word]
        if tens and 0 < value < 10:
            groups[-1] = str(int(groups[-1]) + value)
        else:
            groups.append(str(value))
        tens = value >= 20
    return groups


def _joined(groups: list[str]) -> str:
    """One oh five, one twenty, ten twenty-four: groups that are read as one number.

    After two digits only two more, or a zero, go on with it: `twelve five` are two numbers.
    """
    text = groups[0]
    for before, after in pairwise(groups):
        goes_on = len(after) == 2 or after == "0" or len(before) == 1
        text += after if goes_on else f" {after}"
    return text


def _below_hundred(number: int) -> str:
    if number < 20:
        return (_ONES + _TEENS)[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")


def _in_full(number: int, joint: str) -> str:
    thousands, rest = divmod(number, 1000)
    hundreds, small = divmod(rest, 100)
    parts = [f"{_in_full(thousands, joint)} thousand"] if thousands else []
    parts += [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if small or not parts:
        parts.append((joint if parts else "") + _below_hundred(small))
    return " ".join(parts)


def _hyphened(number: int) -> str:
    return re.sub(rf"\b({'|'.join(_TENS)}) (?={'|'.join(_ONES[1:])})", r"\1-", _full(number))


def _full(number: int) -> str:
    return _in_full(number, "")


def _with_and(number: int) -> str:
    return _in_full(number, "and ")


def _spelt(zero: str) -> Callable[[int], str]:
    names = [zero, *_ONES[1:]]
    return lambda number: " ".join(names[int(digit)] for digit in str(number))


ENGLISH_FORMS: tuple[Callable[[int], str], ...] = (
    _full,
    _with_and,
    _hyphened,
    _spelt("zero"),
    _spelt("oh"),
)
"""How a number is said: in full, with `and`, and digit by digit."""
