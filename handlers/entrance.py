"""The inbox's door while the inbox cannot be written.

Nothing is acknowledged then, so the platform brings it again; only a cry for help does not wait.
What follows a message that was not stored is not stored before it: a chat is heard in its order.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.casework import Core
from bot.casework.acts import report_of
from bot.casework.resort import Resort
from bot.domain.command import Actor, Command, Verb
from bot.domain.error import LoudhailerError, Refused, Unavailable
from bot.domain.message import Incoming
from bot.domain.report import Report
from handlers.utterance import Utterance
from handlers.words import parse

log = logging.getLogger(__name__)

_STORED_WITHIN_S = 3.0
_ORDER_KEPT_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Missing:
    """The first message of a chat that could not be stored, and when that was."""

    id: str
    at: int


class Entrance:
    """Stores what comes in, or raises; an emergency goes the way of the last resort meanwhile."""

    def __init__(self, core: Core, resort: Resort) -> None:
        self._core = core
        self._resort = resort
        self._missing: dict[str, _Missing] = {}

    async def take(self, incoming: Incoming, now: int) -> None:
        """Returns when it is stored."""
        chat = incoming.chat.key
        missing = self._missing.get(chat)
        try:
            if missing and missing.id != incoming.command_id and now - missing.at < _ORDER_KEPT_MS:
                raise Unavailable(f"an earlier message of {chat} is not stored yet")
            async with asyncio.timeout(_STORED_WITHIN_S):
                await self._core.store.take_in(incoming, now, _queue(incoming))
        except Exception:  # each engine's own errors; whoever brought it brings it again
            self._missing.setdefault(chat, _Missing(incoming.command_id, now))
            await self._cry(incoming, now)
            raise
        self._missing.pop(chat, None)

    async def _cry(self, incoming: Incoming, now: int) -> None:
        try:
            if (report := self._emergency(incoming, now)) is not None:
                await self._resort.take(report)
        except LoudhailerError as error:
            log.error("the emergency of %s is not durable: %s", incoming.command_id, error)

    def _emergency(self, incoming: Incoming, now: int) -> Report | None:
        """What the executor would report, were it asked; None for everything that can wait."""
        said, sender = _typed(incoming), incoming.sender
        member = self._core.people.member_of(incoming.channel, sender.id)
        if said is None or said.verb is not Verb.SOS or member is None or sender.anonymous:
            return None
        command = Command(
            id=incoming.command_id,
            actor=Actor(member.id, member.name, "chat"),
            verb=Verb.SOS,
            sent_at=incoming.sent_at or now,
            chat=incoming.chat,
            args=dict(said.args),
        )
        try:
            return report_of(self._core, command, now)
        except Refused:
            return None


def _queue(incoming: Incoming) -> str:
    """Its chat's; a typed cry for help waits behind nobody's voice notes."""
    said = _typed(incoming)
    return incoming.command_id if said is not None and said.verb is Verb.SOS else incoming.chat.key


def _typed(incoming: Incoming) -> Utterance | None:
    return parse(incoming.text, reply=False, bot=incoming.bot) if incoming.text else None
