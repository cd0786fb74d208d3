"""Keeps connections to Telegram open and proven, so that an alarm need not open one first.

On a line of a second there and back, opening one costs more than the message itself; and a
connection that died in a gap of the line is found out here, not by the next alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.domain.error import DeliveryError

_AGAIN_S = 2.0


class Warmth:
    """Makes `ask`, a small call, on `connections` connections at once, every `every` seconds."""

    def __init__(
        self, ask: Callable[[], Awaitable[object]], connections: int, every: float
    ) -> None:
        self._ask = ask
        self._connections = connections
        self._every = every

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """While the block lasts."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        await asyncio.sleep(min(_AGAIN_S, self._every))  # the receiving comes first
        while True:
            answers = await asyncio.gather(*(self._answers() for _ in range(self._connections)))
            await asyncio.sleep(self._every if all(answers) else min(_AGAIN_S, self._every))

    async def _answers(self) -> bool:
        try:
            await self._ask()
        except DeliveryError:  # the polling tells what is wrong
            return False
        return True
