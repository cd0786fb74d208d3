"""A line that carries only so many bytes a second to a server, and can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

_BUFFER = 8 * 1024
_STEP_S = 0.02


class SlowLine:
    """A relay on loopback; `url` stands for the server's.  `rate` is in bytes a second."""

    def __init__(self, port: int, rate: float) -> None:
        self.rate = rate
        self.carried = 0
        self.broken = 0
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: slowly up, at once down."""
        up, back = await asyncio.open_connection("127.0.0.1", self._port)
        task = asyncio.create_task(self._down(up, writer))
        self._tasks.add(task)
        try:
            while piece := await reader.read(max(int(self.rate * _STEP_S), 1)):
                await asyncio.sleep(len(piece) / self.rate)
                self.carried += len(piece)
                back.write(piece)
                await back.drain()
        except ConnectionError:
            self.broken += 1
        finally:
            back.transport.abort()
            writer.transport.abort()

    async def _down(self, up: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await up.read(65536):
                writer.write(piece)
                await writer.drain()

    async def end(self) -> None:
        """Stop carrying."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def slow_line(port: int, rate: float) -> AsyncIterator[SlowLine]:
    """A line to the server on `port` of this machine."""
    line = SlowLine(port, rate)
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)  # so that slowness is felt
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(line.carry, sock=listening, limit=_BUFFER)
    line.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        yield line
    finally:
        server.close()
        await line.end()
