"""A way to a server that can be cut: connections hang, or are refused, while the server lives."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

_SOCKET = ".s.PGSQL.5432"


class Way:
    """Passes bytes on between a socket of its own and PostgreSQL's; `url` leads through it."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        host = parse_qs(parts.query)["host"][0]
        self.url = url.replace(host, str(folder))
        self._to = f"{host}/{_SOCKET}"
        self._at = f"{folder}/{_SOCKET}"
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def freeze(self) -> None:
        """From now on nothing comes through, and nothing says so."""
        self._open.clear()

    def thaw(self) -> None:
        """What was on its way arrives."""
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._open.wait()
            there, back = await asyncio.open_unix_connection(self._to)
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        except (OSError, asyncio.CancelledError):
            writer.close()
        finally:
            self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def way_to(url: str) -> AsyncIterator[Way]:
    """An open way to the PostgreSQL behind `url`, which has a socket file."""
    with TemporaryDirectory(prefix="way-") as folder:
        way = Way(url, Path(folder))
        server = await asyncio.start_unix_server(way._serve, way._at)
        try:
            yield way
        finally:
            server.close()
            way.thaw()
            await way._end()
