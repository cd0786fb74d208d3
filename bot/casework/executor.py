"""The one executor: checks rights, decides, writes, answers - each command id once.

The command's id, the transition, the audit entry, the mark on the inbox row and the answer are one
transaction.  A repeat of an id is given the first answer again and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework import acts, asking, digests
from bot.casework.answer import Answer, Reply, from_json, to_json
from bot.casework.core import Core
from bot.casework.freshness import require_fresh
from bot.casework.hooks import tell_hooks
from bot.casework.people import DEACTIVATED
from bot.domain import machine, rights
from bot.domain.case import Case, Event, State
from bot.domain.command import CASE_VERBS, Command, Verb
from bot.domain.error import Conflict, NotFound, Refused, Unavailable
from bot.ports import Copy, Entry, Outgoing, Snapshot, Tx
from bot.texts.buttons import question_buttons, undo_button
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
        pressed = await self._pressed(reply)
        async with self._core.store.begin() as tx:
            if answered := await self._answered(tx, command, inbox_row):
                return answered
            answer = await self._refuse(tx, command, refused, reply.language)
            await self._finish(tx, command, answer, reply, inbox_row)
            await self._repair(tx, command, pressed)
            return answer

    async def add_evidence(self, command: Command, inbox_row: int | None) -> None:
        """Another picture for a case, without a word (the rest of an album)."""
        now = self._core.clock()
        async with self._core.store.begin() as tx:
            case = await tx.case(command.cases[0])
            if case is not None and not await tx.known_command(command.id):
                await self._keep_picture(tx, command, case, now)
                data = {"pictures": list(command.args.get("pictures", ()))}
                entry = Entry(now, Event.EVIDENCE.value, command.actor.id, data)
                await tx.add_entry(case.number, entry)
                event = entry.event
                await tell_hooks(self._core, tx, case, event, command.actor, now, data=data)
                answer = Answer(True, "done.evidence", {}, command.cases)
                await self._finish(tx, command, answer, None, inbox_row)
            elif inbox_row is not None:
                await tx.finish_incoming(inbox_row, now)

    async def let_pass(self, inbox_row: int) -> None:
        """What came in asks for nothing."""
        async with self._core.store.begin() as tx:
            await tx.finish_incoming(inbox_row, self._core.clock())

    async def _once(self, command: Command, reply: Reply | None, inbox_row: int | None) -> Answer:
        language = reply.language if reply else self._core.people.config.language
        looked = await self._look(command, language)
        pressed = await self._pressed(reply)
        async with self._core.store.begin() as tx:
            if answered := await self._answered(tx, command, inbox_row):
                return answered
            if reply and reply.adopt and command.cases:
                await self._adopt(tx, command, reply)
            try:
                await self._require_active(tx, command)
                answer = await self._decide(tx, command, language, looked)
            except (Refused, NotFound) as refused:
                answer = await self._refuse(tx, command, refused, language)
            if answer.ok and command.args.get("pictures_lost"):
                lost = Wording(self._core.people.config, language).say("photo.lost")
                answer = replace(answer, text=f"{answer.text}\n{lost}")
            await self._finish(tx, command, answer, reply, inbox_row, about=_about(command, answer))
            await self._repair(tx, command, pressed)
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

    async def _require_active(self, tx: Tx, command: Command) -> None:
        """Nobody acts who was shut out, however lately and by whichever process."""
        member = command.actor.member
        if member is not None and await tx.learned(DEACTIVATED, member) is not None:
            self._core.people.deactivate(member)
            raise Refused(
                "refused.stranger_press" if command.seq is not None else "refused.stranger"
            )

    async def _look(self, command: Command, language: str) -> _Looked:
        """What is only looked at, before the transaction: a chart must hold up no report."""
        if command.verb in _ACTING:
            return None
        try:
            text, picture = await self._looks.look(command, language)
        except (Refused, NotFound) as refused:
            return refused
        shown = {"picture": picture} if picture else {}
        return Answer(True, f"look.{command.verb}", shown, command.cases, text=text)

    async def _decide(self, tx: Tx, command: Command, language: str, looked: _Looked) -> Answer:
        if isinstance(looked, Answer):
            return looked
        if looked is not None:
            raise looked
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
        return await self._on_cases(tx, asking.as_asked(command, question), language)

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
        undo = any(answer.key in _UNDOABLE for answer in done)
        lines = [answer.text for answer in answers]
        if "digest" in command.args:
            lines = [digests.summary(self._core, command, answers, language, undo=undo)]
        elif undo:
            lines.append(Wording(self._core.people.config, language).say("undo.hint"))
        return Answer(
            ok=len(done) == len(answers),
            key=f"done.{command.verb}",
            cases=tuple(answer.cases[0] for answer in done) or numbers,
            text="\n".join(lines),
        )

    async def _on_case(
        self, tx: Tx, command: Command, number: int, language: str, several: bool
    ) -> Answer:
        core, now = self._core, self._core.clock()
        case = await tx.case(number)
        if case is None:
            raise NotFound("refused.unknown_case", case=number)
        try:
            self._require_right(command, case)
            if command.verb is Verb.ASSIGN:
                self._require_assignable(command, case)
            if command.verb is Verb.CLOSE and "digest" in command.args:
                digests.require_general(case)
            require_fresh(command, case, now)
            change = machine.decide(case, command, now, core.response(case), core.has_party(case))
        except Refused as refused:
            if several:
                return await self._refuse(tx, replace(command, cases=(number,)), refused, language)
            raise
        after = await core.apply(tx, case, change, command.actor, now)
        await self._keep_picture(tx, command, after, now)
        key, params = _done(command, change.event, after)
        wording = Wording(core.people.config, language, core.people.config.site(after.site))
        text = wording.say(key, now=now, **{**params, "undo": key in _UNDOABLE and not several})
        return Answer(True, key, {**params, "case": after.number}, (number,), after.state, text)

    async def _last_own(self, tx: Tx, command: Command) -> tuple[int, ...]:
        """Undo without a number: the cases of one's own last act."""
        last = await tx.learned(LAST_ACT, command.actor.id)
        since = self._core.clock() - machine.UNDO_WITHIN_MS
        if command.verb is not Verb.UNDO or last is None or last["at"] < since:
            raise Refused("refused.nothing_to_undo")
        return tuple(last["cases"])

    async def _remember(self, tx: Tx, command: Command, numbers: list[int]) -> None:
        """What 撤销 alone would take back; having taken it back, nothing."""
        if command.verb is Verb.UNDO:
            await tx.forget(LAST_ACT, command.actor.id)
        elif command.verb is not Verb.DISPUTE:
            last = {"cases": numbers, "at": self._core.clock()}
            await tx.learn(LAST_ACT, command.actor.id, last)

    def _require_right(self, command: Command, case: Case) -> None:
        people = self._core.people
        member = people.active(command.actor.id)
        if member is None:
            raise Refused("refused.stranger")
        if people.is_party_act(member, command.verb, case):
            return
        role = people.config.role_of(member.id, case.site)
        if role is None:
            own = people.member_sites(member)
            raise Refused("refused.other_site", case=case.number, site=case.site, own=own)
        photo = bool(command.args.get("pictures"))
        rights.require(role, command.verb, case, member.id, photo=photo)

    def _require_assignable(self, command: Command, case: Case) -> None:
        """A case is given only to somebody who has a role on its site."""
        people = self._core.people
        wanted = str(command.args.get("member") or "")
        here = [m for m in people.config.members_for(case.site) if people.active(m.id)]
        if wanted and wanted not in [member.id for member in here]:
            names = [member.name for member in here]
            raise Refused("refused.no_such_member", case=case.number, text=wanted, names=names)

    async def _refuse(
        self, tx: Tx, command: Command, refused: Refused | NotFound, language: str
    ) -> Answer:
        """The refusal in words, and on record where it concerns a case."""
        core, params = self._core, dict(refused.params)
        number = command.cases[0] if len(command.cases) == 1 else None
        case = await tx.case(number) if number is not None else None
        if case is not None:
            params.setdefault("case", case.number)
            params.setdefault("able", core.people.able(command.verb, case))
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

    async def _finish(
        self,
        tx: Tx,
        command: Command,
        answer: Answer,
        reply: Reply | None,
        inbox_row: int | None,
        *,
        about: int | None = None,
    ) -> None:
        """Keep the answer with the command, and give it; `about`: what a reply to it means."""
        now = self._core.clock()
        kept = to_json(answer) | {"content": command.content}
        await tx.add_command(command.id, command.actor.id, command.verb, command.cases, kept, now)
        if inbox_row is not None:
            await tx.finish_incoming(inbox_row, now)
        if reply is not None:
            rows = await self._replies(tx, command, answer, reply, now)
            await tx.send(*[_with_case(row, about) for row in rows])

    async def _replies(
        self, tx: Tx, command: Command, answer: Answer, reply: Reply, now: int
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
                "buttons": await self._buttons(tx, answer, reply.language),
                "picture": answer.params.get("picture"),
            }
            rows.append(_answer("text", reply, payload, now))
        return rows

    async def _buttons(self, tx: Tx, answer: Answer, language: str) -> list[list[list[str]]]:
        if question := answer.params.get("question"):
            return [[[one.label, one.data] for one in question_buttons(question, language)]]
        if not answer.ok or len(answer.cases) != 1 or answer.key not in _UNDOABLE:
            return []
        case = await tx.case(answer.cases[0])
        if case is None:
            return []
        button = undo_button(case, language)
        return [[[button.label, button.data]]]

    async def _keep_picture(self, tx: Tx, command: Command, case: Case, now: int) -> None:
        """The photo that came with the words is the picture after."""
        for sha in command.args.get("pictures", ()):
            kind = "after" if command.verb in _AFTER else "evidence"
            await tx.add_snapshot(Snapshot(case.number, kind, sha, now, command.actor.id))

    async def _adopt(self, tx: Tx, command: Command, reply: Reply) -> None:
        """A message of ours that we did not know we had sent shows this case, or this digest."""
        if digest := command.args.get("digest"):
            now = self._core.clock()
            await tx.add_digest_copy(int(digest), reply.chat, reply.adopt or "", True, 0, now)
            return
        case = await tx.case(command.cases[0])
        copy = await tx.add_copy(command.cases[0], reply.chat, reply.adopt or "", True, 0)
        if case is not None and copy.shown < case.version:
            await tx.want(case.number, case.version, self._core.clock())

    async def _pressed(self, reply: Reply | None) -> Copy | None:
        """The card whose button was pressed."""
        if reply is None or reply.press_id is None or reply.reply_to is None:
            return None
        return await self._core.store.copy_at(reply.chat, reply.reply_to)

    async def _repair(self, tx: Tx, command: Command, pressed: Copy | None) -> None:
        """A card that tells an old state is edited again when somebody touches it.

        Its last edit may have died long ago: with the chat that had put us out for a while.
        """
        if pressed is None or pressed.lost or pressed.case not in command.cases:
            return
        case = await tx.case(pressed.case)
        if case is not None and pressed.shown < case.version:
            await tx.want(case.number, case.version, self._core.clock())


_ACTS = {**acts.ACTS, Verb.CANCEL: asking.cancel, Verb.CARD: digests.card}
_ACTING = CASE_VERBS | _ACTS.keys() | {Verb.CONFIRM}
"""Verbs that do something, and are carried out in the transaction."""

UNRESOLVED = "unresolved"
"""Argument under which stand the numbers that name no case here, each with its refusal."""

LAST_ACT = "last_act"
"""Kind under which a member's last act is kept: which cases it changed, and when."""

_AFTER = frozenset({Verb.RECTIFIED, Verb.CLOSE, Verb.VERIFY})
_UNDOABLE = frozenset(
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


def _about(command: Command, answer: Answer) -> int | None:
    """The one case that an answer is about; several were asked for: none."""
    several = len(command.cases) > 1 or UNRESOLVED in command.args
    return answer.cases[0] if len(answer.cases) == 1 and not several else None


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
