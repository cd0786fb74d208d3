"""Reports of cameras on their way into the database: key by key, and none waits for another's.

While the database cannot be written, what a hazard is now stands for all that it was meanwhile: one
that begins again before its end was taken has never ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import replace

from bot.domain.message import Picture
from bot.domain.report import Phase, Report, Shot

log = logging.getLogger(__name__)

_RETRY_S = 1.0
_LAST_WITHIN_S = 3.0

HandIn = Callable[[Report], Awaitable[bool]]
"""Whether the report was taken."""


class Holding:
    """Hands in the reports of each key in their order, again and again until they are taken."""

    def __init__(self, hand_in: HandIn) -> None:
        self._hand_in = hand_in
        self._waiting: dict[Hashable, deque[Report]] = {}
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}

    def add(self, key: Hashable, report: Report) -> None:
        """Hold it until it is taken; returns at once."""
        waiting = self._waiting.setdefault(key, deque())
        _join(waiting, report)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._in_order(key, waiting))

    def held(self, key: Hashable) -> list[Report]:
        """What waits for this key, the oldest first."""
        return list(self._waiting.get(key, ()))

    async def settled(self, within: float | None = None) -> None:
        """Wait until nothing is held, for so many seconds at most."""
        if self._tasks:
            await asyncio.wait([*self._tasks.values()], timeout=within)

    async def close(self) -> None:
        """Let what can be taken be taken; the rest is given up."""
        await self.settled(_LAST_WITHIN_S)
        tasks = [*self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if lost := sum(map(len, self._waiting.values())):
            log.warning("%d reports of cameras were not taken before the end", lost)

    async def _in_order(self, key: Hashable, waiting: deque[Report]) -> None:
        try:
            while waiting:
                if await self._hand_in(waiting[0]) or waiting[0].phase is Phase.CONTINUE:
                    waiting.popleft()
                    continue
                waiting[0] = _lighter(waiting[0])
                await asyncio.sleep(_RETRY_S)
            del self._waiting[key]
        finally:
            del self._tasks[key]


def _join(waiting: deque[Report], report: Report) -> None:
    """Add what is new; the first may be on its way already, and stays."""
    if report.phase is Phase.CONTINUE:
        if not waiting:
            waiting.append(report)
        return
    ended = len(waiting) > 1 and waiting[-1].phase is Phase.END
    if report.phase is Phase.START and ended and waiting[-2].phase is Phase.START:
        waiting.pop()
        return
    waiting.append(report)


def _lighter(report: Report) -> Report:
    """Its pictures by name only: their bytes are in the store, and memory is short."""
    shot = report.shot
    if shot is None:
        return report

    def named(picture: Picture | None) -> Picture | None:
        return replace(picture, jpeg=b"") if picture is not None else None

    annotated = named(shot.annotated)
    assert annotated is not None, "every shot has it"
    return replace(report, shot=Shot(annotated, named(shot.blurred), named(shot.clean)))
