"""From a pressed button to a command: what stood on it is looked up, never believed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.casework import People
from bot.domain.callback import Press, decode
from bot.domain.case import Case
from bot.domain.command import CASE_VERBS, Command, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import Incoming
from bot.domain.site import Member
from bot.ports import Store
from handlers.commanding import ON_QUESTIONS, Meant, command_of, unknown_sender
from handlers.digests import cases_meant, digest_here

ON_BUTTONS = CASE_VERBS - {Verb.ASSIGN, Verb.DISPUTE} | {Verb.SAY, Verb.CARD} | ON_QUESTIONS
"""What a button of ours can mean; whatever else stands in its data is forged."""


class Presses:
    """Understands what is pressed."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    async def meant(self, incoming: Incoming, member: Member | None, received_at: int) -> Meant:
        """What the button stands for; a forged one is refused."""
        press = decode(incoming.data)
        if press is not None and press.verb not in ON_BUTTONS:
            press = None
        verb = press.verb if press else Verb.CASE
        numbers = (press.case,) if press else ()
        args: dict[str, Any] = {}
        command = command_of(incoming, member, verb, received_at, numbers, args=args)
        if press is None:
            return Meant(command, Refused("refused.forged"))
        if refused := unknown_sender(incoming, member, press=True):
            return Meant(command, refused)
        assert member is not None, "an unknown sender was refused"
        if press.verb in ON_QUESTIONS:
            args["question"] = press.case
            if press.extra:
                args["chosen"] = press.extra
            return Meant(command_of(incoming, member, verb, received_at, (), args=args))
        if press.extra == "all" or press.verb is Verb.CARD:
            return await self._pressed_on_digest(incoming, member, press, command)
        case = await self._store.get_case(press.case)
        copy = await self._store.copy_at(incoming.chat, incoming.reply_to or "")
        if case is None or (copy is not None and copy.case != press.case):
            return Meant(command, Refused("refused.forged"))
        if not self._people.shows(incoming.chat, member, case):
            return Meant(command, Refused("refused.not_here", case=case.number))
        if verb is Verb.SAY:
            args["speaker"] = self._speaker_of(case)
        adopt = incoming.reply_to if copy is None and verb is not Verb.UNDO else None
        pressed = command_of(
            incoming,
            member,
            verb,
            received_at,
            numbers,
            args=args,
            seq=press.seq,
            passed=press.extra != "failed",
        )
        return Meant(pressed, adopt=adopt)

    async def _pressed_on_digest(
        self, incoming: Incoming, member: Member, press: Press, command: Command
    ) -> Meant:
        """One of its cases is wanted as a card of its own, or all of them are meant."""
        named = press.extra.removeprefix("D")
        number = press.case if press.extra == "all" else int(named) if named.isdecimal() else 0
        message = incoming.reply_to
        try:
            digest = await digest_here(self._store, number, incoming.chat, message)
            if press.verb is Verb.CARD:
                cases = (press.case,) if press.case in digest.cases else ()
            else:
                where = (incoming.chat, member)
                cases = await cases_meant(self._store, self._people, digest, press.verb, *where)
        except (Refused, NotFound) as refused:
            return Meant(command, refused)
        if not cases:
            return Meant(command, Refused("refused.forged"))
        known = await self._store.copy_at(incoming.chat, message or "")
        args = {**command.args, "digest": number}
        meant = replace(command, cases=cases, args=args)
        return Meant(meant, adopt=message if known is None else None)

    def _speaker_of(self, case: Case) -> str:
        speakers = self._people.config.speakers_for(case.site, case.camera)
        return speakers[0].id if speakers else ""
