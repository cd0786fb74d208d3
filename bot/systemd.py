"""Telling systemd how it goes: ready, alive, stopping.  Elsewhere this does nothing.

Messages go to the datagram socket that it names; nothing else of it is needed.
Source: https://www.freedesktop.org/software/systemd/man/sd_notify.html
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)


class Manager:
    """`address` of its socket, "" for none; `watchdog` is after how many seconds of silence it
    takes us for dead, 0 for never."""

    def __init__(self, address: str, watchdog: float = 0.0) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog = watchdog

    def tell(self, *lines: str) -> None:
        """Say it; nobody there to hear is no reason to stop."""
        if not self._address:
            return
        with (
            contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as out,
            contextlib.suppress(OSError),
        ):
            out.setblocking(False)
            out.sendto("\n".join(lines).encode(), self._address)

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Say that the event loop turns, twice as often as it must be said."""
        if not (self._address and self._watchdog):
            yield
            return
        beating = asyncio.create_task(self._beat(), name="watchdog")
        try:
            yield
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self._watchdog / 2)
