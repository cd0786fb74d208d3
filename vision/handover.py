"""Handing violations from the looker's thread to the event loop, in order and without loss."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from vision.violation import Violation

log = logging.getLogger(__name__)

OnViolation = Callable[[Violation], Awaitable[None]]
RETRY_S = 1.0


class Handover:
    """A queue whose length is bounded by what lives: of waiting `continue`s one per key is kept.

    A callback that raises is tried again with the same violation until it takes it.
    """

    def __init__(self, on_violation: OnViolation, retry_s: float = RETRY_S) -> None:
        self._on_violation = on_violation
        self._retry_s = retry_s
        self._waiting: deque[Violation] = deque()
        self._filled = asyncio.Event()
        self._closing = False
        self._loop = asyncio.get_running_loop()

    def put(self, violation: Violation) -> None:
        """Hand in a violation; from any thread, returns at once."""
        self._loop.call_soon_threadsafe(self._append, violation)

    async def run(self) -> None:
        """Feed the callback, one violation after the other, until closed and empty."""
        while not (self._closing and not self._waiting):
            await self._filled.wait()
            while self._waiting:
                await self._deliver(self._waiting.popleft())
            if not self._closing:
                self._filled.clear()

    def close(self) -> None:
        """Let `run` end once everything that waits was taken; nothing is tried twice any more."""
        self._closing = True
        self._filled.set()

    def _append(self, violation: Violation) -> None:
        if violation.phase == "continue":
            kept = [w for w in self._waiting if w.key != violation.key or w.phase != "continue"]
            self._waiting = deque(kept)
        self._waiting.append(violation)
        self._filled.set()

    async def _deliver(self, violation: Violation) -> None:
        while True:
            try:
                await self._on_violation(violation)
            except Exception:  # boundary: whatever the taker's trouble, the violation is not lost
                log.exception("%s of %s was not taken", violation.phase, violation.key)
                if self._closing:
                    return
                await asyncio.sleep(self._retry_s)
            else:
                return
