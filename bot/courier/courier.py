"""The loop of the courier: claim, deliver each row on its own, keep the outcome.

One chat, one speaker, one failing row never holds up another: every row is a task of its own, and
only rows of the same stream (a case in a chat) wait for each other, in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.courier.deliveries import DELIVERIES, Delivery
from bot.courier.desk import Desk
from bot.domain.error import (
    ChatMoved,
    CopyGone,
    DeliveryError,
    Rejected,
    RetryLater,
    Uncertain,
)
from bot.domain.message import ChatRef
from bot.pacing import Pacing
from bot.ports import Entry, OutboxRow, Outgoing, Wake

log = logging.getLogger(__name__)

LEASE_MS = 30_000
_AT_ONCE = 32
_BACKOFF_FIRST_MS = 500
_BACKOFF_MOST_MS = 60_000
_ANSWERS_LIVE_MS = 10 * 60_000
_PRESSES_LIVE_MS = 30_000
_CRASHES = 6
_TOLD_EVERY_MS = 10 * 60_000


class Courier:
    """Takes rows out of the outbox until cancelled."""

    def __init__(self, desk: Desk, wake: Wake, *, jitter: random.Random | None = None) -> None:
        self._desk = desk
        self._wake = wake
        self._pacing = Pacing()
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled; then let what is under way end for a moment."""
        store, clock = self._desk.core.store, self._desk.core.clock
        self._pacing.seed(await store.sent_since(clock() - 60_000))
        try:
            while True:
                if not await self._round():
                    await self._idle()
        finally:
            await self._drain()

    async def _round(self) -> bool:
        """Claim and start what is due; False when there was nothing."""
        free = _AT_ONCE - sum(not task.done() for task in self._running.values())
        if free <= 0:
            with contextlib.suppress(TimeoutError):
                await self._one_ends(0.5)
            return True
        clock = self._desk.core.clock
        rows = await self._desk.core.store.claim(clock(), LEASE_MS, free)
        for row in rows:
            if row.id not in self._running:
                self._start(row)
        return bool(rows)

    def _start(self, row: OutboxRow) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(row))
        self._running[row.id] = task
        task.add_done_callback(lambda _: self._running.pop(row.id, None))

    async def _one_ends(self, timeout: float) -> None:
        await asyncio.wait(
            self._running.values(), timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )

    async def _idle(self) -> None:
        due = await self._desk.core.store.next_due()
        wait = 1.0 if due is None else (due - self._desk.core.clock()) / 1000
        await self._wake.wait("outbox", min(max(wait, 0.01), 1.0))

    async def _drain(self) -> None:
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=5.0)
            for task in late:
                task.cancel()

    async def _deliver(self, row: OutboxRow) -> None:
        try:
            await self._try(row)
        except Exception:  # the boundary of one delivery: the row stays leased and comes back
            log.exception("delivery %d (%s) broke off", row.id, row.kind)

    async def _try(self, row: OutboxRow) -> None:
        kind = DELIVERIES[row.kind]
        clock = self._desk.core.clock
        if kind.is_chat:
            wait = self._wait(row, kind)
            if wait is None:
                await self._postpone(row, _BACKOFF_MOST_MS, "no such channel", unsure=row.unsure)
                return
            if wait > 0:
                await self._desk.core.store.release(row.id, clock() + wait)
                return
        if self._is_over(row):
            await self._finish(row, "dead", {"outcome": "too late"})
            return
        try:
            await kind.deliver(self._desk, row)
        except DeliveryError as error:
            await self._failed(row, error)
        except Exception as error:  # a fault of ours: tried again a few times, then a dead letter
            log.exception("delivery %d (%s) failed", row.id, row.kind)
            if row.attempts >= _CRASHES:
                await self._dead(row, f"fault: {error!r}")
            else:
                await self._postpone(row, self._backoff(row), repr(error), unsure=row.unsure)

    def _wait(self, row: OutboxRow, kind: Delivery) -> int | None:
        """Milliseconds to wait for the chat's pace; None where its channel is not there."""
        ref, configured = self._desk.chat_of(row)
        if ref.channel not in self._desk.channels:
            return None
        now = self._desk.core.clock()
        log_name = f"{kind.log}:{ref.key}"
        wait = self._pacing.wait(log_name, row.lane, self._desk.limit(ref, configured), now)
        if wait <= 0 and kind.paced:
            self._pacing.sent(log_name, now)
        return wait if kind.paced else 0

    def _is_over(self, row: OutboxRow) -> bool:
        """Whether nobody waits for this answer any more."""
        age = self._desk.core.clock() - row.created_at
        if row.kind == "press":
            return age > _PRESSES_LIVE_MS
        return row.kind == "text" and row.case is None and age > _ANSWERS_LIVE_MS

    async def _failed(self, row: OutboxRow, error: DeliveryError) -> None:
        match error:
            case RetryLater():
                asked = error.retry_after
                wait = self._backoff(row) if asked is None else round(asked * 1000)
                if asked is not None:
                    self._hold(row, wait)
                await self._postpone(row, wait, str(error), unsure=row.unsure)
            case Uncertain():
                await self._uncertain(row, str(error))
            case ChatMoved():
                await self._moved(row, error.new_chat)
            case CopyGone():
                async with self._desk.core.store.begin() as tx:
                    await tx.lose_copy(int(row.payload["copy"]))
                    await tx.finish(row.id, "dead", {"outcome": "gone"}, self._desk.core.clock())
            case Rejected():
                await self._dead(row, str(error))
            case _:
                await self._postpone(row, self._backoff(row), str(error), unsure=row.unsure)

    def _hold(self, row: OutboxRow, wait: int) -> None:
        ref, _ = self._desk.chat_of(row)
        until = self._desk.core.clock() + wait
        for name in {kind.log for kind in DELIVERIES.values()}:
            self._pacing.hold(f"{name}:{ref.key}", until)

    async def _uncertain(self, row: OutboxRow, why: str) -> None:
        """May have arrived: repeated with a key, a card too (marked), a small answer is not."""
        ref, _ = self._desk.chat_of(row)
        has_key = self._desk.channels[ref.channel].capabilities.has_idempotency_key
        if has_key or row.kind == "edit":
            await self._postpone(row, self._backoff(row), why, unsure=False)
        elif row.kind == "card" or row.lane == "emergency":
            await self._postpone(row, self._backoff(row), why, unsure=True)
        else:
            await self._finish(row, "uncertain", {"outcome": "uncertain", "why": why})

    async def _moved(self, row: OutboxRow, new_chat: str) -> None:
        """The group became a supergroup: learn its new id, and go on there at once."""
        core = self._desk.core
        channel, _, id = row.target.partition(":")
        async with core.store.begin() as tx:
            await core.move_chat(tx, ChatRef(channel, id.partition("/")[0]), new_chat)
            await tx.postpone(row.id, core.clock(), {"outcome": "moved"}, unsure=False)
        self._wake.ring("outbox")

    async def _dead(self, row: OutboxRow, why: str) -> None:
        log.error("dead letter %d: %s to %s: %s", row.id, row.kind, row.target, why)
        await self._finish(row, "dead", {"outcome": "dead", "why": why}, tell=True)

    async def _finish(
        self, row: OutboxRow, state: Any, outcome: Mapping[str, Any], *, tell: bool = False
    ) -> None:
        core = self._desk.core
        now = core.clock()
        async with core.store.begin() as tx:
            await tx.finish(row.id, state, outcome, now)
            if row.case is not None:
                data = {"kind": row.kind, "to": row.target, **outcome}
                await tx.add_entry(row.case, Entry(now, "delivery", "system", data))
            if tell:
                await tx.send(*self._to_admins(row, now, str(outcome.get("why", ""))))

    def _to_admins(self, row: OutboxRow, now: int, why: str) -> list[Outgoing]:
        """A dead letter is told to the admins, though not where it could not be delivered.

        One that nothing reaches any more is told once in a while, not at every edit.
        """
        params = {"text": row.kind, "target": row.target, "error": why}
        return [
            replace(told, dedupe_key=f"dead:{row.target}:{told.target}:{now // _TOLD_EVERY_MS}")
            for told in self._desk.core.to_admins("admin.dead_letter", params, now)
            if told.target != row.target and told.target.partition(":")[0] in self._desk.channels
        ]

    async def _postpone(self, row: OutboxRow, wait: int, why: str, *, unsure: bool) -> None:
        core = self._desk.core
        async with core.store.begin() as tx:
            outcome = {"outcome": "retry", "why": why, "attempts": row.attempts}
            await tx.postpone(row.id, core.clock() + wait, outcome, unsure=unsure)

    def _backoff(self, row: OutboxRow) -> int:
        most = min(_BACKOFF_FIRST_MS * 2 ** min(row.attempts, 10), _BACKOFF_MOST_MS)
        return round(most * self._jitter.uniform(0.5, 1.0))
