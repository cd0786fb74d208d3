"""Clocks that ran out move their cases on.

Timers are rows; this loop looks at those that are due, at once when one is set for sooner than it
meant to look again.  What came due while the program was down is due now, once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.casework.core import Core
from bot.casework.timers import Timers
from bot.ports import Timer, Wake

log = logging.getLogger(__name__)

_BATCH = 200
_TOGETHER = 25
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
            failed = await self._serve(due)
            for timer in failed:
                await self._timers.put_off(timer, self._core.clock() + _PUT_OFF_MS)
            if failed:
                await asyncio.sleep(_AFTER_FAULT_S)
            elif not due:
                await self._idle()

    async def _serve(self, due: Sequence[Timer]) -> list[Timer]:
        """Act on them, some at a time; those that failed."""
        first = {timer.case: timer for timer in reversed(due)}  # the rest of a case comes after
        timers = sorted(first.values(), key=lambda timer: timer.due)
        failed: list[Timer] = []
        for begin in range(0, len(timers), _TOGETHER):
            failed += await self._act(timers[begin : begin + _TOGETHER])
        return failed

    async def _act(self, timers: Sequence[Timer]) -> list[Timer]:
        """One timer's fault must not stop the others, nor stand in their way."""
        try:
            await self._timers.due(*timers)
        except Exception:  # each is tried alone, to find out whose fault it is
            if len(timers) > 1:
                return [failed for timer in timers for failed in await self._act([timer])]
            log.exception("timer %s failed, trying it again later", timers[0])
            return [*timers]
        return []

    async def _idle(self) -> None:
        due = await self._core.store.next_timer()
        wait = 1.0 if due is None else (due - self._core.clock()) / 1000
        await self._wake.wait("timers", min(max(wait, 0.005), 1.0))
