"""A command that was begun: a verb that wants a case, and none that could be one.

People chat in the groups in which they command, so there nothing is made of it, unless it is said
to us: by name, in reply to us, in private, or on the console.
"""

from __future__ import annotations

import re

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


def names_us(text: str, bot: str | None) -> bool:
    """Whether a message begins with our own name."""
    folded = fold(text)
    return without_mention(folded, bot) is not folded
