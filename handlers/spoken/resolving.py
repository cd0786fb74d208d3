"""Which of the live cases of a chat are meant; where that is not beyond doubt, which may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.case import Case
from bot.domain.command import Verb
from bot.domain.error import NotFound, Refused
from bot.ports import Pronounce
from handlers.spoken.lexicon import Lexicon
from handlers.spoken.mentions import Mention
from handlers.spoken.sounds import are_alike, distance, number_distance
from handlers.spoken.understanding import CHANGING, Heard

CHOICES = 3
_LIKE_A_NAME = 0.34
"""How much of a name's syllables may be another sound."""


@dataclass(frozen=True, slots=True)
class Meant:
    """`cases` where it is beyond doubt; `others` are what else it may have been.

    Without `cases` one of the `others` has to be chosen, and nothing is taken for granted.
    """

    cases: tuple[int, ...] = ()
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known where something was said.

    `cases` are those that can be meant, the newest first; `answered` is the one whose card was
    replied to.  `spoken`: the words went through a recogniser, so numbers are not believed.
    """

    cases: Sequence[Case]
    answered: int | None = None
    spoken: bool = False


def resolve(heard: Heard, hearing: Hearing) -> Meant:
    """The cases that are meant; raises `Refused` or `NotFound` where none can be."""
    mention = heard.mention
    if mention.numbers:
        return _numbered(heard, hearing)
    if mention.open:
        if hearing.answered is None:
            raise Refused("refused.verb_needs_case", verb=heard.verb, choices=_newest(hearing))
        return Meant((hearing.answered,), _besides(hearing, (hearing.answered,)))
    fits = [case.number for case in hearing.cases if mention.fits(case)]
    if not fits:
        params = {"text": "".join(mention.named), "verb": heard.verb, "choices": _newest(hearing)}
        raise NotFound("refused.none_like_that", **params)
    if mention.last:
        fits = fits[:1]
    if hearing.answered is not None and fits != [hearing.answered]:
        return Meant((), tuple(dict.fromkeys((hearing.answered, *fits)))[:CHOICES])
    if len(fits) > 1:
        return Meant((), tuple(fits[:CHOICES]))
    return Meant((fits[0],), _besides(hearing, (fits[0],)))


def _numbered(heard: Heard, hearing: Hearing) -> Meant:
    numbers, known = heard.mention.numbers, {case.number for case in hearing.cases}
    if not hearing.spoken:
        missing = [number for number in numbers if number not in known]
        if missing:
            raise NotFound("refused.unknown_case", case=missing[0], choices=_newest(hearing))
        return Meant(numbers)
    if len(numbers) > 1:
        if any(_doubtful(number, heard, hearing) for number in numbers):
            raise Refused("voice.one_by_one")
        return Meant(numbers)
    number = min(numbers)
    if not known:
        raise NotFound("refused.unknown_case", case=number)
    others = _doubtful(number, heard, hearing)
    if heard.verb not in CHANGING and number not in known:
        near = [case for number in others for case in hearing.cases if case.number == number]
        raise NotFound("refused.unknown_case", case=number, choices=tuple(near))
    if others:
        return Meant((), others)
    return Meant((number,), _besides(hearing, (number,)))


def _doubtful(number: int, heard: Heard, hearing: Hearing) -> tuple[int, ...]:
    """What may have been said where a number was heard; nothing if that is beyond doubt."""
    known = [case.number for case in hearing.cases]
    before = "ba" if heard.language == "zh" else ""

    def far(other: int) -> float:
        return number_distance(number, other, heard.language, before)

    if number not in known:
        return tuple(sorted(known, key=far)[:CHOICES])
    if hearing.answered is not None and number != hearing.answered:
        return (hearing.answered, number)
    alike = [
        other
        for other in known
        if other != number and (are_alike(number, other, heard.language) or far(other) == 0)
    ]
    return (number, *sorted(alike, key=far)[: CHOICES - 1]) if alike else ()


def _besides(hearing: Hearing, meant: Sequence[int]) -> tuple[int, ...]:
    """The others that are offered beside a case, in case it was misunderstood."""
    rest = [case.number for case in hearing.cases if case.number not in meant]
    return tuple(rest[: CHOICES - 1])


def _newest(hearing: Hearing) -> tuple[Case, ...]:
    return tuple(hearing.cases[:CHOICES])


# --- names that were misheard ---------------------------------------------------------------------


def by_sound(heard: Heard, lexicon: Lexicon, pronounce: Pronounce) -> Heard | None:
    """With the unknown words of its mention taken for the name that sounds like them, if one does.

    `大们那个` is the one at 大门.
    """
    if not heard.mention.unknown:
        return heard
    (word,) = heard.mention.unknown
    places = nearest_name(word, tuple(lexicon.places), pronounce)
    hazards = nearest_name(word, tuple(lexicon.hazards), pronounce)
    if bool(places) == bool(hazards):
        return None
    mention: Mention = replace(heard.mention, unknown=(), named=(places or hazards,))
    if places:
        mention = replace(mention, places=lexicon.places[places])
    else:
        mention = replace(mention, hazards=lexicon.hazards[hazards])
    return replace(heard, mention=mention)


def nearest_name(word: str, names: Sequence[str], pronounce: Pronounce) -> str:
    """The one name that a word sounds like; "" where none does, or several alike."""
    said = pronounce(word)
    if not said:
        return ""
    scored = sorted((_relative(said, pronounce(name)), name) for name in names)
    good = [(score, name) for score, name in scored if score <= _LIKE_A_NAME]
    if not good or (len(good) > 1 and good[1][0] == good[0][0]):
        return ""
    return good[0][1]


def _relative(one: Sequence[str], other: Sequence[str]) -> float:
    return distance(one, other) / max(len(one), len(other), 1)


ON_ENDED = frozenset({Verb.REOPEN, Verb.UNDO, Verb.DISPUTE, Verb.CASE})
"""What can be said of a case that is over."""
