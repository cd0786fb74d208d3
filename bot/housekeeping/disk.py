"""A disk that is getting full: the admins are told once, and the oldest pictures go early.

What goes first is worth least as evidence: files that nobody has, then clean copies, clips and
recordings, then pictures; of general cases before serious ones before emergencies, the oldest
first.  Live cases lose nothing, nor does what is younger than `keep_at_least`.  Where nothing may
go, cases go on without pictures.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.casework import Core
from bot.casework.notices import to_admins_elsewhere
from bot.domain.clocks import ms
from bot.domain.hazard import Severity
from bot.domain.retention import Retention, gigabytes
from bot.housekeeping.letting import BATCH, LettingGo
from bot.housekeeping.sweep import Sweep
from bot.ports import DUTY, Disposable, Share, Stock

log = logging.getLogger(__name__)

_LOOK_S = 10.0
_PAUSE_S = 0.05
_COPIES = frozenset({"clean", "clip", "recording"})
_GRADES = (Severity.GENERAL, Severity.SERIOUS, Severity.EMERGENCY)
_SWEEP_EVERY_MS = 90_000
_TOLD_EVERY_MS = 10 * 60_000
_LEAST = 256 * 10**6
"""With less than that, or a quarter of what is to be free, alarms are in danger."""


@dataclass(frozen=True, slots=True)
class DiskState:
    """Bytes: of the disk, free of them, of pictures and clips, and what both ought to be."""

    total: int
    free: int
    pictures: int
    keep_free: int
    quota: int

    @property
    def short(self) -> bool:
        """Whether something is to go."""
        return self.free < self.keep_free or self.pictures > self.quota

    @property
    def calm(self) -> bool:
        """Whether there is room again, and not only just."""
        return self.free >= 1.2 * self.keep_free and self.pictures <= 0.9 * self.quota

    @property
    def dangerous(self) -> bool:
        """Whether soon nothing can be written any more."""
        return self.free < min(self.keep_free // 4, _LEAST)

    @property
    def missing(self) -> int:
        """Bytes that are to go, and some more, so that it is not the same again in a minute."""
        room = 1.1 * self.keep_free - self.free if self.free < self.keep_free else 0
        over = self.pictures - 0.95 * self.quota if self.pictures > self.quota else 0
        return int(max(room, over))


class DiskWatch:
    """Looks every few seconds; `state` is what it saw last, None before the first look."""

    def __init__(
        self,
        core: Core,
        stock: Stock,
        sweep: Sweep,
        letting: LettingGo,
        share: Share,
        *,
        retention: Retention,
    ) -> None:
        self._core = core
        self._retention = retention
        self._stock = stock
        self._sweep = sweep
        self._letting = letting
        self._share = share
        self._freed = 0
        self._swept: int | None = None
        self._size = 0
        self._told: Literal["", "low", "stuck"] = ""
        self.state: DiskState | None = None
        self.stuck = False

    def words(self) -> Mapping[str, Any]:
        """What a sentence about it may say; nothing before the first look."""
        return {**told(self.state), "short": self.state.short} if self.state else {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # a full disk and a database that is away have many errors
                log.warning("the disk cannot be looked after", exc_info=True)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """See how much is free, make room where that is too little, and tell the admins."""
        state = await self._measure()
        began = state.short
        if self._share.has(DUTY):
            if state.short:
                await self._make_room(state)
                state = await self._measure()
            elif state.calm:
                await self._stock.keep_reserve()
        self.stuck = state.short
        await self._tell(state, began)

    async def _measure(self) -> DiskState:
        space = await self._stock.space()
        if self._sweep.size != self._size:  # swept anew, what was freed since is counted in it
            self._size, self._freed = self._sweep.size, 0
        kept = self._retention
        self.state = DiskState(
            total=space.total,
            free=space.free,
            pictures=max(self._size - self._freed, 0),
            keep_free=kept.keep_free.of(space.total),
            quota=kept.disk_quota.of(space.total),
        )
        return self.state

    async def _make_room(self, state: DiskState) -> None:
        missing, most = state.missing - await self._sweep_early(), 1
        try:
            for which, rule in self._in_order(state):
                while missing > 0:
                    gone, freed = await self._letting.some(which, rule, most)
                    missing -= freed
                    most = min(max(missing * gone // max(freed, 1), 1), BATCH)
                    self._freed += freed
                    if not gone:
                        break
                    if not freed:  # entries alone make no room: wait and see
                        return
                    await asyncio.sleep(_PAUSE_S)
        except OSError as error:
            log.error("no room can be made on the disk: %s", error)

    async def _sweep_early(self) -> int:
        now = self._core.clock()
        if self._swept is not None and 0 <= now - self._swept < _SWEEP_EVERY_MS:
            return 0
        self._swept = now
        return await self._sweep.go(early=True)

    def _in_order(self, state: DiskState) -> Iterator[tuple[Disposable, str]]:
        rule = "keep_free" if state.free < state.keep_free else "disk_quota"
        before = self._core.clock() - ms(self._retention.keep_at_least)
        for kinds in (_COPIES, frozenset[str]()):
            for gravest in _GRADES:
                yield Disposable(before, gravest, kinds), rule

    async def _tell(self, state: DiskState, began: bool) -> None:
        """Once when it begins, once more if nothing helps, and once when it is over."""
        if self.stuck and self._told != "stuck":
            await self._send("admin.disk_stuck", state)
            self._told = "stuck"
        elif began and not self._told:
            await self._send("admin.disk_low", state)
            self._told = "low"
        elif self._told and state.calm:
            await self._send("admin.disk_back", state)
            self._told = ""

    async def _send(self, key: str, state: DiskState) -> None:
        now, params = self._core.clock(), told(state)
        log.warning("%s: %s", key, params)
        rows = [
            replace(row, dedupe_key=f"{key}:{row.target}:{now // _TOLD_EVERY_MS}")
            for row in to_admins_elsewhere(self._core, key, params, now)
        ]
        async with self._core.store.begin() as tx:
            await tx.send(*rows)


def told(state: DiskState) -> dict[str, Any]:
    """What a sentence about it may say."""
    return {
        "free": gigabytes(state.free),
        "wanted": gigabytes(state.keep_free),
        "pictures": gigabytes(state.pictures),
        "quota": gigabytes(state.quota),
    }
