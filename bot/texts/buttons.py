"""The buttons under a card, by state."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.callback import Press, encode
from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.message import Button
from bot.texts.hazards import Words
from bot.texts.vocabulary import BUTTONS, FAILED, PASSED

ALL = Words("全部{verb}", "{verb} all")
"""A button of a digest: done to every case that it lists."""
NOT_THIS = Words("不是，是 {case} {place}", "No, it is {case} {place}")
ANY_OF = Words("{case} {place}", "{case} {place}")
"""Buttons of a question: another case than the one that was asked about, or one of several."""
_LABEL = 60


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


def question_buttons(
    question: int, language: str, *, sure: bool = True, others: Sequence[tuple[int, str]] = ()
) -> tuple[tuple[Button, ...], ...]:
    """Yes and no to a question, and a row for each other case (number, place) it may be about.

    Not `sure` which case it is there is no plain yes: one has to be chosen.
    """
    yes, no = (
        Button(BUTTONS[verb].in_language(language), encode(Press(verb, question, 0)))
        for verb in (Verb.CONFIRM, Verb.CANCEL)
    )
    label = NOT_THIS if sure else ANY_OF
    choices = [
        Button(
            label.in_language(language).format(case=f"#{number}", place=place)[:_LABEL],
            encode(Press(Verb.CONFIRM, question, 0, str(number))),
        )
        for number, place in others
    ]
    first = ((yes, no),) if sure else ()
    last = () if sure else ((no,),)
    return (*first, *((choice,) for choice in choices), *last)


def undo_button(case: Case, language: str) -> Button:
    """Takes back the change that led to this state of the case."""
    return _button(Verb.UNDO, case, language)
