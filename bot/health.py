"""Whether alarms get through now: what /readyz says."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from bot.ports import Channel, Clock, Store
from handlers.http.context import Check

log = logging.getLogger(__name__)

_LATE_MS = 60_000


class Health:
    """Healthy means delivered: the database answers and nothing due has been waiting for long."""

    def __init__(self, store: Store, clock: Clock, channels: Mapping[str, Channel]) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels

    async def checks(self) -> Sequence[Check]:
        """One line each for the database, the outbox and the clocks."""
        try:
            return await self._asked()
        except Exception as error:  # noqa: BLE001  boundary: each engine's own errors, all mean: away
            log.warning("the database does not answer: %s", error)
            return [Check("database", False, type(error).__name__)]

    async def _asked(self) -> Sequence[Check]:
        now = self._clock()
        waiting = await self._store.oldest_waiting()
        lag = now - waiting if waiting is not None else 0
        timer = await self._store.next_timer()
        late = now - timer if timer is not None and timer < now else 0
        return [
            Check("database", True),
            Check("delivery", lag < _LATE_MS, f"oldest undelivered: {lag} ms"),
            Check("timers", late < _LATE_MS, f"latest timer: {late} ms late"),
            Check("channels", bool(self._channels), ", ".join(self._channels)),
        ]
