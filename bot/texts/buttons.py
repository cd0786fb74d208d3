"""The buttons under a card, by state."""

from __future__ import annotations

from bot.domain.callback import Press, encode
from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.message import Button
from bot.texts.hazards import Words
from bot.texts.vocabulary import BUTTONS, FAILED, PASSED

ALL = Words("全部{verb}", "{verb} all")
"""A button of a digest: done to every case that it lists."""


def buttons(case: Case, language: str) -> tuple[tuple[Button, ...], ...]:
    """What can be done in this state, in rows; a closed card has none.

    误报 never stands beside 关闭: gloves are thick.
    """
    rows = [tuple(_button(verb, case, language) for verb in row) for row in _rows(case)]
    if case.state is State.RECTIFIED:
        rows.insert(0, verdict_buttons(case, language))
    return tuple(row for row in rows if row)


def _rows(case: Case) -> list[list[Verb]]:
    if not case.live:
        return []
    if case.state is State.RECTIFIED:
        return [[Verb.FALSE_ALARM]]
    take = [] if case.acknowledged_by else [Verb.ACKNOWLEDGE]
    rise = [] if case.state is State.WORK_ORDER else [Verb.ESCALATE]
    if not case.emergency:
        return [take, [Verb.CLOSE, *rise], [Verb.FALSE_ALARM, Verb.SAY]]
    come = [] if case.arrived_by else [Verb.ARRIVE]
    return [take, [*come, *rise], [Verb.CLOSE, Verb.SAY], [Verb.FALSE_ALARM]]


def _button(verb: Verb, case: Case, language: str) -> Button:
    return Button(BUTTONS[verb].in_language(language), encode(Press(verb, case.number, case.seq)))


def verdict_buttons(case: Case, language: str) -> tuple[Button, ...]:
    """Verified, or not: `extra` of the press is `passed` or `failed`."""
    verdicts = (("passed", PASSED), ("failed", FAILED))
    return tuple(
        Button(
            words.in_language(language),
            encode(Press(Verb.VERIFY, case.number, case.seq, extra)),
        )
        for extra, words in verdicts
    )


def question_buttons(question: int, language: str) -> tuple[Button, ...]:
    """Yes and no to a question."""
    return tuple(
        Button(BUTTONS[verb].in_language(language), encode(Press(verb, question, 0)))
        for verb in (Verb.CONFIRM, Verb.CANCEL)
    )


def undo_button(case: Case, language: str) -> Button:
    """Takes back the change that led to this state of the case."""
    return _button(Verb.UNDO, case, language)
