"""Clocks that ran out move their cases on.

Timers are rows; this loop looks at those that are due, at once when one is set for sooner than it
meant to look again.  What came due while the program was down is due now, once.
"""

from __future__ import annotations

import asyncio
import logging

from bot.casework.core import Core
from bot.casework.timers import Timers
from bot.ports import Timer, Wake

log = logging.getLogger(__name__)

_BATCH = 200
_AFTER_FAULT_S = 1.0
_PUT_OFF_MS = 5_000


class Clockwork:
    """Runs until cancelled."""

    def __init__(self, core: Core, timers: Timers, wake: Wake) -> None:
        self._core = core
        self._timers = timers
        self._wake = wake

    async def run(self) -> None:
        """Look, act, sleep until the next."""
        while True:
            due = await self._core.store.due_timers(self._core.clock(), _BATCH)
            failed = [timer for timer in due if not await self._act(timer)]
            for timer in failed:
                await self._timers.put_off(timer, self._core.clock() + _PUT_OFF_MS)
            if failed:
                await asyncio.sleep(_AFTER_FAULT_S)
            elif not due:
                await self._idle()

    async def _act(self, timer: Timer) -> bool:
        try:
            await self._timers.due(timer)
        except Exception:  # one timer's fault must not stop the others, nor stand in their way
            log.exception("timer %s failed, trying it again later", timer)
            return False
        return True

    async def _idle(self) -> None:
        due = await self._core.store.next_timer()
        wait = 1.0 if due is None else (due - self._core.clock()) / 1000
        await self._wake.wait("timers", min(max(wait, 0.005), 1.0))
