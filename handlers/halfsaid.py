"""A command begun: a verb that wants a case and names none that could be one, a mute without end.

People chat in the groups in which they command, so there nothing is made of it, unless it is said
to us: by name, in reply to us, in private, or on the console.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.command import Verb
from handlers.folding import fold, without_closing
from handlers.utterance import Utterance
from handlers.words import MAX_CHARACTERS, forms_at, without_mention

_NO_NUMBER = re.compile(r"[\s:,]+#?[a-z]{1,12}", re.IGNORECASE)


def half_said(text: str, bot: str | None = None) -> Utterance | None:
    """The verb without its case: `关闭`, `关闭 abc`; words that people also say are none."""
    if len(text) > MAX_CHARACTERS:
        return None
    folded = without_closing(without_mention(fold(text), bot))
    for form, start in forms_at(folded.text):
        word, rest = folded.text[:start].casefold(), folded.text[start:]
        if word not in form.whole and (not rest or _NO_NUMBER.fullmatch(rest)):
            return Utterance(form.verb, slash=True)
    return None


_MUTE = re.compile(r"(?:静音\s*|mute\s+)(?=\S)", re.IGNORECASE)


def half_muted(text: str, bot: str | None, names: Iterable[str]) -> Utterance | None:
    """A mute of a place of ours (one of `names`) that does not say for how long."""
    if len(text) > MAX_CHARACTERS:
        return None
    folded = without_closing(without_mention(fold(text), bot))
    match = _MUTE.match(folded.text)
    if match is None:
        return None
    rest = folded.text[match.end() :].casefold()
    for name in sorted(names, key=len, reverse=True):
        if re.match(rf"{re.escape(fold(name).text.casefold())}(?:[\s:,]|$)", rest):
            return Utterance(Verb.MUTE, args={"text": name}, refusal="refused.mute_how")
    return None


def names_us(text: str, bot: str | None) -> bool:
    """Whether a message begins with our own name."""
    folded = fold(text)
    return without_mention(folded, bot) is not folded
