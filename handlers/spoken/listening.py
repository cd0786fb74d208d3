"""People's own words in a chat: understood off the event loop, and tied to its cases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bot.casework import People
from bot.domain.case import LIVE, Case, State
from bot.domain.command import Verb
from bot.domain.message import ChatRef, Incoming
from bot.domain.site import Member
from bot.ports import CaseFilter, Pronounce, Store
from handlers.folding import fold
from handlers.spoken.guessing import guess
from handlers.spoken.lexicon import Lexicon, Place, lexicon_of
from handlers.spoken.misheard import with_digits_restored
from handlers.spoken.normal import normal
from handlers.spoken.resolving import ON_ENDED, Hearing, Meant, by_sound, nearest_name, resolve
from handlers.spoken.understanding import Heard, understand
from handlers.words import without_mention

_MOST_CASES = 500
_ENDED_LATELY_MS = 7 * 24 * 3_600_000


class Listener:
    """What is said freely, in a chat, by a member."""

    def __init__(self, store: Store, people: People, pronounce: Pronounce) -> None:
        self._store = store
        self._people = people
        self._pronounce = lru_cache(maxsize=4096)(pronounce)
        self._lexicons: dict[tuple[str, ...], Lexicon] = {}

    async def understand(self, incoming: Incoming, member: Member | None) -> Heard | None:
        """What is asked for, if anything; what was `spoken` may be misheard, and is compared by
        its sound too."""
        sites = self._people.sites_of(incoming.chat, member)
        lexicon = self._lexicons.get(sites)
        if lexicon is None:
            lexicon = self._lexicons[sites] = lexicon_of(self._people.config, sites)
        text = without_mention(fold(incoming.text), incoming.bot).text
        if not incoming.spoken:
            return await asyncio.to_thread(understand, text, lexicon)
        live = await self._cases(Verb.CLOSE, incoming.chat, member, 0)
        numbers = [case.number for case in live]
        return await asyncio.to_thread(self._by_ear, text, lexicon, numbers)

    async def resolve(
        self, heard: Heard, incoming: Incoming, member: Member, answered: int | None, now: int
    ) -> Meant:
        """Which cases; raises `Refused` or `NotFound`."""
        cases = await self._cases(heard.verb, incoming.chat, member, now)
        return resolve(heard, Hearing(cases, answered, incoming.spoken))

    async def arguments(self, heard: Heard) -> dict[str, Any]:
        """As the executor wants them."""
        args = dict(heard.args)
        if heard.verb in (Verb.MUTE, Verb.UNMUTE):
            args["place"] = args.pop("camera")
        if "places" in args:
            places: Sequence[Place] = tuple(args["places"])
            args["places"] = tuple((place.site, place.camera, place.zone) for place in places)
        if "person" in args:
            args["person"] = await asyncio.to_thread(self._person, str(args["person"]))
        return args

    def _by_ear(self, text: str, lexicon: Lexicon, numbers: Sequence[int]) -> Heard | None:
        restored = with_digits_restored(text)
        heard = understand(text, lexicon) or understand(restored, lexicon)
        heard = heard or understand(text, lexicon, loosely=True)
        if heard is not None and heard.mention.unknown:
            heard = by_sound(heard, lexicon, self._pronounce)
        return heard or guess(text, numbers, self._pronounce)

    def _person(self, said: str) -> str:
        """A member's name, where it is one or sounds like one."""
        known: dict[str, str] = {}
        for member in self._people.config.members:
            for name in (member.id, member.id.replace("-", " "), member.name):
                known[normal(name)] = member.id
        if said in known:
            return known[said]
        near = nearest_name(said, tuple(known), self._pronounce)
        return known[near] if near else said

    async def _cases(
        self, verb: Verb, chat: ChatRef, member: Member | None, now: int
    ) -> list[Case]:
        """The cases of this chat that the verb can be said of, the newest first."""
        states = None if verb in ON_ENDED else tuple(LIVE)
        sites = self._people.sites_of(chat, member)
        found = await self._store.list_cases(CaseFilter(sites, states, limit=_MOST_CASES))
        shown = [case for case in found if self._people.shows(chat, member, case)]
        if verb is Verb.REOPEN:
            ended = (State.CLOSED, State.RECTIFIED)
            shown = [case for case in shown if case.state in ended and _is_recent(case, now)]
        return shown


def _is_recent(case: Case, now: int) -> bool:
    return case.closed_at is None or now - case.closed_at < _ENDED_LATELY_MS


def is_said_of_that_case(heard: Heard, answered: int | None) -> bool:
    """Whether it is about the card that was replied to, and names no other."""
    return answered is not None and (heard.mention.open or heard.mention.numbers == (answered,))
