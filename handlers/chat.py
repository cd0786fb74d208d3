"""The desk where what people do in chats arrives: stored first, then understood, then carried out.

One chat's messages are handled in their order, chats beside each other; a typed cry for help waits
for nothing that came before it, and what comes after it waits for it.  A row leaves the inbox in
the transaction of what it brought about; a crash before that means it is handled again, and the
command's id keeps it from happening twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from bot.casework.probing import is_writable
from bot.domain.error import Unavailable
from bot.domain.message import Incoming
from bot.domain.report import OLDEST_MS
from bot.ports import InboxRow, part_of
from bot.redact import redact
from handlers.entrance import Entrance
from handlers.messages import Messages
from handlers.parts import ChatParts

log = logging.getLogger(__name__)

_BATCH = 50
_TRIES = 3
_AFTER_FAULT_S = 1.0
_DRAIN_S = 3.0


_Earlier = Callable[[InboxRow], Collection[asyncio.Task[None]]]
"""Cries for help before a row, where they are being carried out."""


class ChatDesk:
    """`take` stores, `run` handles."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._entrance = Entrance(parts.core, parts.resort)
        self._messages = Messages(parts)

    async def take(self, incoming: Incoming) -> None:
        """Store what came in; when this returns the platform may forget it."""
        now = self._parts.core.clock()
        clean = replace(
            incoming,
            text=_clean(incoming.text),
            data=_clean(incoming.data),
            sent_at=_believable(incoming.sent_at, now),
        )
        await self._entrance.take(clean, now)

    async def run(self) -> None:
        """Handle what waits, until cancelled; a chat that takes long holds up no other."""
        working: dict[str, asyncio.Task[None]] = {}
        cries: dict[str, InboxRow] = {}

        def earlier(row: InboxRow) -> Collection[asyncio.Task[None]]:
            return [working[cry.queue] for cry in cries.values() if _follows(row, cry)]

        try:
            while True:
                for queue in [queue for queue, task in working.items() if task.done()]:
                    cries.pop(queue, None)
                    working.pop(queue).result()
                rows = await self._parts.core.store.waiting_incoming(
                    _BATCH, self._parts.share.parts(), working.keys()
                )
                cries |= {row.queue: row for row in rows if _is_cry(row)}
                for queue, mine in _queues(rows).items():
                    working[queue] = asyncio.create_task(self._in_order(mine, earlier))
                if len(rows) < _BATCH:  # else there may be more, of others
                    await self._parts.wake.wait("inbox", 1.0)
        finally:
            await _drain(working.values())

    async def _in_order(self, rows: Sequence[InboxRow], earlier: _Earlier) -> None:
        try:
            for row in rows:
                if cries := earlier(row):
                    await asyncio.wait(cries)  # its words and pictures may be of their case
                if part_of(row.incoming.chat.key) not in self._parts.share.parts():
                    return  # whoever has the chat now goes on with it
                if not await self._handle(row):
                    await asyncio.sleep(_AFTER_FAULT_S)
                    return
        finally:
            self._parts.wake.ring("inbox")  # to look for what has come to this chat meanwhile

    async def _handle(self, row: InboxRow) -> bool:
        """False: it stays first in its chat's queue for another try."""
        try:
            await self._parts.resort.catch_up()  # people may speak of what went out from memory
            await self._messages.handle(row)
        except Exception as error:  # whatever one message does to us, the others go on
            log.exception("message %s failed", row.incoming.command_id)
            if isinstance(error, Unavailable) and not await is_writable(self._parts.core):
                return False  # it was not the message's fault
            dead = row.attempts + 1 >= _TRIES
            await self._parts.core.store.fail_incoming(row.id, redact(repr(error)), dead)
            if dead:
                await self._tell_admins(row, error)
            return dead
        return True

    async def _tell_admins(self, row: InboxRow, error: Exception) -> None:
        core = self._parts.core
        params = {"text": row.incoming.text[:40], "error": type(error).__name__, "count": _TRIES}
        async with core.store.begin() as tx:
            await tx.send(*core.to_admins("admin.dead_incoming", params, core.clock()))


async def _drain(tasks: Collection[asyncio.Task[None]]) -> None:
    """Let what is being carried out end; what is cut off is handled again at the next start."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_DRAIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _queues(rows: Sequence[InboxRow]) -> Mapping[str, list[InboxRow]]:
    queues: defaultdict[str, list[InboxRow]] = defaultdict(list)
    for row in rows:
        queues[row.queue].append(row)
    return queues


def _is_cry(row: InboxRow) -> bool:
    """Whether it has a queue of its own."""
    return row.queue != row.incoming.chat.key


def _follows(row: InboxRow, cry: InboxRow) -> bool:
    """Whether somebody in the chat may speak of what the cry for help brings about."""
    return not _is_cry(row) and cry.id < row.id and cry.incoming.chat == row.incoming.chat


def _believable(sent_at: int, now: int) -> int:
    """A time of the platform's within the last weeks and not to come; 0 stays: it has none."""
    return sent_at and min(max(sent_at, now - OLDEST_MS), now)


def _clean(text: str) -> str:
    """Without NUL, which PostgreSQL does not keep."""
    return text.replace("\x00", "")
