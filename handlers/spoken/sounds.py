"""How near two things are that were heard: syllables compared, and numbers that sound alike.

Mandarin syllables are written without their tones (`shi er`).  0 is the same sound, 1 for each
syllable that is another, less for those that accents and bad lines make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from handlers.numerals import spoken_forms

_ALIKE = 0.5
_NEAR = 0.25
_RHYME = 0.5

_SYLLABLES = {
    "零": "ling",
    "一": "yi",
    "二": "er",
    "三": "san",
    "四": "si",
    "五": "wu",
    "六": "liu",
    "七": "qi",
    "八": "ba",
    "九": "jiu",
    "十": "shi",
    "百": "bai",
    "千": "qian",
    "万": "wan",
    "幺": "yao",
    "两": "liang",
    "洞": "dong",
    "拐": "guai",
    "勾": "gou",
}
_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_BUZZING = frozenset({"z", "c", "s", "zh", "ch", "sh", "r"})
"""After these an i is no i: 十 does not rhyme with 七."""
_SAME_INITIALS = (("z", "zh"), ("c", "ch"), ("s", "sh"), ("n", "l"), ("l", "r"), ("f", "h"))
_SAME_FINALS = (("in", "ing"), ("en", "eng"), ("an", "ang"), ("uan", "uang"), ("ian", "iang"))

_STEMS = ("thir", "four", "fif", "six", "seven", "eigh", "nine")
_ENGLISH_NEAR = {
    *(frozenset((f"{stem}teen", f"{stem}ty")) for stem in _STEMS),
    frozenset(("fourteen", "forty")),
}


def distance(one: Sequence[str], other: Sequence[str]) -> float:
    """What it takes to make one sequence of syllables the other."""
    row = [float(place) for place in range(len(other) + 1)]
    for count, left in enumerate(one, 1):
        diagonal, row[0] = row[0], float(count)
        for place, right in enumerate(other, 1):
            above = row[place]
            row[place] = min(above + 1, row[place - 1] + 1, diagonal + _cost(left, right))
            diagonal = above
    return row[-1]


def are_alike(one: int, other: int, language: str) -> bool:
    """Whether two different numbers can be taken for each other: 4 and 10, 14 and 40, 2 and 20."""
    if one == other:
        return False
    if language == "zh" and _ends_lost(one, other):
        return True
    return number_distance(one, other, language) <= _ALIKE


def number_distance(heard: int, other: int, language: str, before: str = "") -> float:
    """How far `other` is from what was heard; `before` may be a syllable that melted into it."""
    heard_as, said_as = _readings(heard, language), _readings(other, language)
    far = min(distance(one, two) for one in heard_as for two in said_as)
    if not before:
        return far
    melted = min(distance(one, (before, *two)) for one in heard_as for two in said_as)
    return min(far, melted)


def _ends_lost(one: int, other: int) -> bool:
    """2 and 20: the short 十 at the end is swallowed, or made up."""
    low, high = sorted((one, other))
    return 2 <= low <= 9 and high == 10 * low


@lru_cache(maxsize=20_000)
def _readings(number: int, language: str) -> tuple[tuple[str, ...], ...]:
    forms = spoken_forms(number, language)
    if language == "zh":
        forms = tuple(form for form in forms if not form.startswith("一十"))  # 十 is said so
        return tuple(tuple(_SYLLABLES[char] for char in form) for form in forms)
    return tuple(tuple(form.replace("-", " ").split()) for form in forms)


@lru_cache(maxsize=50_000)
def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    if pair in _ENGLISH_NEAR:
        return _NEAR
    (initial, final), (other_initial, other_final) = _split(one), _split(other)
    same_initial = initial == other_initial or _among(initial, other_initial, _SAME_INITIALS)
    same_final = final == other_final or _among(final, other_final, _SAME_FINALS)
    if same_initial and same_final:
        return _NEAR
    return _RHYME if final == other_final else 1.0


def _split(syllable: str) -> tuple[str, str]:
    for initial in _INITIALS:
        if syllable.startswith(initial) and len(syllable) > len(initial):
            final = syllable[len(initial) :]
            return initial, "ih" if final == "i" and initial in _BUZZING else final
    return "", syllable


def _among(one: str, other: str, pairs: Sequence[tuple[str, str]]) -> bool:
    return (one, other) in pairs or (other, one) in pairs
