"""Chats that nothing reaches: told to the admins once, gone round, and made good when they open.

A chat closes when the bot is removed, blocked or muted, and opens when somebody lets it in again,
which the platform tells, or when something gets through.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.casework.core import Core, card_row, lane_of
from bot.casework.people import CLOSED
from bot.domain.case import Case
from bot.domain.message import ChatRef
from bot.domain.role import Role
from bot.domain.site import Member
from bot.ports import OutboxRow, Outgoing, Tx

PICTURES = "pictures:"
TOPIC = "topic:"
"""Marks of what is lost in a chat that takes words all the same."""

_CARDS = frozenset({"card", "direct"})
_WHY = frozenset({"kicked", "blocked", "absent", "muted"})


class Reach:
    """Keeps account of what is closed; everything happens within the caller's transaction."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def is_closed(self, mark: str) -> bool:
        """Whether that was noted."""
        return mark in self._core.people.closed

    async def close(self, tx: Tx, ref: ChatRef, why: str, now: int, *, told: str) -> None:
        """Nothing reaches the chat, as the platform has `told`; the admins are told once."""
        key = f"admin.closed_{why}" if why in _WHY else "admin.closed_absent"
        await self._mark(tx, place(ref), key, ref, told, now)

    async def close_part(self, tx: Tx, part: str, ref: ChatRef, why: str, now: int) -> None:
        """The chat takes words, but no pictures, or not in its topic."""
        key = "admin.closed_pictures" if part == PICTURES else "admin.closed_topic"
        mark = part + (ref.key if part == TOPIC else place(ref))
        await self._mark(tx, mark, key, ref, why, now)

    async def open(self, tx: Tx, ref: ChatRef, now: int) -> None:
        """The chat takes messages again: what it missed of live cases goes out now."""
        if not self.is_closed(place(ref)):
            return
        await self._forget(tx, place(ref))
        missed = await tx.revive_chat(ref, now)
        await tx.send(*self._to_admins("admin.chat_open", ref, {"count": missed}, now))

    async def open_part(self, tx: Tx, mark: str) -> None:
        """Pictures are shown there again, or the topic is open."""
        if self.is_closed(mark):
            await self._forget(tx, mark)

    async def go_round(self, tx: Tx, row: OutboxRow, ref: ChatRef, now: int) -> None:
        """People who would have seen a card there see it somewhere else."""
        case = await tx.case(row.case) if row.case is not None else None
        if case is None or not case.live or row.kind not in _CARDS:
            return
        if ref.private:
            await self._mention(tx, case, ref, now)
        elif not self._shown_elsewhere(case, ref):
            users = [self._core.people.user_of(m.id, ref.channel) for m in self._concerned(case)]
            chats = [ChatRef(ref.channel, user, private=True) for user in users if user]
            await tx.send(*[card_row(case, chat, now) for chat in chats])

    async def _mention(self, tx: Tx, case: Case, ref: ChatRef, now: int) -> None:
        """Whom no private message reaches is called in the groups that show the case."""
        member = self._core.people.member_of(ref.channel, ref.id)
        if member is None:
            return
        rows = [
            Outgoing(
                kind="text",
                target=chat.key,
                payload={
                    "key": "call.unreached",
                    "params": {"people": [member.id]},
                    "people": [member.id],
                },
                due=now,
                lane=lane_of(case),
                case=case.number,
                stream=f"{chat.key}#{case.number}",
                dedupe_key=f"unreached:{member.id}:{chat.key}#{case.number}",
            )
            for chat in self._core.chats_of(case)
            if not self.is_closed(place(chat))
        ]
        await tx.send(*rows)

    def _shown_elsewhere(self, case: Case, ref: ChatRef) -> bool:
        """Whether another group shows the case to people of the site."""
        chats = self._core.chats_of(case)
        return any(place(c) != place(ref) and not self.is_closed(place(c)) for c in chats)

    def _concerned(self, case: Case) -> list[Member]:
        """Who is on duty and whom an emergency calls; where that is nobody, who leads the site."""
        core = self._core
        now = datetime.fromtimestamp(core.clock() / 1000, UTC)
        called = [*core.people.config.on_duty(case.site, now), *core.called(case)]
        if case.emergency:
            called += core.chain(case)
        found = called or core.people.holding(case.site, [Role.SITE_LEAD, Role.SUPERVISOR])
        return list({member.id: member for member in found}.values())

    async def _mark(self, tx: Tx, mark: str, key: str, ref: ChatRef, why: str, now: int) -> None:
        if self.is_closed(mark) or await tx.learned(CLOSED, mark) is not None:
            return
        await tx.learn(CLOSED, mark, {"why": why, "at": now})
        await tx.send(*self._to_admins(key, ref, {"error": why}, now))

    async def _forget(self, tx: Tx, mark: str) -> None:
        await tx.forget(CLOSED, mark)

    def _to_admins(
        self, key: str, ref: ChatRef, params: dict[str, Any], now: int
    ) -> list[Outgoing]:
        """Told in every chat of the admins but the one that it is about."""
        told = self._core.to_admins(key, {"target": self._name(ref), **params}, now)
        return [row for row in told if not _in(row.target, ref)]

    def _name(self, ref: ChatRef) -> str:
        """A person by name, a group by what the site file calls it."""
        member = self._core.people.member_of(ref.channel, ref.id) if ref.private else None
        return member.name if member else ref.key


def place(ref: ChatRef) -> str:
    """A chat, whatever its topic."""
    return f"{ref.channel}:{ref.id}"


def _in(target: str, ref: ChatRef) -> bool:
    return target.partition("/")[0] == place(ref)
