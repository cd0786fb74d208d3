"""The monitor outside hears of the program while it is well, and only then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.domain.secret import Secret
from bot.heartbeat import Heartbeat
from handlers.http.context import Check
from tests.support.patience import PATIENCE_S


@dataclass
class Monitor:
    """Counts its calls; `status` is what it answers."""

    url: str = ""
    status: int = 200
    calls: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, request: web.Request) -> web.Response:
        self.calls += 1
        self.called.set()
        return web.Response(status=self.status)

    async def next_call(self) -> None:
        """Wait for one that comes from now on."""
        self.called.clear()
        async with asyncio.timeout(PATIENCE_S):
            await self.called.wait()


@dataclass
class House:
    """As well as it is said to be."""

    ok: bool = True
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def checks(self) -> list[Check]:
        self.asked.set()
        return [Check("database", True), Check("delivery", self.ok)]


@pytest.fixture
async def monitor() -> AsyncIterator[Monitor]:
    """A server that listens for heartbeats."""
    there, app = Monitor(), web.Application()
    app.router.add_get("/ping/abcdef-secret", there.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/abcdef-secret"
    yield there
    await runner.cleanup()


@asynccontextmanager
async def beating(url: str, house: House) -> AsyncIterator[None]:
    """A heart that beats fast."""
    heart = Heartbeat(Secret(url, listed=False), None, house.checks, every=0.02)
    task = asyncio.create_task(heart.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_it_beats_again_and_again(monitor: Monitor) -> None:
    """While all is well."""
    async with beating(monitor.url, House()):
        await monitor.next_call()
        await monitor.next_call()


async def test_it_is_silent_while_something_fails(
    monitor: Monitor, caplog: pytest.LogCaptureFixture
) -> None:
    """And says why, once; it beats again when all is well again."""
    house = House(ok=False)
    async with beating(monitor.url, house):
        for _ in range(3):
            house.asked.clear()
            await asyncio.wait_for(house.asked.wait(), PATIENCE_S)
        assert monitor.calls == 0
        house.ok = True
        await monitor.next_call()
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "delivery" in warnings[0]


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_monitor_that_refuses_is_told_once_without_its_address(
    monitor: Monitor, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """The log names the answer and nothing of the URL."""
    monitor.status = status
    async with beating(monitor.url, House()):
        await monitor.next_call()
        await monitor.next_call()
    assert [record.getMessage() for record in caplog.records if record.name == "bot.heartbeat"] == [
        f"the monitor does not hear of us: HTTP {status}"
    ]
    assert "abcdef-secret" not in caplog.text


async def test_a_monitor_that_is_away_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The heart goes on."""
    house = House()
    async with beating("http://127.0.0.1:1/ping/abcdef-secret", house):
        for _ in range(3):
            house.asked.clear()
            await asyncio.wait_for(house.asked.wait(), PATIENCE_S)
    assert "ClientConnectorError" in caplog.text
    assert "abcdef-secret" not in caplog.text
