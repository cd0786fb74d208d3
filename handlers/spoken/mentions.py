"""Which case somebody means: by its number, by where and what it is, or as the last one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.domain.case import Case
from handlers.spoken.lexicon import Lexicon, Place

_LEAD = r"(?:(?:the|case|number|no\.?|alarm|编号|号码|案件|案子|隐患|#|第)[\s,]*)*"
_NOUN = (
    r"(?:\s*(?:号|个|件)?(?:的)?(?:案件|案子|隐患|工单|单子|那个|这个|那件|这件|case|one|alarm))"
)
NUMBER = rf"{_LEAD}(?<![0-9.:])[0-9]{{1,9}}(?![0-9.:%])\s*号?{_NOUN}?"
NUMBERS = rf"{NUMBER}(?:(?:[\s,&]|和|跟|与|及|还有|and(?![a-z]))+{NUMBER})*"
_NUMBERS = re.compile(NUMBERS)


@dataclass(frozen=True, slots=True)
class Mention:
    """`numbers`, or else what the case is like; nothing of all that: the case in question.

    `unknown` are the words that are no name here, which may have been misheard.
    """

    numbers: tuple[int, ...] = ()
    places: frozenset[Place] = frozenset()
    hazards: frozenset[str] = frozenset()
    last: bool = False
    named: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Whether it does not say which case."""
        return not (self.numbers or self.places or self.hazards or self.last)

    def fits(self, case: Case) -> bool:
        """Whether the case is as described."""
        there = not self.places or any(place.holds(case) for place in self.places)
        return there and (not self.hazards or case.hazard in self.hazards)


_THIS = ("这个", "这件", "那个", "那件", "这条", "那条", "此案", "它", "本案")
_LAST = (
    *("刚才那个", "刚才这个", "刚才的", "刚刚那个", "刚才那件", "刚刚那件", "刚才", "刚刚"),
    *(
        "最后一个",
        "最后那个",
        "最后一件",
        "最新的",
        "最新那个",
        "最新一个",
        "最近那个",
        "上一个",
        "上一件",
    ),
    *("the last one", "last one", "the latest one", "the latest", "latest one", "latest"),
    *("the newest one", "the most recent one", "the most recent", "the last case", "last case"),
    *("the last 1", "last 1", "the latest case", "the newest case", "the last", "most recent one"),
)
_NOUNS = (
    *_THIS,
    *("案件", "案子", "隐患", "问题", "报警", "告警", "警报", "那边的", "的"),
    *("the one", "that one", "this one", "one", "case", "alarm", "alert", "hazard", "incident"),
    *("it", "this", "that", "those"),
)
_FILLERS = (
    *(
        "里面",
        "上面",
        "那边",
        "那里",
        "那儿",
        "里",
        "上",
        "边",
        "处",
        "位置",
        "一个",
        "个",
        "人",
        "师傅",
    ),
    *("工人", "有人", "有", "在", "号", "工地"),
    *("the", "at", "in", "on", "of", "near", "by", "from", "with", "a", "an", "someone", "person"),
    *("worker", "guy", "man", "people", "who has", "has", "without", "wearing"),
)
_IS_WORD = re.compile(r"[a-z]")


def read_mention(text: str, lexicon: Lexicon) -> Mention | None:
    """What `text` (in its normal form) means; None where it is no way to name a case.

    A place alone is none: `close the gate` is about a gate, `the one at the gate` about a case.
    """
    text = text.strip(" ,")
    if _NUMBERS.fullmatch(text):
        found = [int(digits) for digits in re.findall(r"[0-9]+", text)]
        return None if 0 in found else Mention(tuple(dict.fromkeys(found)))
    parts = _parts(text, lexicon)
    places: frozenset[Place] = frozenset()
    hazards: frozenset[str] = frozenset()
    names: list[str] = []
    last = noun = False
    unknown: list[str] = []
    for part in parts:
        if part in _LAST:
            last = True
        elif part in lexicon.places and not (part in lexicon.hazards and places):
            places = _narrowed(places, lexicon.places[part])
            names.append(part)
        elif part in lexicon.hazards:
            hazards |= lexicon.hazards[part]
            names.append(part)
        elif part in _NOUNS:
            noun = True
        elif part not in _FILLERS:
            unknown.append(part)
    if places and not (noun or hazards or last):
        return None
    if unknown and (not (noun or hazards or places) or not _may_be_a_name(unknown)):
        return None
    if not (text == "" or noun or hazards or last or places):
        return None
    return Mention((), places, hazards, last, tuple(names), tuple(unknown))


def _may_be_a_name(words: list[str]) -> bool:
    return len(words) == 1 and re.fullmatch(r"[^0-9,?]{2,12}", words[0]) is not None


def _narrowed(so_far: frozenset[Place], more: frozenset[Place]) -> frozenset[Place]:
    """Two places said together are one within the other: `七号工地大门`."""
    if not so_far:
        return more
    both = {one for one in so_far | more if _within(one, so_far) and _within(one, more)}
    return frozenset(both) or more


def _within(place: Place, places: frozenset[Place]) -> bool:
    return any(
        place.site == other.site
        and other.camera in (None, place.camera)
        and other.zone in (None, place.zone)
        for other in places
    )


def _parts(text: str, lexicon: Lexicon) -> list[str]:
    """The text in known words, the longest first; what lies between them stays in one piece."""
    words = sorted(
        {*lexicon.places, *lexicon.hazards, *_LAST, *_NOUNS, *_FILLERS}, key=len, reverse=True
    )
    parts: list[str] = []
    rest, at = "", 0
    while at < len(text):
        word = next((word for word in words if _stands_at(text, at, word)), None)
        if word is None:
            rest += text[at]
            at += 1
            continue
        if rest.strip(" ,"):
            parts.append(rest.strip(" ,"))
        rest = ""
        parts.append(word)
        at += len(word)
    if rest.strip(" ,"):
        parts.append(rest.strip(" ,"))
    return parts


def _stands_at(text: str, at: int, word: str) -> bool:
    """Whether the word is there, an English one from its beginning to its end."""
    if not text.startswith(word, at):
        return False
    end = at + len(word)
    glued_before = at > 0 and _IS_WORD.match(word[0]) and _IS_WORD.match(text[at - 1])
    glued_after = end < len(text) and _IS_WORD.match(word[-1]) and _IS_WORD.match(text[end])
    return not (glued_before or glued_after)
