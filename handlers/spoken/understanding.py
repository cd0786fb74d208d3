"""From a whole sentence to what it asks for; strict: a word too many, and it asks for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.domain.command import CASE_VERBS, Verb
from handlers.numbers import read_minutes
from handlers.spoken import english, mandarin
from handlers.spoken.denials import denies, is_ghost, is_other_language
from handlers.spoken.lexicon import Lexicon
from handlers.spoken.mentions import Mention, read_mention
from handlers.spoken.normal import is_chinese, normal
from handlers.spoken.sentence import Sentence
from handlers.spoken.templates import compiled, pattern_of

CHANGING = CASE_VERBS | {Verb.SAY, Verb.LIGHT, Verb.MUTE, Verb.UNMUTE, Verb.HAZARD, Verb.SOS}
"""What is never done by voice without its person's word."""

_WHY_ZH = (
    r"(?:(?:因为|原因是?|理由是?|由于)[\s,]*.{2,80}|,(?![0-9]).{2,80}"
    r"|(?:已经?|都|人|人员|现场|师傅们?|工人|他们|大家|全部|安全帽|帽子|反光衣)*"
    r"(?:整改|处理|弄|搞|戴|穿|修|清理?|撤|离开|解决|走|送医院?)(?:好|完|成|定|掉|上|到位|开|走|理)*"
    r"(?:安全帽|帽子|反光衣)?了?)"
)
_WHY_EN = (
    r"(?:(?:because|reason is|reason|since|as)(?![a-z])[\s,]*.{2,80}|,(?![0-9]).{2,80}"
    r"|(?:it|they|everybody|everyone|it's|it is|has|have|been|is|all|already|\s)*"
    r"(?:fixed|rectified|done|sorted|resolved|cleared|gone|solved|safe)(?![a-z]))"
)
_SPAN = (
    r"(?:[0-9]{1,4}\s*(?:个半)?\s*(?:分钟?|个?小时|个?钟头|天|minutes?|mins?|hours?|hrs?|days?)|半个?小时"
    r"|(?:half )?an hour)"
)
_CAMERA_NUMBER = (
    r"(?:[0-9]{1,3}\s*号?\s*(?:摄像头|摄像机|相机|机位)"
    r"|(?:摄像头|camera|cam)[\s,]*(?:number\s*)?[0-9]{1,3}\s*号?)"
)
_SLOTS: Mapping[str, str] = {
    "ref": r"[^?]{0,60}?",
    "why": f"(?:{_WHY_ZH}|{_WHY_EN})",
    "who": r"[^,?]{1,24}?",
    "span": _SPAN,
    "text": r".{1,150}",
}
_POLITE_QUESTION = re.compile(r"(?:\S+ ){0,2}(?:can|could|would|will) you(?![a-z])")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a sentence asks for, before anybody has looked which cases there are.

    `args` as in `handlers.utterance`; `language` is the one in which it was said.
    """

    verb: Verb
    mention: Mention = field(default_factory=Mention)
    reason: str = ""
    passed: bool | None = None
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    language: str = "zh"


def understand(text: str, lexicon: Lexicon, *, loosely: bool = False) -> Heard | None:
    """What is asked for; None: nothing, or it is denied, a question, or was never said.

    `loosely`: names that are none here may stand in it, for they may have been misheard.
    """
    said = normal(text)
    if not said or is_ghost(said) or is_other_language(said):
        return None
    wondering = said.endswith("?")
    polite = _POLITE_QUESTION.match(said) is not None
    said = said.rstrip(" ?,")
    for language in ("zh", "en") if is_chinese(said) else ("en",):
        for plain in _without_politeness(said, language):
            for sentence in _SENTENCES[language]:
                match = _pattern(sentence, language, _names_of(lexicon)).fullmatch(plain)
                heard = _read(sentence, match, lexicon, language, loosely) if match else None
                if heard is not None:
                    if heard.verb is Verb.CONFIRM:
                        return None if wondering or not _YES.fullmatch(said) else heard
                    asked = wondering and not polite and heard.verb in CHANGING
                    return None if asked else heard
    return None


_YES = re.compile(
    r"(?:(?:please|ok|okay|now|right|请|好的?|嗯|那就|现在|马上|快)[\s,]*)*(?:confirm|(?:确认)?执行)"
    r"(?:[\s,]*(?:please|now|thanks|thank you|吧|了|啊|谢谢|一下))*"
)
"""The word itself; `can you confirm` and 你执行一下 are said to others."""


def _without_politeness(said: str, language: str) -> list[str]:
    """The sentence, and what is left of it without the small words around it, step by step."""
    before, after = _SMALL[language]
    found = [said]
    while (match := before.match(found[-1])) and match.end() < len(found[-1]):
        found.append(found[-1][match.end() :])
        if len(found) > _MOST_SMALL:
            return []
    for start in tuple(found):
        rest, steps = start, 0
        while match := after.search(rest):
            rest, steps = rest[: match.start()], steps + 1
            if steps > _MOST_SMALL:
                return []
            found.append(rest)
    return [one for one in dict.fromkeys(found) if one]


_MOST_SMALL = 6
"""Small words on either side; whoever says more of them orders nothing, and takes long to read."""

_SENTENCES = {"zh": mandarin.SENTENCES, "en": english.SENTENCES}
_RULES = {"zh": mandarin.RULES, "en": english.RULES}
_SMALL = {
    language: (
        re.compile(pattern_of("<polite> ", rules, {})),
        re.compile(pattern_of(" <softly>", rules, {}) + r"[\s,]*$"),
    )
    for language, rules in _RULES.items()
}

_Names = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_BY_NAME = ("place", "camera", "speaker")


def _names_of(lexicon: Lexicon) -> _Names:
    return tuple(lexicon.places), tuple(lexicon.cameras), tuple(lexicon.speakers)


def _pattern(sentence: Sentence, language: str, names: _Names) -> re.Pattern[str]:
    named = any(f"{{{slot}}}" in sentence.template for slot in _BY_NAME)
    return _compiled(sentence.template, language, names if named else ((), (), ()))


@lru_cache(maxsize=4096)
def _compiled(template: str, language: str, names: _Names) -> re.Pattern[str]:
    known = {slot: _one_of(found) for slot, found in zip(_BY_NAME, names, strict=True)}
    known["camera"] = f"(?:{known['camera']}|{_CAMERA_NUMBER})"
    return compiled(template, _RULES[language], {**_SLOTS, **known})


def _one_of(names: tuple[str, ...]) -> str:
    """One of the names, the longest first; without names nothing fits."""
    if not names:
        return "(?!)"
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return f"(?:the )?(?:{'|'.join(_whole_word(name) for name in ordered)})"


def _whole_word(name: str) -> str:
    before = "(?<![a-z])" if name[0].isascii() and name[0].isalpha() else ""
    after = "(?![a-z])" if name[-1].isascii() and name[-1].isalpha() else ""
    return before + re.escape(name) + after


# --- slots ----------------------------------------------------------------------------------------


def _read(
    sentence: Sentence, match: re.Match[str], lexicon: Lexicon, language: str, loosely: bool
) -> Heard | None:
    """The sentence with its slots read; None where one makes no sense or takes the order back."""
    found = {name: value.strip(" ,") for name, value in match.groupdict().items() if value}
    mention = Mention()
    if "ref" in found:
        read = read_mention(found["ref"], lexicon)
        if read is None or (read.unknown and not loosely):
            return None
        mention = read
    if sentence.verb in CHANGING and denies(" ".join(found.get(name, "") for name in _FREE)):
        return None
    args: dict[str, Any] = {}
    for name, read_slot in _READ.items():
        if name in found:
            args |= read_slot(found[name], lexicon)
    if sentence.verb is Verb.MUTE:
        args.setdefault("minutes", None)
    if sentence.verb is Verb.SAY:
        args["force"] = False
    if sentence.verb is Verb.SOS:
        args.setdefault("text", "")
    given = dict(sentence.given)
    passed = given.pop("passed", None)
    why = _LEADS_TO_WHY.sub("", found.get("why", ""), count=1)
    why = "" if _SMALL[language][1].fullmatch(why) else why
    if sentence.verb is Verb.DISPUTE:
        why = str(args.pop("text", why))
    return Heard(sentence.verb, mention, why, passed, {**given, **args}, language)


_LEADS_TO_WHY = re.compile(
    r"(?:因为|原因是?|理由是?|由于|(?:because|reason is|reason|since|as)(?![a-z]))[\s,]*"
)


def _place(name: str, lexicon: Lexicon) -> dict[str, Any]:
    name = name.removeprefix("the ")
    return {"place": name, "places": lexicon.places[name]}


def _camera(name: str, lexicon: Lexicon) -> dict[str, Any]:
    """By name, or `四号摄像头` by the one number in the names of a camera."""
    name = name.removeprefix("the ")
    if name in lexicon.cameras:
        return {"camera": lexicon.cameras[name]}
    digits = re.findall(r"[0-9]+", name)
    numbered = {
        id for known, id in lexicon.cameras.items() if re.findall(r"[0-9]+", known) == digits
    }
    return {"camera": numbered.pop() if len(numbered) == 1 else name}


def _speaker(name: str, lexicon: Lexicon) -> dict[str, Any]:
    return {"speaker": lexicon.speakers[name.removeprefix("the ")]}


def _span(text: str, _: Lexicon) -> dict[str, Any]:
    if text.endswith("an hour"):
        return {"minutes": 30 if text.startswith("half") else 60}
    whole = read_minutes(text.replace("钟头", "小时").replace("个半小时", "小时"))
    return {"minutes": whole + 30 if whole is not None and "个半" in text else whole}


_READ: Mapping[str, Callable[[str, Lexicon], dict[str, Any]]] = {
    "place": _place,
    "camera": _camera,
    "speaker": _speaker,
    "span": _span,
    "who": lambda text, _: {"person": text.removeprefix("@")},
    "text": lambda text, _: {"text": text},
}


_FREE = ("why", "who", "span")
"""Slots whose words are weighed: all others are names, or one's own words for others to hear."""
