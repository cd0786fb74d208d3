"""What was answered, kept with its command and given to who asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework.answer import Answer, Reply, to_json
from bot.casework.core import Core
from bot.domain.command import CASE_VERBS, Command, Verb
from bot.ports import Outgoing, Tx
from bot.texts.buttons import question_buttons, undo_button
from bot.texts.wording import Wording

SAID = "said"
"""Argument of a command that was spoken: the words."""

UNDOABLE = frozenset(
    {
        "done.acknowledge",
        "done.arrive",
        "done.rectified",
        "done.rectified_to_verify",
        "done.verify",
        "done.verify_failed",
        "done.close",
        "done.escalate",
        "done.work_order",
        "done.false_alarm",
        "done.reopen",
        "done.assign",
    }
)
"""What can be taken back, by the keys of the answers that say it was done."""


async def finish(
    core: Core,
    tx: Tx,
    command: Command,
    answer: Answer,
    reply: Reply | None,
    inbox_row: int | None,
    *,
    about: int | None = None,
) -> None:
    """Keep the answer with the command, and give it; `about`: what a reply to it means."""
    now = core.clock()
    kept = kept_answer(answer, command)
    await tx.add_command(command.id, command.actor.id, command.verb, command.cases, kept, now)
    if inbox_row is not None:
        await tx.finish_incoming(inbox_row, now)
    if reply is not None and not reply.fetched:
        rows = await _replies(core, tx, command, answer, reply, now)
        await tx.send(*[_with_case(row, about) for row in rows])


def kept_answer(answer: Answer, command: Command) -> dict[str, Any]:
    """What is kept of an answer with its command: also what was asked for, and heard."""
    return {
        **to_json(answer),
        "content": command.content,
        "verb": command.verb.value,
        "heard": command.args.get(SAID, ""),
    }


async def _replies(
    core: Core, tx: Tx, command: Command, answer: Answer, reply: Reply, now: int
) -> list[Outgoing]:
    """A toast for a press, a message for words; what is asked in the group is told there."""
    rows: list[Outgoing] = []
    if reply.press_id is not None:
        payload = {"press_id": reply.press_id, "text": answer.text, "alert": not answer.ok}
        rows.append(_answer("press", reply, payload, now))
    told = reply.press_id is None or (answer.ok and command.verb not in CASE_VERBS)
    if answer.ok and command.verb is Verb.CARD:
        told = False  # the card itself is the answer
    told = told or "question" in answer.params
    if told and answer.text and not reply.silent_refusal:
        payload: Mapping[str, Any] = {
            "text": answer.text,
            "reply_to": reply.reply_to,
            "buttons": await _buttons(core, tx, answer, reply.language),
            "picture": answer.params.get("picture"),
        }
        rows.append(_answer("text", reply, payload, now))
    return rows


def _places(core: Core, answer: Answer, language: str) -> list[tuple[int, str]]:
    """The cases that may be chosen, each with where it is."""
    wording = Wording(core.people.config, language)
    return [(case.number, wording.place(case)) for case in answer.params["others"]]


async def _buttons(core: Core, tx: Tx, answer: Answer, language: str) -> list[list[list[str]]]:
    if question := answer.params.get("question"):
        shown = question_buttons(
            question, language, sure=answer.params["sure"], others=_places(core, answer, language)
        )
        return [[[one.label, one.data] for one in row] for row in shown]
    if not answer.ok or len(answer.cases) != 1 or answer.key not in UNDOABLE:
        return []
    case = await tx.case(answer.cases[0])
    if case is None:
        return []
    button = undo_button(case, language)
    return [[[button.label, button.data]]]


def _with_case(row: Outgoing, about: int | None) -> Outgoing:
    """Words that know what a reply to them means, whatever they say."""
    if about is None or row.kind != "text":
        return row
    return replace(row, payload={**row.payload, "about": about})


def _answer(kind: Any, reply: Reply, payload: Mapping[str, Any], now: int) -> Outgoing:
    chat = reply.answer_in or reply.chat
    return Outgoing(
        kind=kind,
        target=chat.key,
        payload={**payload, "private": chat.private, "topic": chat.topic},
        due=now,
        lane="answer",
    )
