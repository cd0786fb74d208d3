"""Waking loops that have work: within the process, and through Redis between processes.

A wake-up is only a hint.  Whoever waits looks at the database in any case once the time is over, so
a lost hint costs a second, never an alarm.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict


class LocalWake:
    """Wake-ups within this process; see `bot.ports.Wake`."""

    def __init__(self) -> None:
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def ring(self, topic: str) -> None:
        self._events[topic].set()

    async def wait(self, topic: str, timeout: float) -> None:
        event = self._events[topic]
        try:
            async with asyncio.timeout(timeout):
                await event.wait()
        except TimeoutError:
            return
        finally:
            event.clear()
