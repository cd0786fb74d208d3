"""Sending at the speed of sound: one clock that a stream of packets is held to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

# Beyond it the receiver's buffer has run dry: catching up would only make it overflow.
MOST_BEHIND = 0.1


class Pacer:
    """Lets one packet go per `interval` seconds, counted from the first and not from the last.

    So it does not drift: a packet that went late is followed by one that is on time.
    """

    def __init__(
        self,
        interval: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        most_behind: float = MOST_BEHIND,
    ) -> None:
        self._interval = interval
        self._now = now
        self._sleep = sleep
        self._most_behind = most_behind
        self._due: float | None = None
        self._lateness: list[float] = []
        self.slipped = 0.0

    async def turn(self) -> float:
        """Wait until the next packet is due.

        Returns the seconds by which the whole schedule was put off just now, because the process
        was held up for longer than a receiver can bridge; nearly always 0.
        """
        if self._due is None:
            self._due = self._now()
        wait = self._due - self._now()
        # Also without a wait others get their turn, and a cancellation is seen.
        await self._sleep(max(0.0, wait))
        late = max(0.0, self._now() - self._due)
        self._lateness.append(late)
        slip = 0.0
        if late > self._most_behind:
            slip = late
            self.slipped += slip
            self._due += slip
        self._due += self._interval
        return slip

    def late_ms(self, share: float = 0.99) -> float:
        """By how many milliseconds at most this share of the packets was late."""
        if not self._lateness:
            return 0.0
        ranked = sorted(self._lateness)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]
