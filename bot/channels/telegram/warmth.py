"""Keeps connections to Telegram open and proven, so that an alarm need not open one first.

On a line of a second there and back, opening one costs more than the message itself; and a
connection that died in a gap of the line is found out here, not by the next alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from bot.domain.error import DeliveryError, RetryLater, Uncertain

Knock = Callable[[], Awaitable[object]]

_AGAIN_S = 2.0
_SLOW_S = 0.5
_LEARNT = 8
"""So many answers on a slow line, and the network knows how long one takes.  From a connection's
first it takes it for three times that, and would repeat what was lost only then (RFC 6298)."""


class Warmth:
    """Makes all `knocks`, small calls, at once, every `every` seconds: a connection for each."""

    def __init__(self, knocks: Sequence[Knock], every: float) -> None:
        self._knocks = knocks
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
        again = min(_AGAIN_S, self._every)
        await asyncio.sleep(again)  # the receiving comes first
        clock, learnt = asyncio.get_running_loop().time, 0
        while True:
            begun = clock()
            answers = await asyncio.gather(*(_answers(knock) for knock in self._knocks))
            learnt = learnt + 1 if all(answers) else 0
            if not learnt:
                await asyncio.sleep(again)
            elif learnt >= _LEARNT or clock() - begun < _SLOW_S:
                await asyncio.sleep(self._every)


async def _answers(knock: Knock) -> bool:
    try:
        await knock()
    except RetryLater as error:
        return error.retry_after is not None
    except Uncertain:
        return False
    except DeliveryError:  # an answer, too; the polling tells what is wrong
        pass
    return True
