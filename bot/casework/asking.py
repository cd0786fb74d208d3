"""Read-backs: what is asked before it is done, and done on the same person's word.

A question is a row.  It is answered once, by whom it was put to, in the chat where it was put,
within a minute; if its case has changed meanwhile it is put anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.casework.answer import Answer
from bot.casework.core import Core
from bot.domain.case import Case
from bot.domain.command import Command, Verb
from bot.domain.error import Refused
from bot.ports import Question, Tx
from bot.texts.wording import Wording

ANSWERED_WITHIN_MS = 60_000


async def ask(
    core: Core,
    tx: Tx,
    command: Command,
    cases: Sequence[Case],
    key: str,
    params: Mapping[str, Any],
    language: str,
) -> Answer:
    """Put `command` off until its person says yes; `key` is the sentence that asks."""
    now = core.clock()
    place = command.chat.key if command.chat else ""
    kept = {name: value for name, value in command.args.items() if name in _KEPT}
    question = Question(
        id=0,
        chat=place,
        member=command.actor.id,
        verb=command.verb.value,
        cases=tuple(case.number for case in cases),
        seqs=tuple(case.seq for case in cases),
        reason=command.reason,
        args=kept,
        asked_at=now,
        expires_at=now + ANSWERED_WITHIN_MS,
    )
    id = await tx.ask(question)
    site = core.people.config.site(cases[0].site) if cases else None
    text = Wording(core.people.config, language, site).say(key, now=now, **params)
    return Answer(True, key, {"question": id}, question.cases, text=text)


async def redeem(core: Core, tx: Tx, command: Command) -> Question:
    """The question that this word answers, now used up; raises `Refused`."""
    question = await _asked(tx, command)
    if question is None:
        raise Refused("refused.no_question")
    if question.member != command.actor.id:
        raise Refused("refused.not_asked", who=question.member)
    if question.answered_at is not None:
        raise Refused("refused.answered")
    if core.clock() > question.expires_at:
        raise Refused("refused.question_over")
    await tx.answer(question.id, core.clock())
    return question


async def cancel(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """No: nothing is done."""
    question = await redeem(core, tx, command)
    text = Wording(core.people.config, language).say("cancel.done")
    return Answer(True, "cancel.done", cases=question.cases, text=text)


def as_asked(command: Command, question: Question) -> Command:
    """What the yes to a question stands for."""
    return replace(
        command,
        verb=Verb(question.verb),
        cases=question.cases,
        reason=question.reason,
        args={**command.args, **question.args, _CONFIRMED: question.id},
        seq=None,
    )


def is_confirmed(command: Command) -> bool:
    """Whether its person has said yes to the read-back."""
    return _CONFIRMED in command.args


async def _asked(tx: Tx, command: Command) -> Question | None:
    """By its button the question itself, by a word the last one put to this person here."""
    here = command.chat.key if command.chat else ""
    if id := command.args.get("question"):
        question = await tx.question(int(id))
        return question if question is not None and question.chat == here else None
    return await tx.last_question(here, command.actor.id)


_KEPT = frozenset({"digest", "member", "account", "speaker", "recording", "seconds", "force"})
"""Arguments of a command that its execution needs later."""

_CONFIRMED = "confirmed"
