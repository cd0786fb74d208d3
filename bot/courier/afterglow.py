"""A light is put out in time also where the database cannot be asked, or takes nothing any more.

What switches it off is a row of the outbox.  While the server is away, or the disk is full, that
row cannot be claimed, and a siren would wail until somebody comes.  So the process that switched it
on remembers since when; the row is carried out all the same when that can be, and tells how it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.courier.desk import Desk, LastOrder
from bot.ports import SWITCHED

log = logging.getLogger(__name__)

GRACE_S = 10.0
"""So long after its time the outbox may be late with it."""
_LOOK_S = 1.0
_AGAIN_S = 15.0
_ASKED_WITHIN_S = 3.0
_SWITCHED_WITHIN_S = 25.0


class Afterglow:
    """Looks at what this process switched on; `clock` are the event loop's seconds."""

    def __init__(self, desk: Desk, clock: Callable[[], float] | None = None) -> None:
        self._desk = desk
        self._clock = clock or asyncio.get_running_loop().time
        self._tried: dict[str, float] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Put out what shines for too long, all at once."""
        late = [id for id, last in self._desk.orders.items() if self._is_late(id, last)]
        await asyncio.gather(*(self._put_out(id) for id in late))

    def _is_late(self, id: str, last: LastOrder) -> bool:
        actuator = self._desk.core.people.config.actuator(id)
        if not last.on or actuator is None:
            return False
        lasts, now = actuator.on_for.total_seconds() + GRACE_S, self._clock()
        return now - last.began > lasts and now - self._tried.get(id, -_AGAIN_S) >= _AGAIN_S

    async def _put_out(self, id: str) -> None:
        self._tried[id] = began = self._clock()
        async with self._desk.turn_of(id):
            last = self._desk.orders.get(id)
            if last is None or not last.on or await self._is_held(id):
                return
            try:
                async with asyncio.timeout(_SWITCHED_WITHIN_S):
                    switched = await self._desk.actuators[id].switch(False)
            except TimeoutError:
                log.warning("%s shines for too long, and does not answer", id)
                return
            log.warning("%s is put out without the outbox: %s", id, switched.outcome)
            if switched.outcome in SWITCHED:
                self._desk.orders[id] = LastOrder(False, began, switched)

    async def _is_held(self, id: str) -> bool:
        """Whether another case keeps it on; nobody knows of one while the database is away."""
        core = self._desk.core
        try:
            async with asyncio.timeout(_ASKED_WITHIN_S):
                return await core.store.held_on(id, core.clock())
        except Exception as error:  # noqa: BLE001  each engine's own errors, and all mean: unknown
            log.info("what keeps %s on cannot be asked: %r", id, error)
            return False
