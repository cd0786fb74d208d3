"""What is said or pressed on a digest: which of its cases are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.casework import People
from bot.casework.digests import may_be_closed_together
from bot.domain.case import Case
from bot.domain.command import Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import ChatRef
from bot.domain.site import Member
from bot.ports import Digest, Store
from handlers.folding import fold
from handlers.numbers import read_numbers
from handlers.utterance import Utterance
from handlers.words import TO_DIGESTS


def on_digest(said: Utterance | None, text: str, digest: int | None) -> Utterance | None:
    """What a reply to a digest means: a bare number asks for that case's card.

    A verb without a number means all of its cases, where that can be done to many at once.
    """
    if digest is None:
        return said
    if said is None:
        folded = fold(text).text
        found = read_numbers(folded)
        whole = found is not None and not folded[found.end :].strip()
        return Utterance(Verb.CARD, found.numbers) if found is not None and whole else None
    if said.verb in TO_DIGESTS and not said.numbers and "digest" not in said.args:
        return replace(said, args={**said.args, "digest": digest})
    return said


async def digest_here(store: Store, id: int, chat: ChatRef, message: str | None) -> Digest:
    """The digest, if this chat shows it; raises `NotFound`."""
    digest = await store.get_digest(id)
    copy = await store.copy_at(chat, message) if message else None
    if digest is not None and (_stands_in(digest, chat) or (copy and copy.digest == id)):
        return digest
    raise NotFound("refused.unknown_digest", digest=id)


async def cases_meant(
    store: Store, people: People, digest: Digest, verb: Verb, chat: ChatRef, member: Member
) -> tuple[int, ...]:
    """Those of its cases that the verb can be meant for; raises `Refused` if there is none."""
    cases = await store.get_cases(digest.cases)
    fit = [c.number for c in _fitting(cases, verb) if people.shows(chat, member, c)]
    if not fit:
        raise Refused("refused.digest_over", digest=digest.id, verb=verb)
    return tuple(fit)


def _fitting(cases: Sequence[Case], verb: Verb) -> list[Case]:
    if verb is Verb.ACKNOWLEDGE:
        return [case for case in cases if case.live and case.acknowledged_by is None]
    return [case for case in cases if may_be_closed_together(case)]


def _stands_in(digest: Digest, chat: ChatRef) -> bool:
    """Whether it was sent to this chat; a topic may have been lost on the way."""
    channel, _, rest = digest.target.partition(":")
    return (channel, rest.partition("/")[0]) == (chat.channel, chat.id)
