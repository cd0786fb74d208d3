"""A request's body on a thin line: in small pieces, so that it is known how far it came.

The kernel would swallow a whole picture at once and go on sending it long after we gave up.  So it
is given little more than is on its way; what was never given to it surely never arrived, and a
connection that we give up is reset, which takes back what still lies in its buffers.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from bot.channels.telegram.sockets import LARGE

PIECE = 8 * 1024
BULKY = 4 * 1024
"""On a thin line a body over this has a connection that words do not take.  What the network learns
from a picture of how long answers may take would have it repeat a lost word only seconds later."""


class Upload(Payload):
    """A body in pieces.  `handed_over`: the last piece has left our hands.

    `on_progress` is called after every piece that went, and once more at the end.
    """

    def __init__(self, body: bytes, content_type: str) -> None:
        super().__init__(body, content_type=content_type)
        self._size = len(body)
        self._transport: asyncio.WriteTransport | None = None
        self.sent = 0
        self.handed_over = False
        self.on_progress = _nothing

    @property
    def is_large(self) -> bool:
        """Whether it is an upload, whose time is counted by what moves, not as a whole."""
        return len(self._value) > LARGE

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._value.decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self._value

    @property
    def is_bulky(self) -> bool:
        """Whether it is more than words."""
        return len(self._value) > BULKY

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Hand the body over; returns when the kernel has taken the last of it."""
        await self.write_with_length(writer, None)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """The same, of at most so many bytes; a repeated call is a new connection's first."""
        body = memoryview(self._value)[:content_length]
        self.sent, self._transport = 0, writer.transport
        if self.is_large:
            self._hold_back(0)
        try:
            for start in range(0, len(body), PIECE):
                piece = body[start : start + PIECE]
                await writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
                self.on_progress()
        finally:
            if self.is_large:
                self._hold_back(None)
        self.handed_over = True
        self.on_progress()

    def abandon(self) -> None:
        """Give the connection up, and take back what has not arrived yet."""
        transport, self._transport = self._transport, None
        if transport is None or transport.is_closing():
            return
        sock = transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def _hold_back(self, most: int | None) -> None:
        """How much the transport may keep before a drain waits; None: its usual measure."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.set_write_buffer_limits(high=most)


def _nothing() -> None:
    """Nobody wants to know."""
