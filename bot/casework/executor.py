"""The one executor: checks rights, decides, writes, answers - each command id once.

The command's id, the transition, the audit entry, the mark on the inbox row and the answer are one
transaction.  A repeat of an id is given the first answer again and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.casework import (
    acts,
    asking,
    copies,
    digests,
    entitled,
    heard,
    lighting,
    readback,
    talking,
)
from bot.casework.answer import Answer, Reply, from_json
from bot.casework.core import Core
from bot.casework.freshness import require_fresh
from bot.casework.hooks import tell_hooks
from bot.casework.replying import UNDOABLE, finish
from bot.domain import machine
from bot.domain.case import Case, Event, State
from bot.domain.command import CASE_VERBS, Command, Verb
from bot.domain.error import Conflict, NotFound, Refused, Unavailable
from bot.ports import Entry, Snapshot, Tx
from bot.texts.wording import Wording

log = logging.getLogger(__name__)

_TRIES = 3

_Looked = Answer | Refused | NotFound | None


class Casework:
    """Carries out what people want."""

    def __init__(self, core: Core, looks: acts.Looks) -> None:
        self._core = core
        self._looks = looks

    async def carry_out(
        self, command: Command, *, reply: Reply | None = None, inbox_row: int | None = None
    ) -> Answer:
        """Do it once, or say why not.

        Raises `Conflict` for another command under a known id, and `Unavailable` if the database
        cannot be written.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._once(command, reply, inbox_row)
            except Conflict:
                raise
            except Exception as exc:  # engines differ in their errors; a lost race is done again
                if attempt == _TRIES:
                    raise Unavailable(f"command {command.id} failed: {exc!r}") from exc
                log.info("command %s is tried again: %r", command.id, exc)
        raise AssertionError("unreachable")

    async def turn_away(
        self,
        command: Command,
        refused: Refused | NotFound,
        *,
        reply: Reply,
        inbox_row: int | None = None,
    ) -> Answer:
        """Refuse before it became a command on a case: a stranger, an unknown number."""
        pressed = await copies.pressed(self._core, reply)
        async with self._core.store.begin() as tx:
            if answered := await self._answered(tx, command, inbox_row):
                return answered
            answer = await self._refuse(tx, command, refused, reply.language)
            await finish(self._core, tx, command, answer, reply, inbox_row)
            await copies.repair(self._core, tx, command, pressed)
            return answer

    async def add_evidence(self, command: Command, inbox_row: int | None) -> None:
        """Another picture for a case, without a word (the rest of an album)."""
        now = self._core.clock()
        async with self._core.store.begin() as tx:
            case = await tx.case(command.cases[0])
            if case is not None and not await tx.known_command(command.id):
                await _keep_picture(tx, command, case, now)
                data = {"pictures": list(command.args.get("pictures", ()))}
                entry = Entry(now, Event.EVIDENCE.value, command.actor.id, data)
                await tx.add_entry(case.number, entry)
                event = entry.event
                await tell_hooks(self._core, tx, case, event, command.actor, now, data=data)
                answer = Answer(True, "done.evidence", {}, command.cases)
                await finish(self._core, tx, command, answer, None, inbox_row)
            elif inbox_row is not None:
                await tx.finish_incoming(inbox_row, now)

    async def let_pass(self, inbox_row: int) -> None:
        """What came in asks for nothing."""
        async with self._core.store.begin() as tx:
            await tx.finish_incoming(inbox_row, self._core.clock())

    async def _once(self, command: Command, reply: Reply | None, inbox_row: int | None) -> Answer:
        language = reply.language if reply else self._core.people.config.language
        looked = await self._look(command, language)
        pressed = await copies.pressed(self._core, reply)
        async with self._core.store.begin() as tx:
            if answered := await self._answered(tx, command, inbox_row):
                return answered
            if reply and reply.adopt and command.cases:
                await copies.adopt(self._core, tx, command, reply)
            try:
                await entitled.require_active(self._core, tx, command)
                answer = await self._decide(tx, command, language, looked)
            except (Refused, NotFound) as refused:
                answer = await self._refuse(tx, command, refused, language)
            if command.verb in _ACTING:
                cases = answer.cases or command.cases
                await heard.keep(tx, command, cases, self._core.clock())
            if answer.ok and command.args.get("pictures_lost"):
                lost = Wording(self._core.people.config, language).say("photo.lost")
                answer = replace(answer, text=f"{answer.text}\n{lost}")
            await finish(
                self._core, tx, command, answer, reply, inbox_row, about=_about(command, answer)
            )
            await copies.repair(self._core, tx, command, pressed)
            return answer

    async def _answered(self, tx: Tx, command: Command, inbox_row: int | None) -> Answer | None:
        """What this id was answered before: told again, nothing is done again."""
        known = await tx.known_command(command.id)
        if known is None:
            return None
        if known.answer.get("content", "") != command.content:
            raise Conflict(command.id)
        if inbox_row is not None:
            await tx.finish_incoming(inbox_row, self._core.clock())
        return from_json(known.answer)

    async def _look(self, command: Command, language: str) -> _Looked:
        """What is only looked at, before the transaction: a chart must hold up no report.

        What is to be read back is looked at too: how it would go.
        """
        if readback.wish_of(command) is not None:
            return await self._rehearse(command, language)
        if command.verb in _ACTING:
            return None
        try:
            text, picture = await self._looks.look(command, language)
        except (Refused, NotFound) as refused:
            return refused
        shown = {"picture": picture} if picture else {}
        return Answer(True, f"look.{command.verb}", shown, command.cases, text=text)

    async def _rehearse(self, command: Command, language: str) -> _Looked:
        async def act(tx: Tx, tried: Command) -> Answer:
            await entitled.require_active(self._core, tx, tried)
            return await self._decide(tx, tried, language, None)

        return await readback.rehearse(self._core, command, act)

    async def _decide(self, tx: Tx, command: Command, language: str, looked: _Looked) -> Answer:
        if isinstance(looked, Refused | NotFound):
            raise looked
        if looked is not None and looked.ok and readback.wish_of(command) is not None:
            return await readback.read_back(self._core, tx, command, looked, language)
        if looked is not None:
            return looked
        if act := _ACTS.get(command.verb):
            return await act(self._core, tx, command, language)
        if command.verb is Verb.CONFIRM:
            return await self._confirmed(tx, command, language)
        if command.verb is Verb.CLOSE and "digest" in command.args:
            return await digests.ask_to_close(self._core, tx, command, language)
        return await self._on_cases(tx, command, language)

    async def _confirmed(self, tx: Tx, command: Command, language: str) -> Answer:
        """The yes to a question: what was asked is done, as far as it still holds."""
        question = await asking.redeem(self._core, tx, command)
        asked, cases = asking.as_asked(command, question), await asking.asked_about(tx, question)
        if changed := asking.have_changed(question, cases):
            answer = await self._asked_anew(tx, asked, cases, changed, language)
        else:
            answer = await self._as_asked(tx, asked, language)
        if heard.HEARD in question.args:  # nobody knew then which case it concerned
            await heard.keep(tx, asked, answer.cases, self._core.clock())
        return answer

    async def _as_asked(self, tx: Tx, asked: Command, language: str) -> Answer:
        if act := _ACTS.get(asked.verb):
            return await act(self._core, tx, asked, language)
        return await self._on_cases(tx, asked, language)

    async def _asked_anew(
        self, tx: Tx, asked: Command, cases: list[Case], changed: list[Case], language: str
    ) -> Answer:
        """Some have changed since it was asked: those are left for which it is out of question."""
        core, now, fit = self._core, self._core.clock(), list[Case]()
        out_of_question: Refused | None = None
        for case in cases:
            try:
                entitled.require_right(core, asked, case)
                machine.decide(case, asked, now, core.response(case), core.has_party(case))
                fit.append(case)
            except Refused as refused:
                out_of_question = out_of_question or refused
        if out_of_question is not None and not fit:
            raise out_of_question
        return await readback.ask_anew(core, tx, asked, fit, changed, language)

    async def _on_cases(self, tx: Tx, command: Command, language: str) -> Answer:
        """One answer, or with several cases a line for each; what was done can be undone whole."""
        numbers = command.cases or await self._last_own(tx, command)
        unresolved = command.args.get(UNRESOLVED, ())
        several = len(numbers) + len(unresolved) > 1
        answers = [await self._on_case(tx, command, n, language, several) for n in numbers]
        for number, refused in unresolved:
            one = replace(command, cases=(number,))
            answers.append(await self._refuse(tx, one, refused, language))
        done = [answer for answer in answers if answer.ok]
        if done:
            await self._remember(tx, command, [answer.cases[0] for answer in done])
        if len(answers) == 1:
            return answers[0]
        undo = any(answer.key in UNDOABLE for answer in done)
        lines = [answer.text for answer in answers]
        if "digest" in command.args:
            lines = [digests.summary(self._core, command, answers, language, undo=undo)]
        elif undo:
            lines.append(Wording(self._core.people.config, language).say("undo.hint"))
        left = [answer.text for answer in answers if not answer.ok]
        return Answer(
            ok=not left,
            key=f"done.{command.verb}",
            params={"left": left} if done and left else {},
            cases=tuple(answer.cases[0] for answer in done) or numbers,
            text="\n".join(lines),
        )

    async def _on_case(
        self, tx: Tx, command: Command, number: int, language: str, several: bool
    ) -> Answer:
        core, now = self._core, self._core.clock()
        case = await tx.case(number)
        if case is None or case.house:
            raise NotFound("refused.unknown_case", case=number)
        try:
            entitled.require_right(core, command, case)
            if command.verb is Verb.ASSIGN:
                entitled.require_assignable(core, command, case)
            if command.verb is Verb.CLOSE and "digest" in command.args:
                digests.require_general(case)
            require_fresh(command, case, now)
            change = machine.decide(case, command, now, core.response(case), core.has_party(case))
        except Refused as refused:
            if several:
                return await self._refuse(tx, replace(command, cases=(number,)), refused, language)
            raise
        after = await core.apply(tx, case, change, command.actor, now)
        await _keep_picture(tx, command, after, now)
        key, params = _done(command, change.event, after)
        wording = Wording(core.people.config, language, core.people.config.site(after.site))
        text = wording.say(key, now=now, **{**params, "undo": key in UNDOABLE and not several})
        return Answer(True, key, {**params, "case": after.number}, (number,), after.state, text)

    async def _last_own(self, tx: Tx, command: Command) -> tuple[int, ...]:
        """Undo without a number: the cases of one's own last act."""
        last = await tx.learned(LAST_ACT, command.actor.id)
        since = self._core.clock() - machine.UNDO_WITHIN_MS
        if command.verb is not Verb.UNDO or last is None or last["at"] < since:
            raise Refused("refused.nothing_to_undo")
        only = command.chat.sites if command.chat else ()
        if only and not await _all_at(tx, last["cases"], only):
            raise Refused("refused.nothing_to_undo")
        return tuple(last["cases"])

    async def _remember(self, tx: Tx, command: Command, numbers: list[int]) -> None:
        """What 撤销 alone would take back; having taken it back, nothing."""
        if command.verb is Verb.UNDO:
            await tx.forget(LAST_ACT, command.actor.id)
        elif command.verb is not Verb.DISPUTE:
            last = {"cases": numbers, "at": self._core.clock()}
            await tx.learn(LAST_ACT, command.actor.id, last)

    async def _refuse(
        self, tx: Tx, command: Command, refused: Refused | NotFound, language: str
    ) -> Answer:
        """The refusal in words, and on record where it concerns a case."""
        core, params = self._core, dict(refused.params)
        number = command.cases[0] if len(command.cases) == 1 else None
        case = await tx.case(number) if number is not None else None
        if case is not None:
            params.setdefault("case", case.number)
            params.setdefault("able", core.people.able(command.verb, case, command.actor.id))
            data = {"verb": command.verb.value, "why": refused.key}
            entry = Entry(core.clock(), "refused", command.actor.id, data)
            await tx.add_entry(case.number, entry)
        params.setdefault("verb", command.verb)
        params.setdefault("n", number)
        params.setdefault("case", number)
        site = core.people.config.site(case.site) if case else None
        wording = Wording(core.people.config, language, site)
        text = wording.say(refused.key, now=core.clock(), **params)
        state = case.state.value if case else None
        return Answer(False, refused.key, params, command.cases, state, text)


_ACTS = {
    **acts.ACTS,
    Verb.SAY: talking.say,
    Verb.LIGHT: lighting.light,
    Verb.CANCEL: asking.cancel,
    Verb.CARD: digests.card,
}
_ACTING = CASE_VERBS | _ACTS.keys() | {Verb.CONFIRM}
"""Verbs that do something, and are carried out in the transaction."""

UNRESOLVED = "unresolved"
"""Argument under which stand the numbers that name no case here, each with its refusal."""

LAST_ACT = "last_act"
"""Kind under which a member's last act is kept: which cases it changed, and when."""

_AFTER = frozenset({Verb.RECTIFIED, Verb.CLOSE, Verb.VERIFY})


def _done(command: Command, event: Event, after: Case) -> tuple[str, dict[str, Any]]:
    """Which sentence tells what was done."""
    key = f"done.{command.verb.value}"
    if event is Event.RECTIFIED and after.state is State.RECTIFIED:
        key = "done.rectified_to_verify"
    elif event is Event.VERIFY_FAILED:
        key = "done.verify_failed"
    elif event is Event.WORK_ORDER:
        key = "done.work_order"
    params: dict[str, Any] = {
        "who": command.actor.id,
        "case": after,
        "reason": command.reason,
        "state": after.state,
        "outcome": after.outcome,
        "member": command.args.get("member"),
    }
    return key, params


async def _keep_picture(tx: Tx, command: Command, case: Case, now: int) -> None:
    """The photo that came with the words is the picture after."""
    for sha in command.args.get("pictures", ()):
        kind = "after" if command.verb in _AFTER else "evidence"
        await tx.add_snapshot(Snapshot(case.number, kind, sha, now, command.actor.id))


async def _all_at(tx: Tx, numbers: Sequence[int], sites: Sequence[str]) -> bool:
    """Whether all these cases are at one of the sites."""
    cases = [await tx.case(number) for number in numbers]
    return all(case is not None and case.site in sites for case in cases)


def _about(command: Command, answer: Answer) -> int | None:
    """The one case that an answer is about; several were asked for: none."""
    several = len(command.cases) > 1 or UNRESOLVED in command.args
    return answer.cases[0] if len(answer.cases) == 1 and not several else None
