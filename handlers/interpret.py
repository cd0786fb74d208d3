"""From what a person did in a chat to a command: who, which verb, which case.

Translates and resolves, but decides nothing: what may be done is the executor's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from bot.casework import READ_BACK, People, Wish
from bot.domain.callback import decode
from bot.domain.command import CASE_VERBS, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import ChatRef, Incoming
from bot.domain.site import Camera, Member, Speaker
from bot.ports import Pronounce, Store, spelt
from handlers.arguments import say_on_known
from handlers.commanding import (
    CONSOLE,
    ON_QUESTIONS,
    Meant,
    command_of,
    unknown_sender,
)
from handlers.digests import on_digest
from handlers.halfsaid import half_muted, half_said, names_us
from handlers.presses import Presses
from handlers.spoken.listening import Listener, is_said_of_that_case
from handlers.spoken.resolving import Meant as Chosen
from handlers.spoken.understanding import CHANGING
from handlers.voicenotes import awaited
from handlers.whichcase import SHOWING, WhichCase
from handlers.words import Utterance, parse

OPEN_TO_ALL = frozenset({Verb.HELP, Verb.WHOAMI, Verb.CHATID, Verb.LINK})
"""What somebody who is not linked yet may ask for, anywhere."""

_LATE_MS = 120_000
"""How long after its time a question is told to be over, where its word comes after all."""


class Interpreter:
    """Turns `Incoming` into `Meant`; None where nothing was asked."""

    def __init__(self, store: Store, people: People, pronounce: Pronounce = spelt) -> None:
        self._store = store
        self._people = people
        self._listener = Listener(store, people, pronounce)
        self._presses = Presses(store, people)
        self._which = WhichCase(store, people)

    async def interpret(self, incoming: Incoming, received_at: int) -> Meant | None:
        """What the message or press asks for."""
        member = self._people.member_of(incoming.channel, incoming.sender.id)
        if incoming.kind == "press":
            return await self._presses.meant(incoming, member, received_at)
        return await self._said(incoming, member, received_at)

    async def _said(
        self, incoming: Incoming, member: Member | None, received_at: int
    ) -> Meant | None:
        answered, adopt = await self._which.answered(incoming, member, received_at)
        if incoming.spoken:
            freely = await self._freely(incoming, member, answered, received_at)
            return freely and replace(freely, adopt=adopt if freely.about(answered) else None)
        shown = await self._store.copy_at(incoming.chat, incoming.reply_to or "")
        digest = shown.digest if shown is not None else None
        to_ours = answered is not None or digest is not None
        said = parse(incoming.text, reply=to_ours, bot=incoming.bot)
        said = on_digest(said, incoming.text, digest)
        bare_photo = incoming.kind == "photo" and not incoming.text.strip()
        if said is None and answered is not None and bare_photo:
            said = Utterance(Verb.RECTIFIED)
        if said is None:
            said = await awaited(self._store, incoming, member, received_at)
        if said is None and incoming.kind == "text" and _is_said_to_us(incoming):
            if (freely := await self._freely(incoming, member, answered, received_at)) is not None:
                return replace(freely, adopt=adopt if freely.about(answered) else None)
            said = half_said(incoming.text, incoming.bot) or half_muted(
                incoming.text, incoming.bot, self._places(incoming.chat, member)
            )
        if said is None or not self._is_for_us(incoming, said.verb):
            return None
        asks = said.verb in ON_QUESTIONS and not said.slash
        if asks and not await self._answers(incoming, member, received_at):
            return None
        args = dict(said.args) | (_question_answered(incoming) if asks else {})
        if said.verb is Verb.SAY and "text" in args:
            args |= say_on_known(args, self._horns(incoming.chat, member))
        command = command_of(
            incoming,
            member,
            said.verb,
            received_at,
            said.numbers,
            args=args,
            reason=said.reason,
            passed=said.passed is not False,
        )
        if said.verb not in OPEN_TO_ALL and (refused := unknown_sender(incoming, member)):
            return Meant(command, refused)
        if said.refusal:
            return Meant(command, Refused(said.refusal, **said.args))
        try:
            numbers = await self._which.meant(incoming, member, said, answered, received_at, args)
            await self._complete(incoming, said, args, numbers)
        except (Refused, NotFound) as refused:
            return Meant(command, refused)
        complete = command_of(
            incoming,
            member,
            said.verb,
            received_at,
            numbers,
            args=args,
            reason=said.reason,
            passed=said.passed is not False,
        )
        return Meant(complete, adopt=adopt if numbers == (answered,) else None)

    async def _freely(
        self, incoming: Incoming, member: Member | None, answered: int | None, received_at: int
    ) -> Meant | None:
        """What is said in people's own words; what changes something is read back to them first."""
        heard = await self._listener.understand(incoming, member)
        if heard is None or not self._is_for_us(incoming, heard.verb):
            return None
        on_question = heard.verb in ON_QUESTIONS
        if on_question and not await self._answers(incoming, member, received_at):
            return None
        on_case = heard.verb in CASE_VERBS - {Verb.UNDO} | SHOWING
        if on_case and heard.mention.open and answered is None and not _asks_which(incoming):
            return None  # people say such things to each other
        if heard.verb is Verb.MUTE and heard.args["minutes"] is None and not incoming.spoken:
            return None
        command = command_of(incoming, member, heard.verb, received_at, (), args={})
        if heard.verb not in OPEN_TO_ALL and (refused := unknown_sender(incoming, member)):
            return Meant(command, refused)
        if member is None:
            return Meant(command)
        args = await self._listener.arguments(heard)
        args |= _question_answered(incoming) if on_question else {}
        said = Utterance(heard.verb, reason=heard.reason, passed=heard.passed, args=args)
        meant = Chosen()
        try:
            if on_case or (heard.verb is Verb.UNDO and not heard.mention.open):
                meant = await self._listener.resolve(heard, incoming, member, answered, received_at)
            await self._complete(incoming, said, args, meant.cases or meant.others)
        except (Refused, NotFound) as refused:
            return Meant(command, refused)
        taken = heard.verb is Verb.ACKNOWLEDGE and is_said_of_that_case(heard, answered)
        if heard.verb in CHANGING and not taken:
            args[READ_BACK] = Wish(incoming.text, meant.others, incoming.spoken)
        elif not meant.cases and meant.others:
            meant = Chosen(meant.others[:1])  # to look at the wrong one does no harm
        complete = command_of(
            incoming,
            member,
            heard.verb,
            received_at,
            meant.cases,
            args=args,
            reason=heard.reason,
            passed=heard.passed is not False,
        )
        return Meant(complete)

    def _places(self, chat: ChatRef, member: Member | None) -> set[str]:
        """What the cameras of this chat's sites are called."""
        return _names_on(self._people.config.cameras, self._people.sites_of(chat, member))

    def _horns(self, chat: ChatRef, member: Member | None) -> set[str]:
        """What horns may be called by: their own names, and those of their places."""
        speakers, sites = self._people.config.speakers, self._people.sites_of(chat, member)
        return self._places(chat, member) | _names_on(speakers, sites)

    async def _answers(self, incoming: Incoming, member: Member | None, now: int) -> bool:
        """Whether the word is for a question of ours, and is not just said among people.

        A little too late it is too: who said it must not believe that it was done.
        """
        if member is None or _is_said_to_us(incoming):
            return member is not None
        said_at = min(incoming.sent_at or now, now)
        return await self._store.is_asked(incoming.chat.key, member.id, said_at - _LATE_MS)

    def _is_for_us(self, incoming: Incoming, verb: Verb) -> bool:
        """In a group that is not configured nothing works but finding out its id."""
        known = incoming.chat.private or self._people.chat_config(incoming.chat) is not None
        return known or verb in OPEN_TO_ALL

    async def _complete(
        self, incoming: Incoming, said: Utterance, args: dict[str, Any], numbers: tuple[int, ...]
    ) -> None:
        """What only one verb needs."""
        number = numbers[0] if numbers else None
        if said.verb is Verb.ASSIGN and number is not None:
            case = await self._store.get_case(number)
            members = self._people.config.members_for(case.site) if case else ()
            wanted = str(args.get("person") or "")
            args["member"] = self._member_named(wanted, members, number, incoming.channel)
        if said.verb is Verb.VERIFY and said.passed is None:
            raise Refused("refused.needs_verdict", case=number, n=number)

    def _member_named(
        self, wanted: str, members: Sequence[Member], number: int, channel: str
    ) -> str:
        """By name, by id, or by what the platform calls them."""
        name = wanted.removeprefix("@").strip()
        if not name:
            raise Refused("refused.assign_whom", case=number, n=number)
        called = self._people.called(f"{channel}:{name.casefold()}")
        found = [m for m in members if name.casefold() in (m.id, m.name.casefold())]
        found = found or [m for m in members if m.id == called]
        if len(found) != 1:
            names = [member.name for member in members]
            raise Refused("refused.no_such_member", text=name, names=names)
        return found[0].id


def _names_on(things: Iterable[Camera | Speaker], sites: Collection[str]) -> set[str]:
    here = [one for one in things if one.site in sites]
    return {name for one in here for name in (one.id, one.name, *one.aliases)}


def _is_said_to_us(incoming: Incoming) -> bool:
    """Alone with us, on the console, in reply to us or by name: there what is half said is told."""
    to_us = incoming.chat.private or incoming.channel == CONSOLE or incoming.reply_to_own
    return to_us or names_us(incoming.text, incoming.bot)


def _question_answered(incoming: Incoming) -> dict[str, Any]:
    """The question whose message is replied to, which says which one is meant."""
    button = decode(incoming.reply_data) if incoming.reply_to_own else None
    known = button is not None and button.verb in ON_QUESTIONS
    return {"question": button.case} if button is not None and known else {}


def _asks_which(incoming: Incoming) -> bool:
    """Whether a verb without its case is answered; what is typed is in `handlers.halfsaid`."""
    return incoming.spoken and _is_said_to_us(incoming)
