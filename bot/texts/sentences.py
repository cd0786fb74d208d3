"""The catalogue: every sentence that is told to somebody, by key, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.answers import ANSWERS, DONE
from bot.texts.asking import ASKING
from bot.texts.cardwords import CARD
from bot.texts.hazards import Words
from bot.texts.hearing import HEARING
from bot.texts.notices import NOTICES
from bot.texts.refusals import REFUSALS
from bot.texts.selfcheck import SELF_CHECK

CATALOGUE: Mapping[str, Words] = {
    **REFUSALS,
    **DONE,
    **ANSWERS,
    **ASKING,
    **HEARING,
    **NOTICES,
    **CARD,
    **SELF_CHECK,
}
"""Key -> sentence; placeholders are explained in `bot.texts.wording`."""
