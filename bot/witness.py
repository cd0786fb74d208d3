"""The evening's witness: a checkpoint of all evidence, and its short hash in the admins' chats.

Whoever could rewrite the whole database could not rewrite what people were told.  So once a day, at
a time of the first site's day, the heads of all chains are sealed, and the seal is told.  A day on
which nothing happened needs none; one that passed while the program was down is made up for.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, time, timedelta, tzinfo

from bot.casework.core import Core
from bot.domain.rfc3339 import utc

log = logging.getLogger(__name__)

SINCE = "witness"
"""Kind under which is kept since when there are witnesses here."""

_LOOK_S = 30.0
_DAY = timedelta(days=1)


class Witness:
    """Runs until cancelled."""

    def __init__(self, core: Core, at: time) -> None:
        self._core = core
        self._at = at

    async def run(self) -> None:
        """Look twice a minute whether it is time."""
        while True:
            try:
                await self.look()
            except Exception:  # a database that is away now is there later; the evening is not lost
                log.warning("the evening's checkpoint is not taken yet", exc_info=True)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Take a checkpoint and tell it, if the time for it has come since the last one."""
        core = self._core
        latest = await core.store.latest_checkpoint()
        since, now = max(await self._since(), latest.at if latest else 0), core.clock()
        if now < self.due(since):
            return
        async with core.store.begin() as tx:
            taken = await tx.take_checkpoint(now)
            if taken is not None:
                params = {"text": taken.witness, "at": now, "count": taken.cases}
                await tx.send(*core.to_admins("admin.witness", params, now))
                log.info("checkpoint %d of %s: %s", taken.n, utc(now), taken.witness)
            else:  # nothing to seal: the next look is tomorrow's
                await tx.learn(SINCE, SINCE, {"at": now})

    def due(self, since: int) -> int:
        """The first evening after `since`, both in epoch milliseconds."""
        zone = self._zone()
        start = datetime.fromtimestamp(since / 1000, zone)
        evening = datetime.combine(start.date(), self._at, zone)
        if evening <= start:
            evening = datetime.combine(start.date() + _DAY, self._at, zone)
        return round(evening.timestamp() * 1000)

    async def _since(self) -> int:
        """From when on the evenings count: the first start, or the last evening without news."""
        known = (await self._core.store.all_learned(SINCE)).get(SINCE)
        if known is not None:
            return int(known["at"])
        now = self._core.clock()
        async with self._core.store.begin() as tx:
            await tx.learn(SINCE, SINCE, {"at": now})
        return now

    def _zone(self) -> tzinfo:
        sites = self._core.people.config.sites
        return sites[0].timezone if sites else UTC
