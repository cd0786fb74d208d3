"""Whether the last run ended as it should, since when nobody was there, and what waits for us.

A file in the data folder is touched while the program runs and says at its end that it was one: a
crash, like a power cut, leaves it as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bot.ports import Clock, Store

log = logging.getLogger(__name__)

_RUNNING, _STOPPED = "running", "stopped"
_TOUCH_S = 5.0
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """How the last run ended, and when it was last there (ms, None at the first start).

    `timers`, `inbox` and `outbox` are what was due while nobody was there.
    """

    how: Literal["first", "clean", "crash"]
    at: int
    since: int | None = None
    timers: int = 0
    inbox: int = 0
    outbox: int = 0

    def as_params(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


class LogBook:
    """The file `name` in the data folder; a folder that cannot be written to costs nothing else."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name.partition('@')[0]}.run"

    async def arrive(self, store: Store, clock: Clock) -> Arrival:
        """Look how things were left, and say that somebody is here now."""
        now = clock()
        how, since = await asyncio.to_thread(self._left)
        await asyncio.to_thread(self._write, _RUNNING)
        timers = await store.due_timers(now, _MANY)
        inbox, _ = await store.inbox_waiting()
        outbox = sum(one.count for one in await store.waiting(now))
        return Arrival(how, now, since, len(timers), inbox, outbox)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """While left in, somebody is here; leaving it, however it is left, is a clean stop."""
        touching = asyncio.create_task(self._touch())
        try:
            yield
        finally:
            touching.cancel()
            await asyncio.gather(touching, return_exceptions=True)
            await asyncio.to_thread(self._write, _STOPPED)

    async def _touch(self) -> None:
        while True:
            await asyncio.sleep(_TOUCH_S)
            with contextlib.suppress(OSError):
                await asyncio.to_thread(os.utime, self._path)

    def _left(self) -> tuple[Literal["first", "clean", "crash"], int | None]:
        try:
            said = self._path.read_text("utf-8")
            since = round(self._path.stat().st_mtime * 1000)
        except (OSError, UnicodeDecodeError):
            return "first", None
        return ("clean" if said == _STOPPED else "crash"), since

    def _write(self, said: str) -> None:
        try:
            self._path.write_text(said, "utf-8")
        except OSError as error:
            log.warning("%s cannot be written: %s", self._path, error)
