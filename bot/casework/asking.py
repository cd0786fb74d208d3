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
from bot.casework.heard import HEARD
from bot.domain.case import Case
from bot.domain.command import CASE_VERBS, Command, Verb
from bot.domain.error import Refused
from bot.ports import Question, Tx
from bot.texts.wording import Wording

ANSWERED_WITHIN_MS = 60_000
_HEARD_WITHIN_MS = 30_000
"""How long after that a word that was said in time may still be on its way to us."""
_REMEMBERED_MS = 10 * 60_000
"""How long after that a word may still be about a question that is over."""
_CLOCKS_APART_MS = 2_000
"""A platform tells times in whole seconds, and by its own clock."""


async def ask(
    core: Core,
    tx: Tx,
    command: Command,
    cases: Sequence[Case],
    key: str,
    params: Mapping[str, Any],
    language: str,
    *,
    others: Sequence[Case] = (),
) -> Answer:
    """Put `command` off until its person says yes; `key` is the sentence that asks.

    `others` may be chosen instead of `cases`, by a button each; without `cases` one must be.
    """
    now = core.clock()
    place = command.chat.key if command.chat else ""
    kept = {name: value for name, value in command.args.items() if name in _KEPT}
    if not cases and HEARD in command.args:  # nobody knows yet which case it concerns
        kept[HEARD] = command.args[HEARD]
    if others:
        kept[_OTHERS] = {str(case.number): case.seq for case in others}
    question = Question(
        id=0,
        chat=place,
        member=command.actor.id,
        verb=command.verb.value,
        cases=tuple(case.number for case in cases),
        seqs=tuple(case.seq for case in cases),
        reason=command.reason,
        args={**kept, _PASSED: command.passed},
        asked_at=now,
        expires_at=now + ANSWERED_WITHIN_MS,
    )
    id = await tx.ask(question)
    site = core.people.config.site(cases[0].site) if cases else None
    text = Wording(core.people.config, language, site).say(key, now=now, **params)
    shown = {"question": id, "others": tuple(others), "sure": bool(cases) or not others}
    return Answer(True, key, shown, question.cases, text=text)


async def redeem(core: Core, tx: Tx, command: Command) -> Question:
    """The question that this word answers, now used up; raises `Refused`."""
    question = await _asked(core, tx, command)
    if question is None:
        raise Refused("refused.no_question")
    if question.member != command.actor.id:
        raise Refused("refused.not_asked", who=question.member)
    if question.answered_at is not None:
        raise Refused("refused.answered")
    _require_in_time(question, command, core.clock())
    if command.verb is Verb.CONFIRM:
        question = _chosen(question, command)
    await tx.answer(question.id, core.clock())
    return question


async def cancel(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """No: nothing is done."""
    question = await redeem(core, tx, command)
    text = Wording(core.people.config, language).say("cancel.done")
    return Answer(True, "cancel.done", cases=question.cases, text=text)


def as_asked(command: Command, question: Question) -> Command:
    """What the yes to a question stands for."""
    kept = {name: value for name, value in question.args.items() if name not in (_OTHERS, _PASSED)}
    return replace(
        command,
        verb=Verb(question.verb),
        cases=question.cases,
        reason=question.reason,
        passed=bool(question.args.get(_PASSED, True)),
        args={**command.args, **kept, _CONFIRMED: question.id},
        seq=None,
    )


async def asked_about(tx: Tx, question: Question) -> list[Case]:
    """The cases that were asked about one by one, as they are now; of a digest none."""
    if Verb(question.verb) not in CASE_VERBS or "digest" in question.args:
        return []
    return [case for number in question.cases if (case := await tx.case(number)) is not None]


def have_changed(question: Question, cases: Sequence[Case]) -> list[Case]:
    """Those of them on which anything was decided since."""
    seqs = dict(zip(question.cases, question.seqs, strict=True))
    return [case for case in cases if case.seq != seqs[case.number]]


def is_confirmed(command: Command) -> bool:
    """Whether its person has said yes to the read-back."""
    return _CONFIRMED in command.args


def confirmed(command: Command) -> Command:
    """The command as it will be after the yes, to see what would become of it."""
    return replace(command, args={**command.args, _CONFIRMED: 0})


def _require_in_time(question: Question, command: Command, now: int) -> None:
    """A word counts from the asking on, for a minute; it may need a while to be heard."""
    said_at = command.sent_at or now
    late = said_at > question.expires_at or now > question.expires_at + _HEARD_WITHIN_MS
    if late:
        raise Refused("refused.question_over")
    if said_at + _CLOCKS_APART_MS < question.asked_at:
        raise Refused("refused.said_before")


def _chosen(question: Question, command: Command) -> Question:
    """With the case whose own button was pressed; a question without a case wants one."""
    others: Mapping[str, int] = question.args.get(_OTHERS, {})
    chosen = command.args.get("chosen")
    if chosen is None:
        if others and not question.cases:
            raise Refused("refused.choose")
        return question
    if str(chosen) not in others:
        raise Refused("refused.forged")
    return replace(question, cases=(int(chosen),), seqs=(others[str(chosen)],))


async def _asked(core: Core, tx: Tx, command: Command) -> Question | None:
    """By its button the question itself; by a word the one that waits for this person here."""
    here = command.chat.key if command.chat else ""
    if id := command.args.get("question"):
        question = await tx.question(int(id))
        return question if question is not None and question.chat == here else None
    now, who = core.clock(), command.actor.id
    waited = await tx.waiting_questions(here, who, min(command.sent_at or now, now))
    waiting = [one for one in waited if now <= one.expires_at + _HEARD_WITHIN_MS]
    if len(waiting) > 1:
        raise Refused("refused.which_question", count=len(waiting))
    last = waiting[0] if waiting else await tx.last_question(here, who)
    return last if last is not None and now <= last.expires_at + _REMEMBERED_MS else None


_KEPT = frozenset(
    {
        *("digest", "member", "account", "speaker", "recording", "seconds", "force"),
        *("place", "minutes", "text", "pictures"),
    }
)
"""Arguments of a command that its execution needs later."""

_CONFIRMED = "confirmed"
_OTHERS = "others"
_PASSED = "passed"
