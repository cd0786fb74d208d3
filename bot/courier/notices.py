"""When more sentences about cases wait in a chat than it can take, several go as one message.

An hour after a storm a hundred clocks run out together: a hundred times "nobody has acknowledged
it" would fill the chat for minutes.  What is said in one message is the same, a line each.
"""

from __future__ import annotations

from typing import Any

from bot.courier.desk import Desk
from bot.pacing import Pacing
from bot.ports import Entry, OutboxRow, Outgoing, Tx

MOST = 20
"""Lines of a message, each a sentence: within what the narrowest platform takes."""
_CALM = 0.5
_GATHERED = ("call.", "ring.")


class Notices:
    """Gathers the sentences that the service says by itself, emergencies apart."""

    def __init__(self, desk: Desk, pacing: Pacing) -> None:
        self._core = desk.core
        self._pacing = pacing

    async def gathers(self, row: OutboxRow, pace: str, limit: int) -> bool:
        """True: it became a line of a message that follows, nothing is left to be sent for it."""
        if limit <= 0 or not _may_be_gathered(row):
            return False
        now = self._core.clock()
        if self._pacing.left(pace, row.lane, limit, now) > limit * _CALM:
            return False
        async with self._core.store.begin() as tx:
            waiting = await tx.waiting_rows(row.target, "text", MOST * 2)
            alike = [one for one in waiting if one.id != row.id and _may_be_gathered(one)]
            if not alike:
                return False
            await self._say_together(tx, [row, *alike][:MOST], now)
        return True

    async def _say_together(self, tx: Tx, rows: list[OutboxRow], now: int) -> None:
        for number in sorted({row.case for row in rows if row.case is not None}):
            await tx.case(number)  # before its rows, as everywhere: no deadlocks
        said: list[dict[str, Any]] = []
        people: list[str] = []
        for row in rows:
            outcome = {"outcome": "gathered"}
            if not await tx.merge(row, outcome, now):
                continue
            kept = {name: row.payload[name] for name in ("key", "params") if name in row.payload}
            said.append({**kept, "case": row.case})
            people += row.payload.get("people", ())
            if row.case is not None:
                data = {"kind": row.kind, "to": row.target, **outcome}
                await tx.add_entry(row.case, Entry(now, "delivery", "system", data))
        payload = {
            "several": said,
            "people": list(dict.fromkeys(people)),
            "private": bool(rows[0].payload.get("private")),
        }
        lane = min((row.lane for row in rows), key=("serious", "general", "reminder").index)
        await tx.send(Outgoing("text", rows[0].target, payload, now, lane=lane))


def _may_be_gathered(row: OutboxRow) -> bool:
    """Whether it is a sentence about a case that may stand among others."""
    said = row.kind == "text" and str(row.payload.get("key", "")).startswith(_GATHERED)
    return said and not row.unsure and row.lane in ("serious", "general", "reminder")
