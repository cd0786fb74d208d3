"""From what a person did in a chat to a command: who, which verb, which case.

Translates and resolves, but decides nothing: what may be done is the executor's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.casework import READ_BACK, UNRESOLVED, People, Wish
from bot.casework.replying import SAID
from bot.domain.callback import Press, decode
from bot.domain.case import LIVE, Case
from bot.domain.command import CASE_VERBS, Actor, Command, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import ChatRef, Incoming
from bot.domain.site import Member
from bot.ports import CaseFilter, Pronounce, Store, spelt
from handlers.digests import cases_meant, digest_here, on_digest
from handlers.folding import fold
from handlers.halfsaid import half_muted, half_said, names_us
from handlers.intercom import content_of
from handlers.spoken.listening import Listener, is_said_of_that_case
from handlers.spoken.resolving import Meant as Chosen
from handlers.spoken.understanding import CHANGING
from handlers.voicenotes import awaited
from handlers.words import Utterance, parse

CONSOLE = "console"
"""The channel on which whoever types is at our own page."""

OPEN_TO_ALL = frozenset({Verb.HELP, Verb.WHOAMI, Verb.CHATID, Verb.LINK})
"""What somebody who is not linked yet may ask for, anywhere."""

_ON_QUESTIONS = frozenset({Verb.CONFIRM, Verb.CANCEL})
_SHOWING = frozenset({Verb.CASE, Verb.CARD})

ON_BUTTONS = CASE_VERBS - {Verb.ASSIGN, Verb.DISPUTE} | {Verb.SAY, Verb.CARD} | _ON_QUESTIONS
"""What a button of ours can mean; whatever else stands in its data is forged."""

_CHOICES = 3
_RECENT_MS = 24 * 3_600_000
_WORDS_LIVE_MS = 7 * 24 * 3_600_000
_LOOK_BACK = frozenset({*_SHOWING, Verb.REOPEN, Verb.UNDO, Verb.DISPUTE})
_LIVE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Meant:
    """A message understood: the command, or why it cannot be one.  `adopt`: see `Reply`."""

    command: Command
    refused: Refused | NotFound | None = None
    adopt: str | None = None

    def about(self, case: int | None) -> bool:
        """Whether it concerns just this case."""
        return case is not None and self.command.cases == (case,)


class Interpreter:
    """Turns `Incoming` into `Meant`; None where nothing was asked."""

    def __init__(self, store: Store, people: People, pronounce: Pronounce = spelt) -> None:
        self._store = store
        self._people = people
        self._listener = Listener(store, people, pronounce)

    async def interpret(self, incoming: Incoming, received_at: int) -> Meant | None:
        """What the message or press asks for."""
        member = self._people.member_of(incoming.channel, incoming.sender.id)
        if incoming.kind == "press":
            return await self._press(incoming, member, received_at)
        return await self._said(incoming, member, received_at)

    async def _press(self, incoming: Incoming, member: Member | None, received_at: int) -> Meant:
        press = decode(incoming.data)
        if press is not None and press.verb not in ON_BUTTONS:
            press = None
        verb = press.verb if press else Verb.CASE
        numbers = (press.case,) if press else ()
        args: dict[str, Any] = {}
        command = self._command(incoming, member, verb, received_at, numbers, args=args)
        if press is None:
            return Meant(command, Refused("refused.forged"))
        if refused := _unknown_sender(incoming, member, press=True):
            return Meant(command, refused)
        assert member is not None, "an unknown sender was refused"
        if press.verb in _ON_QUESTIONS:
            args["question"] = press.case
            if press.extra:
                args["chosen"] = press.extra
            return Meant(self._command(incoming, member, verb, received_at, (), args=args))
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
        pressed = self._command(
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

    async def _said(
        self, incoming: Incoming, member: Member | None, received_at: int
    ) -> Meant | None:
        answered, adopt = await self._case_answered(incoming, member, received_at)
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
        asks = said.verb in _ON_QUESTIONS and not said.slash
        if asks and not await self._is_asked(incoming, member, received_at):
            return None
        args = dict(said.args) | (_question_answered(incoming) if asks else {})
        command = self._command(
            incoming,
            member,
            said.verb,
            received_at,
            said.numbers,
            args=args,
            reason=said.reason,
            passed=said.passed is not False,
        )
        if said.verb not in OPEN_TO_ALL and (refused := _unknown_sender(incoming, member)):
            return Meant(command, refused)
        if said.refusal:
            return Meant(command, Refused(said.refusal, **said.args))
        try:
            numbers = await self._cases_meant(incoming, member, said, answered, received_at, args)
            await self._complete(incoming, said, args, numbers)
        except (Refused, NotFound) as refused:
            return Meant(command, refused)
        complete = self._command(
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
        if heard.verb in _ON_QUESTIONS and not await self._is_asked(incoming, member, received_at):
            return None
        on_case = heard.verb in CASE_VERBS - {Verb.UNDO} | _SHOWING
        if on_case and heard.mention.open and answered is None and not _asks_which(incoming):
            return None  # people say such things to each other
        if heard.verb is Verb.MUTE and heard.args["minutes"] is None and not incoming.spoken:
            return None
        command = self._command(incoming, member, heard.verb, received_at, (), args={})
        if heard.verb not in OPEN_TO_ALL and (refused := _unknown_sender(incoming, member)):
            return Meant(command, refused)
        if member is None:
            return Meant(command)
        args = await self._listener.arguments(heard)
        args |= _question_answered(incoming) if heard.verb in _ON_QUESTIONS else {}
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
        complete = self._command(
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
        sites = self._people.sites_of(chat, member)
        cameras = [camera for camera in self._people.config.cameras if camera.site in sites]
        return {name for one in cameras for name in (one.id, one.name, *one.aliases)}

    async def _is_asked(self, incoming: Incoming, member: Member | None, now: int) -> bool:
        """Whether the word answers a question of ours, and is not just said among people."""
        if member is None:
            return False
        return await self._store.is_asked(incoming.chat.key, member.id, now)

    def _is_for_us(self, incoming: Incoming, verb: Verb) -> bool:
        """In a group that is not configured nothing works but finding out its id."""
        known = incoming.chat.private or self._people.chat_config(incoming.chat) is not None
        return known or verb in OPEN_TO_ALL

    async def _case_answered(
        self, incoming: Incoming, member: Member | None, now: int
    ) -> tuple[int | None, str | None]:
        """The case of the message replied to, and the message if it is to be adopted.

        It is a known copy, a card of ours whose sending was uncertain, or words of ours about one
        case.  What those words say is not looked at: they may quote a person.
        """
        if incoming.reply_to is None:
            return None, None
        copy = await self._store.copy_at(incoming.chat, incoming.reply_to)
        if copy is not None:
            return copy.case, None  # of a digest: no single case
        if not incoming.reply_to_own:
            return None, None
        button = decode(incoming.reply_data)
        if button is not None and button.verb in _ON_QUESTIONS:
            button = None  # its number is a question's
        if button is not None and await self._is_here(button.case, incoming.chat, member):
            return button.case, incoming.reply_to if button.verb is not Verb.UNDO else None
        about = await self._store.words_about(
            incoming.chat, incoming.reply_to, now - _WORDS_LIVE_MS
        )
        here = about is not None and await self._is_here(about, incoming.chat, member)
        return (about if here else None), None

    async def _is_here(self, number: int, chat: ChatRef, member: Member | None) -> bool:
        case = await self._store.get_case(number)
        return case is not None and self._people.shows(chat, member, case)

    async def _cases_meant(
        self,
        incoming: Incoming,
        member: Member | None,
        said: Utterance,
        answered: int | None,
        now: int,
        args: dict[str, Any],
    ) -> tuple[int, ...]:
        """The cases; of several those that can be meant, the others are noted in `args`."""
        if id := said.args.get("digest"):
            digest = await digest_here(self._store, id, incoming.chat, incoming.reply_to)
            assert member is not None, "an unknown sender was refused"
            where = (incoming.chat, member)
            return await cases_meant(self._store, self._people, digest, said.verb, *where)
        if not said.numbers:
            if answered is not None and said.verb in CASE_VERBS | _SHOWING:
                return (answered,)
            if said.verb in CASE_VERBS - {Verb.UNDO} | _SHOWING:
                choices = (await self._live_here(incoming.chat, member))[:_CHOICES]
                raise Refused("refused.verb_needs_case", verb=said.verb, choices=tuple(choices))
            return ()
        found: list[int] = []
        refusals: list[tuple[int, Refused | NotFound]] = []
        for number in said.numbers:
            try:
                found.append(await self._resolve(number, incoming, member, said.verb, now))
            except (Refused, NotFound) as refused:
                refusals.append((number, refused))
        if refusals and not found:
            raise refusals[0][1]
        if refusals:
            args[UNRESOLVED] = refusals
        return tuple(dict.fromkeys(found))

    async def _resolve(
        self, number: int, incoming: Incoming, member: Member | None, verb: Verb, now: int
    ) -> int:
        """The number as it stands, or the end of exactly one live case's number in this chat.

        A case that ended days ago gives way to a live one whose number ends so.
        """
        case, ends = await self._store.get_case(number), _as_written(number, incoming.text)
        shown = case is not None and self._people.shows(incoming.chat, member, case)
        anywhere = incoming.chat.private and not incoming.chat.sites
        here = shown or (case is not None and anywhere)
        in_question = case is not None and (verb in _LOOK_BACK or _is_recent(case, now))
        if here and in_question and ends == str(number):
            return number
        live = await self._live_here(incoming.chat, member)
        fits = [found for found in live if str(found.number).endswith(ends)]
        if 2 <= len(ends) <= 4 and len(fits) == 1:
            return fits[0].number
        if here:
            return number
        if 2 <= len(ends) <= 4 and len(fits) > 1:
            raise Refused("refused.ambiguous_number", text=ends, choices=tuple(fits[:_CHOICES]))
        if case is not None:
            raise Refused("refused.not_here", case=number, choices=tuple(live[:_CHOICES]))
        raise NotFound("refused.unknown_case", case=number, choices=tuple(live[:_CHOICES]))

    async def _live_here(self, chat: ChatRef, member: Member | None) -> list[Case]:
        sites = self._people.sites_of(chat, member)
        which = CaseFilter(sites=sites, states=tuple(LIVE), limit=_LIVE_LIMIT)
        found = await self._store.list_cases(which)
        return [case for case in found if self._people.shows(chat, member, case)]

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

    def _speaker_of(self, case: Case) -> str:
        speakers = self._people.config.speakers_for(case.site, case.camera)
        return speakers[0].id if speakers else ""

    def _command(
        self,
        incoming: Incoming,
        member: Member | None,
        verb: Verb,
        received_at: int,
        cases: tuple[int, ...],
        *,
        args: dict[str, Any],
        reason: str = "",
        seq: int | None = None,
        passed: bool = True,
    ) -> Command:
        sender = incoming.sender
        account = f"{incoming.channel}:{sender.id}"
        actor = Actor(
            member=member.id if member else f"?{account}"[:32],
            name=member.name if member else sender.name,
            via=incoming.channel,
        )
        args["account"] = account
        if incoming.spoken:
            args[SAID] = incoming.text
        return Command(
            id=incoming.command_id,
            actor=actor,
            verb=verb,
            sent_at=incoming.sent_at or received_at,
            cases=cases,
            reason=reason,
            seq=seq,
            passed=passed,
            chat=incoming.chat,
            media=incoming.media,
            args=args,
            content=content_of(incoming),
        )


def _is_said_to_us(incoming: Incoming) -> bool:
    """Alone with us, on the console, in reply to us or by name: there what is half said is told."""
    to_us = incoming.chat.private or incoming.channel == CONSOLE or incoming.reply_to_own
    return to_us or names_us(incoming.text, incoming.bot)


def _question_answered(incoming: Incoming) -> dict[str, Any]:
    """The question whose message is replied to, which says which one is meant."""
    button = decode(incoming.reply_data) if incoming.reply_to_own else None
    known = button is not None and button.verb in _ON_QUESTIONS
    return {"question": button.case} if button is not None and known else {}


def _asks_which(incoming: Incoming) -> bool:
    """Whether a verb without its case is answered; what is typed is in `handlers.halfsaid`."""
    return incoming.spoken and _is_said_to_us(incoming)


def _is_recent(case: Case, now: int) -> bool:
    """Whether people may still mean it: it is live, or was until lately."""
    return case.closed_at is None or now - case.closed_at < _RECENT_MS


def _as_written(number: int, text: str) -> str:
    """The number with the zeros that the person wrote before it: 05 is the end of 105."""
    written = re.findall(rf"(?<![0-9])0*{number}(?![0-9])", fold(text).text)
    return min(written, key=len, default=str(number))  # a time in the reason is none of it


def _unknown_sender(
    incoming: Incoming, member: Member | None, *, press: bool = False
) -> Refused | None:
    if incoming.sender.anonymous:
        return Refused("refused.anonymous")
    if member is None:
        return Refused("refused.stranger_press" if press else "refused.stranger")
    return None
