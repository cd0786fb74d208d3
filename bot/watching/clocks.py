"""Notices a clock that jumps, moves along what is relative to it, and tells the admins.

A mini PC without a battery starts in the past and is set right once it reaches the network; people
set clocks by hand.  Deadlines keep the time that they had left, what waits to be sent is neither
put off for hours nor sent twice, and mutes end when they were to end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot.casework import Core
from bot.casework.notices import to_admins_elsewhere
from bot.casework.people import MUTE
from bot.clock import SteadyClock
from bot.ports import Outgoing, Tx

log = logging.getLogger(__name__)

_LOOK_S = 0.25
_LOOKS_AFTER = 20
_TOLD_FROM_MS = 60_000
_AHEAD_MS = 15 * 60_000
_BEHIND_MS = 10 * 60_000
_ALL = 1_000_000
_EVER = 2**62

Jumped = Callable[[int], None]


class ClockWatch:
    """Keeps `core.clock`, which is `clock`, with the wall clock.

    `alone`: no other machine writes the database, so that what it holds may be moved along;
    otherwise the jump is told, and what was put off for hours is pulled in.
    """

    def __init__(
        self, core: Core, clock: SteadyClock, listeners: Sequence[Jumped] = (), *, alone: bool
    ) -> None:
        self._core = core
        self._clock = clock
        self._listeners = listeners
        self._alone = alone
        self._true: dict[int, int] = {}
        self._unsettled = 0

    async def begin(self) -> int:
        """Look whether the clock is behind what is on record already; by how much (ms), else 0."""
        now, newest = self._clock(), await self._core.store.newest()
        await self._core.store.pull_in(now, _AHEAD_MS)
        behind = newest - now if newest is not None else 0
        if behind < _BEHIND_MS:
            return 0
        log.error("the clock is %d s behind what is on record: set it", behind // 1000)
        timers = await self._core.store.due_timers(_EVER, _ALL)
        self._true = {timer.id: timer.due for timer in timers}
        return behind

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            if self._unsettled:
                await self._settle()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Adopt a jump, if there was one."""
        jump = self._clock.jump()
        if not jump:
            return
        before = self._clock()
        now = before + jump
        log.warning("the clock jumped by %.1f s", jump / 1000)
        self._clock.adopt(jump)  # first: who reads the new time comes to write after us
        try:
            async with self._core.store.begin() as tx:
                if self._alone:
                    await self._move_along(tx, jump, now)
                await tx.send(*self._told(jump, before))
        except BaseException:
            self._clock.adopt(-jump)
            raise
        self._true.clear()
        for jumped in self._listeners:
            jumped(jump)
        self._unsettled = _LOOKS_AFTER
        await self._settle()

    async def _settle(self) -> None:
        """Who had read the old time, and wrote only now, must not have put off a card for hours."""
        self._unsettled -= 1
        await self._core.store.pull_in(self._clock(), _AHEAD_MS)

    async def _move_along(self, tx: Tx, jump: int, now: int) -> None:
        await tx.rebase(jump, now, self._true)
        for place, until in tuple(self._core.mutes.items()):  # others may be muted meanwhile
            known = await tx.learned(MUTE, place) or {}
            await tx.learn(MUTE, place, {**known, "until": until + jump})

    def _told(self, jump: int, before: int) -> list[Outgoing]:
        if abs(jump) < _TOLD_FROM_MS:
            return []
        key, now = "admin.clock_forward" if jump > 0 else "admin.clock_back", before + jump
        params = {"minutes": round(abs(jump) / 60_000), "since": before, "at": now}
        return to_admins_elsewhere(self._core, key, params, now)
