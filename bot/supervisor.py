"""Keeps the program's loops running: one that breaks is logged and started again.

Loops are started from a clean context, so that nothing of whoever started them (a transaction, a
request) lives on in them.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 3.0
_STEADY_S = 60.0


class Supervisor:
    """Runs named loops until they are stopped."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run `loop` for ever, again after a pause when it breaks."""
        self._tasks[name] = asyncio.get_running_loop().create_task(
            _keep_running(name, loop), name=name, context=contextvars.copy_context()
        )

    async def stop(self, *names: str) -> None:
        """Stop these loops (all, without names) and wait for their ends."""
        chosen = names or tuple(reversed(self._tasks))
        tasks = [task for name in chosen if (task := self._tasks.pop(name, None))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    pause = _FIRST_PAUSE_S
    clock = asyncio.get_running_loop().time
    while True:
        started = clock()
        try:
            await loop()
            log.warning("%s ended by itself, starting it again", name)
        except Exception:  # the boundary of a loop: whatever it was, the program goes on
            log.exception("%s broke, starting it again in %.1f s", name, pause)
        if clock() - started > _STEADY_S:
            pause = _FIRST_PAUSE_S
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)
