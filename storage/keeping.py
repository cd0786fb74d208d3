"""Pictures and recordings that survive their folder: what cannot be written stays in memory.

It is served from there, so a card shows its picture although no disk has it yet, and written as
soon as that can be.  The memory is bounded; what is pushed out of it, or was in it when the program
ended, is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from storage.pictures import PictureFolder

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024 * 1024
_WITHIN_S = 2.0
_RETRY_S = 3.0
_THREADS = 4
T = TypeVar("T")


class KeptPictures:
    """See `bot.ports.PictureStore`; `run` writes what is held as soon as that can be.

    `what` they are, for the log.
    """

    def __init__(
        self, folder: PictureFolder, most: int = MOST_BYTES, what: str = "pictures"
    ) -> None:
        self._folder = folder
        self.what = what
        self._most = most
        self._held: dict[str, bytes] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=what)
        self._stuck = 0
        self.fault = ""
        self.lost = 0

    def holds(self, sha256: str) -> bool:
        """Whether a picture is in memory only."""
        return sha256 in self._held

    @property
    def held(self) -> int:
        """How many pictures are in memory only."""
        return len(self._held)

    async def put(self, content: bytes) -> str:
        """Keep a picture: in its folder, or for a while in memory; never waits for long."""
        sha256 = await asyncio.to_thread(_digest, content)
        try:
            await self._bounded(lambda: self._folder.write(content))
        except (OSError, TimeoutError) as error:
            self._hold(sha256, content, error)
        return sha256

    async def get(self, sha256: str) -> bytes | None:
        """The picture; None where it is not (any more), or cannot be read."""
        if (jpeg := self._held.get(sha256)) is not None:
            return jpeg
        try:
            return await self._bounded(lambda: self._folder.read(sha256))
        except (OSError, TimeoutError) as error:
            log.error("%s: %s cannot be read: %r", self.what, sha256, error)
            return None

    async def run(self) -> None:
        """Write what is held, until cancelled."""
        while True:
            await asyncio.sleep(_RETRY_S)
            await self.write_held()

    async def write_held(self) -> None:
        """Try everything once that is held; the first failure ends it."""
        for sha256, jpeg in [*self._held.items()]:
            try:
                await self._bounded(lambda jpeg=jpeg: self._folder.write(jpeg))
            except (OSError, TimeoutError) as error:
                self.fault = _why(error)
                return
            self._held.pop(sha256, None)
        if self.fault:
            log.warning("%s can be kept again", self.what)
            self.fault = ""

    def close(self) -> None:
        """Let go of the threads; one that hangs in a dead store is left behind."""
        if self._held:
            log.error("%d %s could not be kept before the end", len(self._held), self.what)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hold(self, sha256: str, jpeg: bytes, error: Exception) -> None:
        if not self.fault:
            log.error("%s cannot be kept, they stay in memory: %r", self.what, error)
        self.fault = _why(error)
        self._held[sha256] = jpeg
        while sum(map(len, self._held.values())) > self._most and len(self._held) > 1:
            self._held.pop(next(iter(self._held)))
            self.lost += 1

    async def _bounded(self, work: Callable[[], T]) -> T:
        """In a thread of ours, for a moment at most; not at all while all of them hang."""
        if self._stuck >= _THREADS:
            raise TimeoutError("the store hangs")
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        done, _ = await asyncio.wait([future], timeout=_WITHIN_S)
        if not done:
            self._stuck += 1
            future.add_done_callback(self._came_back)
            raise TimeoutError("the store does not answer")
        return future.result()

    def _came_back(self, future: asyncio.Future[T]) -> None:
        self._stuck -= 1
        if not future.cancelled():
            future.exception()  # looked at: nobody waits for it any more


def _digest(jpeg: bytes) -> str:
    return hashlib.sha256(jpeg).hexdigest()


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
