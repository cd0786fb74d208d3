"""Files what is to be said at its time; where the duty is, and once, whoever files it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from bot.casework import Core
from bot.casework.scheduled import WITHIN_MS, due_rows, next_at

log = logging.getLogger(__name__)

_MOST_WAIT_S = 1.0
_LEAST_WAIT_S = 0.01


@dataclass
class Schedule:
    """Runs where the duty is."""

    core: Core
    _filed: dict[str, int] = field(default_factory=dict[str, int])

    async def run(self) -> None:
        """File what is due, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # a database that is away now is there in time, or it is too late
                log.warning("an announcement cannot be filed now", exc_info=True)
            await asyncio.sleep(self._wait())

    async def look(self) -> None:
        """File what is due and was not filed; what is on record already stays as it is."""
        now = self.core.clock()
        rows = [row for row in due_rows(self.core, now) if row.dedupe_key not in self._filed]
        if not rows:
            return
        async with self.core.store.begin() as tx:
            await tx.send(*rows)
        kept = {key: at for key, at in self._filed.items() if abs(now - at) < 2 * WITHIN_MS}
        self._filed = {**kept, **{row.dedupe_key: now for row in rows if row.dedupe_key}}

    def _wait(self) -> float:
        """Until the next one, but no longer than a clock may jump unseen."""
        now = self.core.clock()
        due = next_at(self.core, now)
        wait = _MOST_WAIT_S if due is None else (due - now) / 1000
        return min(max(wait, _LEAST_WAIT_S), _MOST_WAIT_S)
