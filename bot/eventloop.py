"""The event loop: names are looked up in threads of their own.

While a name server is away each look-up keeps its thread for half a minute.  In the threads that
all others share, no file would be read and no sound be made until then, not even for a speaker
that is called by its address.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

AT_ONCE = 32

Found = list[tuple[Any, ...]]


def run(main: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, on such a loop."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)


class Loop(asyncio.SelectorEventLoop):
    """An address that is given in numbers is looked up nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> Found:
        """See `socket.getaddrinfo`."""
        if _in_numbers(host):
            flags |= socket.AI_NUMERICHOST
            return list(socket.getaddrinfo(host, port, family, type, proto, flags))
        await self._free.acquire()  # let go of by the thread: who waits may be gone by then
        found: asyncio.Future[Found] = self.create_future()
        ask = partial(socket.getaddrinfo, host, port, family, type, proto, flags)
        Thread(target=self._look_up, args=(ask, found), name="names", daemon=True).start()
        return await found

    def _look_up(self, ask: Callable[[], Any], found: asyncio.Future[Found]) -> None:
        try:
            told = partial(found.set_result, ask())
        except (OSError, ValueError, TypeError, OverflowError) as fault:
            told = partial(found.set_exception, fault)
        with suppress(RuntimeError):  # the loop has been closed
            self.call_soon_threadsafe(self._found, found, told)

    def _found(self, found: asyncio.Future[Found], told: Callable[[], None]) -> None:
        self._free.release()
        if not found.done():
            told()


def _in_numbers(host: bytes | str | None) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0] if isinstance(host, str) else "")
    except ValueError:
        return False
    return True
