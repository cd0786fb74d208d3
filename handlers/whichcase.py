"""Which case is meant: by its number, by the message that was replied to, or by none of them."""

from __future__ import annotations

import re
from typing import Any

from bot.casework import UNRESOLVED, People
from bot.domain.callback import decode
from bot.domain.case import LIVE, Case
from bot.domain.command import CASE_VERBS, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import ChatRef, Incoming
from bot.domain.site import Member
from bot.ports import CaseFilter, Store
from handlers.commanding import ON_QUESTIONS
from handlers.digests import cases_meant, digest_here
from handlers.folding import fold
from handlers.words import Utterance

SHOWING = frozenset({Verb.CASE, Verb.CARD})

_CHOICES = 3
_RECENT_MS = 24 * 3_600_000
_WORDS_LIVE_MS = 7 * 24 * 3_600_000
_LOOK_BACK = frozenset({*SHOWING, Verb.REOPEN, Verb.UNDO, Verb.DISPUTE})
_LIVE_LIMIT = 500


class WhichCase:
    """Finds the cases that are meant in a chat, by a member."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    async def meant(
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
            if answered is not None and said.verb in CASE_VERBS | SHOWING:
                return (answered,)
            if said.verb in CASE_VERBS - {Verb.UNDO} | SHOWING:
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
        raise NotFound("refused.unknown_case", case=number or ends, choices=tuple(live[:_CHOICES]))

    async def _live_here(self, chat: ChatRef, member: Member | None) -> list[Case]:
        sites = self._people.sites_of(chat, member)
        which = CaseFilter(sites=sites, states=tuple(LIVE), limit=_LIVE_LIMIT)
        found = await self._store.list_cases(which)
        return [case for case in found if self._people.shows(chat, member, case)]

    async def _is_here(self, number: int, chat: ChatRef, member: Member | None) -> bool:
        case = await self._store.get_case(number)
        return case is not None and self._people.shows(chat, member, case)

    async def answered(
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
        if button is not None and button.verb in ON_QUESTIONS:
            return None, None  # its number is a question's, and a 收到 in reply to it no yes
        if button is not None and await self._is_here(button.case, incoming.chat, member):
            return button.case, incoming.reply_to if button.verb is not Verb.UNDO else None
        about = await self._store.words_about(
            incoming.chat, incoming.reply_to, now - _WORDS_LIVE_MS
        )
        here = about is not None and await self._is_here(about, incoming.chat, member)
        return (about if here else None), None


def _is_recent(case: Case, now: int) -> bool:
    """Whether people may still mean it: it is live, or was until lately."""
    return case.closed_at is None or now - case.closed_at < _RECENT_MS


def _as_written(number: int, text: str) -> str:
    """The number with the zeros that the person wrote before it: 05 is the end of 105."""
    written = re.findall(rf"(?<![0-9])0*{number}(?![0-9])", fold(text).text)
    return min(written, key=len, default=str(number))  # a time in the reason is none of it
