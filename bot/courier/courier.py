"""The loop of the courier: claim what is due, try each row on its own, renew what takes long.

One chat, one speaker, one failing row never holds up another: every row is a task of its own, a
target has only so many at a time, and only rows of the same stream (a case in a chat) wait for each
other, in the database.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Collection

from bot.courier.attempt import Attempts
from bot.courier.deliveries import CHATS
from bot.courier.desk import Desk
from bot.ports import OutboxRow, Share, Wake, Whole, part_of, topic_of

log = logging.getLogger(__name__)

LEASE_MS = 30_000
AT_ONCE = 64
_PER_CLAIM = 8
_PER_TARGET = 8
_AFTER_FAULT_S = 1.0
_MOST_WAIT_S = 1.0
_LEAST_WAIT_S = 0.01
_DRAIN_S = 3.0


class Courier:
    """Takes rows of some kinds out of the outbox until cancelled.

    What is spoken has a courier of its own: a hundred sentences that wait for their speaker must
    not keep a card from its chat.  So have pictures that come after their words, of which a thin
    line takes two at a time; `at_once` says how many rows may be under way.
    """

    def __init__(
        self,
        desk: Desk,
        wake: Wake,
        *,
        kinds: Collection[str] = CHATS,
        at_once: Callable[[], int] = lambda: AT_ONCE,
        share: Share | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        self._store = desk.core.store
        self._clock = desk.core.clock
        self._wake = wake
        self.kinds = sorted(kinds)
        self._at_once = at_once
        self._topic = topic_of(self.kinds[0])
        self._attempts = Attempts(desk, jitter)
        self._share = share or Whole()
        self._parts: frozenset[int] = frozenset()
        self._running: dict[asyncio.Task[None], OutboxRow] = {}
        self._claiming = False
        self._renewed = 0

    @property
    def under_way(self) -> int:
        """How many rows are being delivered now; one more while others are being claimed."""
        return len(self._running) + self._claiming

    def clock_jumped(self, jump: int) -> None:
        """The clock jumped by so many milliseconds."""
        self._attempts.clock_jumped(jump)

    async def run(self) -> None:
        """Deliver until cancelled; then let what is under way end for a moment."""
        try:
            while True:
                try:
                    await self._take_over()
                    if not await self._round():
                        await self._idle()
                except Exception:  # whatever the database does, what is under way goes on
                    log.exception("the outbox cannot be read, trying again")
                    await asyncio.sleep(_AFTER_FAULT_S)
        finally:
            await self._drain()

    async def _take_over(self) -> None:
        """Parts that are ours now: what others have just sent there counts to the pace."""
        parts = self._share.parts()
        if new := parts - self._parts:
            await self._attempts.remember(self.kinds, new)
        self._parts = parts

    async def _round(self) -> bool:
        """Claim and start what is due; False when there was nothing."""
        await self._renew()
        free = self._at_once() - len(self._running)
        if free <= 0:
            await self._one_ends()
            return True
        self._claiming = True
        try:
            rows = await self._claim(min(free, _PER_CLAIM))
            for row in rows:
                self._start(row)
        finally:
            self._claiming = False
        return bool(rows)

    async def _claim(self, most: int) -> list[OutboxRow]:
        targets = Counter(row.target for row in self._running.values())
        busy = [target for target, count in targets.items() if count >= _PER_TARGET]
        now = self._clock()
        return await self._store.claim(
            now, LEASE_MS, most, kinds=self.kinds, busy=busy, parts=self._parts
        )

    def _start(self, row: OutboxRow) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(row))
        self._running[task] = row
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Another row of its stream, or for its target, may go now."""
        del self._running[task]
        self._wake.ring(self._topic)

    async def _deliver(self, row: OutboxRow) -> None:
        try:
            if part_of(row.target) in self._share.parts():
                await self._attempts.attempt(row)
            else:  # lost while it was being claimed: whoever has the part now sends it
                await self._store.release(row, self._clock())
        except Exception:  # the boundary of one delivery: the row stays leased and comes back
            log.exception("delivery %d (%s) broke off", row.id, row.kind)

    async def _renew(self) -> None:
        """What is still being worked on is not to be claimed by anybody else."""
        now = self._clock()
        if not self._running or abs(now - self._renewed) < LEASE_MS // 3:
            return
        await self._store.renew([row.id for row in self._running.values()], now + LEASE_MS)
        self._renewed = now

    async def _one_ends(self) -> None:
        await asyncio.wait(self._running, timeout=_MOST_WAIT_S, return_when=asyncio.FIRST_COMPLETED)

    async def _idle(self) -> None:
        due = await self._store.next_due(self.kinds, self._parts)
        wait = _MOST_WAIT_S if due is None else (due - self._clock()) / 1000
        await self._wake.wait(self._topic, min(max(wait, _LEAST_WAIT_S), _MOST_WAIT_S))

    async def _drain(self) -> None:
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
