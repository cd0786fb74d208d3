"""When more cards wait in a chat than it can take, they become one message: a digest.

While a chat is calm each case has a card of its own.  In a storm the first few go out alone; then
what waits is gathered into a digest, a line per case, and what comes while it has room joins it by
an edit, which costs the chat no message.  So a place is left for emergencies and for answers, and
nobody waits a minute to hear of the twentieth case.

What is general, and over already when it can at last be told, is gathered too (`bot.domain.late`).
Emergencies never are.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from bot.courier.desk import Desk
from bot.domain.hazard import Severity
from bot.domain.late import over_before_told
from bot.pacing import Pacing
from bot.ports import Digest, Entry, OutboxRow, Outgoing, Tx

ROOM = 20
"""Lines of a digest: as many as stand under a picture on the narrowest platform."""
_JOINED_WITHIN_MS = 60_000
_CALM = 0.5
"""While more than this part of a minute's messages is left, each case has its own card."""
_SCARCE = 0.35
"""While no more than this part is left, one that waits alone begins a digest for those to come."""


class Storm:
    """Decides for each card whether it goes alone, and gathers those that do not."""

    def __init__(self, desk: Desk, pacing: Pacing) -> None:
        self._desk = desk
        self._core = desk.core
        self._pacing = pacing
        self._queues: defaultdict[str, dict[int, OutboxRow]] = defaultdict(dict)
        self._joined: dict[str, int] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def gathers(self, row: OutboxRow, pace: str, limit: int) -> bool:
        """True: the card became a line of a digest, nothing is left to be sent for this row."""
        if row.kind != "card" or row.lane == "emergency" or row.unsure or row.payload.get("alone"):
            return False
        queue = self._queues[row.target]
        queue[row.id] = row
        try:
            async with self._locks[row.target]:
                return row.id not in queue or await self._decide(row, pace, limit)
        finally:
            queue.pop(row.id, None)

    async def _decide(self, row: OutboxRow, pace: str, limit: int) -> bool:
        now = self._core.clock()
        left = self._pacing.left(pace, row.lane, limit, now)
        calm = limit <= 0 or left > limit * _CALM
        case = await self._core.store.get_case(row.case or 0)
        if calm and not self._may_join(row, now) and not over_before_told(case, now):
            return False
        few = 1 if 0 < left <= limit * _SCARCE else 2
        rings = left > 0 and row.lane == "serious"
        return await self._gather(row, now, calm=calm, few=few, rings=rings)

    def _may_join(self, row: OutboxRow, now: int) -> bool:
        """Whether the chat may have a digest with room; after a start nobody knows."""
        return now - self._joined.get(row.target, now) < _JOINED_WITHIN_MS

    async def _gather(self, row: OutboxRow, now: int, *, calm: bool, few: int, rings: bool) -> bool:
        """Join an open digest, or begin one where at least so `few` cards wait.

        One that `rings` joins none that came silently: an edit rings nobody.
        """
        async with self._core.store.begin() as tx:
            rows = await self._waiting(tx, row)
            numbers = sorted({one.case for one in rows if one.case is not None})
            cases = {number: await tx.case(number) for number in numbers}  # before their rows
            if calm:
                rows = [one for one in rows if over_before_told(cases.get(one.case or 0), now)]
            digest = await tx.open_digest(row.target, now - _JOINED_WITHIN_MS, ROOM)
            if calm and not rows and digest and not await self._goes_on(digest):
                return False
            if digest and rings and not await self._rang(digest):
                digest = None
            self._joined[row.target] = now if digest or len(rows) >= few else 0
            if digest is None:
                if len(rows) < few:
                    return False
                digest = await self._opened(tx, row, now)
            await self._join(tx, digest, (rows or [row])[: ROOM - len(digest.cases)], now)
        return True

    async def _waiting(self, tx: Tx, row: OutboxRow) -> list[OutboxRow]:
        """This card, those that wait here for the same decision, and those that nobody has yet."""
        here = [one for one in self._queues[row.target].values() if one.id != row.id]
        return [row, *here, *await tx.waiting_rows(row.target, "card", ROOM)][:ROOM]

    async def _goes_on(self, digest: Digest) -> bool:
        """Whether it tells of a storm, and not only of what was over when it could be told."""
        return any(case.live for case in await self._core.store.get_cases(digest.cases))

    async def _rang(self, digest: Digest) -> bool:
        """Whether it tells of something serious, too."""
        cases = await self._core.store.get_cases(digest.cases)
        return any(case.severity >= Severity.SERIOUS for case in cases)

    async def _opened(self, tx: Tx, row: OutboxRow, now: int) -> Digest:
        """A digest and the row that sends it; it goes before the cards that still wait."""
        private = bool(row.payload.get("private"))
        digest = await tx.add_digest(row.target, private, now)
        payload = {"digest": digest.id, "private": private}
        stream = f"{row.target}#D{digest.id}"
        await tx.send(Outgoing("digest", row.target, payload, now, lane="serious", stream=stream))
        return digest

    async def _join(self, tx: Tx, digest: Digest, rows: list[OutboxRow], now: int) -> None:
        joined: list[int] = []
        for row in rows:
            outcome = {"outcome": "digest", "digest": digest.id}
            if row.case is None or not await tx.merge(row, outcome, now):
                continue
            joined.append(row.case)
            self._queues[row.target].pop(row.id, None)
            data = {"kind": row.kind, "to": row.target, **outcome}
            await tx.add_entry(row.case, Entry(now, "delivery", "system", data))
        await tx.join_digest(digest.id, joined, now)
