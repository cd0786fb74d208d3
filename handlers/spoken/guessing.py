"""The closed set: a sentence that nobody understands, compared by its sound with all that would do.

Recognisers write what they hear with other characters: `官兵十二号` for 关闭十二号.  Such a
sentence is compared with the short commands about each live case; what comes out is asked, never
done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.domain.command import Verb
from bot.ports import Pronounce
from handlers.numerals import spoken_forms
from handlers.spoken.denials import denies, is_ghost, is_other_language
from handlers.spoken.mentions import Mention
from handlers.spoken.normal import is_chinese, normal
from handlers.spoken.sounds import distance
from handlers.spoken.understanding import Heard

_SENTENCES: Mapping[Verb, tuple[str, ...]] = {
    Verb.CLOSE: ("关闭{n}号", "把{n}号关了", "关闭{n}号案件", "把{n}号关掉", "{n}号关掉"),
    Verb.ESCALATE: ("升级{n}号", "升级{n}号案件", "把{n}号升级"),
    Verb.FALSE_ALARM: ("{n}号是误报", "{n}号案件是误报", "误报{n}号"),
    Verb.RECTIFIED: ("{n}号整改好了", "{n}号已经整改", "{n}号已经整改了"),
    Verb.ACKNOWLEDGE: ("确认{n}号", "收到{n}号", "{n}号收到"),
    Verb.ARRIVE: ("到场{n}号", "我到{n}号了"),
}
_DIGITS = re.compile(r"[0-9]{1,5}")
_MOST_CASES = 12
_NEAR = 0.21
_SHORTEST, _LONGEST = 3, 14
"""Syllables of what may be a command; a shorter one is like too many."""


def guess(text: str, cases: Sequence[int], pronounce: Pronounce) -> Heard | None:
    """The command that this sounds like, if there is just one; `cases` are the newest first."""
    said = normal(text)
    if not is_chinese(said) or is_ghost(said) or denies(said) or is_other_language(said):
        return None
    heard = pronounce(_DIGITS.sub(lambda found: spoken_forms(int(found[0]), "zh")[0], said))
    if not _SHORTEST <= len(heard) <= _LONGEST:
        return None
    said_as = (
        (pronounce(sentence.format(n=name)), case, verb)
        for verb, sentences in _SENTENCES.items()
        for sentence in sentences
        for case in cases[:_MOST_CASES]
        for name in spoken_forms(case, "zh")[:1]
    )
    scored = sorted(
        (distance(heard, sounds), case, verb)
        for sounds, case, verb in said_as
        if len(sounds) == len(heard)  # a syllable more is another word: 关闭十二号门
    )
    if not scored or scored[0][0] > _NEAR * len(heard):
        return None
    best, case, verb = scored[0]
    level = [(number, other) for score, number, other in scored if score == best]
    if any(other != verb for _, other in level):
        return None
    alone = {number for number, _ in level} == {case}
    return Heard(verb, Mention((case,) if alone else ()))  # as like one number as another: neither
