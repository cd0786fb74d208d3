"""This process's share of the work among several, kept by leases in the database.

Leases are renewed every second and last a few.  Where the database does not answer, a process lets
go by its own clock before the lease ends for the others, so that two never have the same; and one
that died is followed within seconds.  The parts are divided evenly among the processes that live.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager

from bot.ports import PARTS, Leases, Wake

log = logging.getLogger(__name__)

LEASE_MS = 3_000
_PROCESS, _PART = "process:", "part:"
_TOPICS = ("outbox", "speakers", "inbox")


class LeasedShare:
    """See `bot.ports.Share`.  `duties` are all that there are; `holder` names this process.

    A lease lasts `lease_ms`, is renewed four times in that time, and is let go of a sixth before
    its end.  `kept` takes what is free before anything else starts, and keeps it until left.
    """

    def __init__(
        self,
        leases: Leases,
        holder: str,
        duties: Collection[str],
        wake: Wake,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self._leases = leases
        self._holder = holder
        self._duties = frozenset(duties)
        self._wake = wake
        self._lease_ms = lease_ms
        self._every_s = lease_ms / 4000
        self._valid_s = lease_ms / 1200
        self._own = f"{_PROCESS}{holder}"
        self._held: dict[str, int] = {}
        self._valid_until = 0.0
        self._changed = asyncio.Event()

    def parts(self) -> frozenset[int]:
        held = self._held if self._valid else {}
        return frozenset(_number(name) for name in held if name.startswith(_PART))

    def has(self, duty: str) -> bool:
        return self._valid and duty in self._held

    async def while_mine(self, duty: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._until(lambda: self.has(duty))
            working = asyncio.ensure_future(work())
            watching = asyncio.ensure_future(self._until(lambda: not self.has(duty)))
            try:
                await asyncio.wait([working, watching], return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    return working.result()
                log.warning("%s is another process's now", duty)
            finally:
                for task in (working, watching):
                    task.cancel()
                await asyncio.gather(working, watching, return_exceptions=True)

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[LeasedShare, None]:
        """Have a share; on leaving it is given up.  Raises what the database does at first."""
        await self._round()
        keeping = asyncio.ensure_future(self._keep())
        try:
            yield self
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._give_up()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                async with asyncio.timeout(self._valid_s):
                    await self._round()
            except Exception as error:  # noqa: BLE001  boundary: whatever the database does, ask again
                log.warning("the leases cannot be renewed: %r", error)
                self._tell()

    async def _round(self) -> None:
        asked_at = self._now()
        before = self.parts(), frozenset(self._held) if self._valid else frozenset[str]()
        kept = await self._leases.renew(self._held, self._holder, self._lease_ms)
        self._held = {name: epoch for name, epoch in self._held.items() if name in kept}
        running = await self._leases.held()
        await self._shed(self._surplus(running))
        wanted = self._wanted(running)
        self._held |= await self._leases.take(wanted, self._holder, self._lease_ms)
        self._valid_until = asked_at + self._valid_s
        if before != (self.parts(), frozenset(self._held)):
            log.info("this process has %s", ", ".join(sorted(self._held)))
            self._tell()

    def _wanted(self, running: Mapping[str, str]) -> list[str]:
        """What is free, or was this process's before it was started anew."""
        names = [self._own, *self._duties, *(f"{_PART}{n}" for n in range(PARTS))]
        free = [
            name
            for name in names
            if name not in self._held and running.get(name, self._holder) == self._holder
        ]
        parts = [name for name in free if name.startswith(_PART)]
        room = max(self._fair(running) - len(self._own_parts()), 0)
        return [name for name in free if name not in parts[room:]]

    def _surplus(self, running: Mapping[str, str]) -> list[str]:
        return self._own_parts()[self._fair(running) :]

    def _own_parts(self) -> list[str]:
        return sorted(name for name in self._held if name.startswith(_PART))

    def _fair(self, running: Mapping[str, str]) -> int:
        """How many parts each process may have, this one counted too."""
        processes = {name for name in running if name.startswith(_PROCESS)} | {self._own}
        return -(-PARTS // len(processes))

    async def _shed(self, names: Collection[str]) -> None:
        """Others have room for these; nothing is begun there any more before they are given up."""
        shed = {name: self._held.pop(name) for name in names}
        await self._leases.release(shed, self._holder)

    async def _give_up(self) -> None:
        held, self._held = self._held, {}
        try:
            async with asyncio.timeout(self._valid_s):
                await self._leases.release(held, self._holder)
        except Exception as error:  # noqa: BLE001  boundary: then they end by themselves
            log.info("the leases could not be given up: %r", error)

    @property
    def _valid(self) -> bool:
        return self._now() < self._valid_until

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            changed = self._changed
            try:
                async with asyncio.timeout(max(self._valid_until - self._now(), self._every_s)):
                    await changed.wait()
            except TimeoutError:
                continue

    def _tell(self) -> None:
        """Wake whoever waits; the bell is replaced, so that each waits for news of its own."""
        self._changed.set()
        self._changed = asyncio.Event()
        for topic in _TOPICS:
            self._wake.ring(topic)


def _number(name: str) -> int:
    return int(name.removeprefix(_PART))
