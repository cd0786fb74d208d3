"""What is done to all the cases of a digest at once, and the card of its own for one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.casework.answer import Answer
from bot.casework.asking import ask
from bot.casework.core import Core, card_row
from bot.domain import rights
from bot.domain.case import Case
from bot.domain.command import Command, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.hazard import Severity
from bot.ports import Outgoing, Tx
from bot.texts.wording import Wording


async def ask_to_close(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """Closing many at once is read back first: exactly the general cases that the digest lists."""
    number = int(command.args["digest"])
    found = [case for n in command.cases if (case := await tx.case(n)) is not None]
    cases = [case for case in found if may_be_closed_together(case)]
    if not cases:
        raise Refused("refused.digest_over", digest=number, verb=command.verb)
    _require_senior(core, command, cases, number)
    params = {
        "digest": number,
        "count": len(cases),
        "cases": cases,
        "verb": command.verb,
        "reason": command.reason,
    }
    return await ask(core, tx, command, cases, "ask.digest", params, language)


def may_be_closed_together(case: Case) -> bool:
    """Whether it is general and still to be seen to; what is graver is looked at by itself."""
    return case.live and case.severity is Severity.GENERAL


def require_general(case: Case) -> None:
    """Raise `Refused` where the case has become graver since it was asked about."""
    if case.severity is not Severity.GENERAL:
        raise Refused("refused.not_general", case=case.number)


async def card(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """The card of a case for this chat; where it has one already, a pointer to it."""
    if not command.cases or command.chat is None:
        raise Refused("refused.verb_needs_case", verb=command.verb)
    case = await tx.case(command.cases[0])
    if case is None:
        raise NotFound("refused.unknown_case", case=command.cases[0])
    member = core.people.active(command.actor.id)
    if member is None:
        raise Refused("refused.stranger")
    rights.require(core.people.config.role_of(member.id, case.site), Verb.CARD, case, member.id)
    configured = core.people.chat_config(command.chat)
    ref = core.people.ref_of(configured) if configured is not None else command.chat
    now = core.clock()
    copies = await core.store.copies(case.number)
    here = [copy for copy in copies if not copy.lost and copy.chat.id == ref.id]
    wording = Wording(core.people.config, language, core.people.config.site(case.site))
    key = "card.here" if here else "card.follows"
    text = wording.say(key, case=case)
    if here:
        payload = {"text": text, "reply_to": here[-1].message_id, "private": ref.private}
        await tx.send(Outgoing("text", ref.key, payload, now, lane="answer"))
    else:
        await tx.send(replace(card_row(case, ref, now, alone=True), lane="answer"))
    return Answer(True, key, {"case": case.number}, (case.number,), case.state.value, text)


def summary(
    core: Core, command: Command, answers: Sequence[Answer], language: str, *, undo: bool
) -> str:
    """What became of a digest's cases in one sentence, and which were left alone."""
    wording = Wording(core.people.config, language)
    done = [answer.cases[0] for answer in answers if answer.ok]
    not_done = [answer.cases[0] for answer in answers if not answer.ok]
    lines: list[str] = []
    if done:
        lines.append(
            wording.say(
                "done.digest",
                who=command.actor.id,
                verb=command.verb,
                digest=command.args["digest"],
                count=len(done),
                cases=done,
                undo=undo,
            )
        )
    if not_done:
        lines.append(wording.say("done.digest_not", cases=not_done))
    return "\n".join(lines)


def _require_senior(core: Core, command: Command, cases: Sequence[Case], digest: int) -> None:
    """Only a supervisor of all their sites closes cases by the dozen."""
    for site in {case.site for case in cases}:
        if core.people.config.role_of(command.actor.id, site) not in rights.SENIOR:
            able = core.people.able_at(site, rights.SENIOR)
            raise Refused("refused.digest_senior", digest=digest, able=able)
