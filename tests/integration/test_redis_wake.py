"""Wake-ups between processes over a real Redis-compatible server, which comes and goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.doctor.place import wakes
from bot.domain.secret import Secret
from storage.redis_wake import open_redis_wake
from storage.wake import LocalWake
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.redis import redis_server


async def rung_by(sender: LocalWake, listener: LocalWake, topic: str) -> None:
    """Ring until the other side has heard it: a subscription takes a moment."""
    async with asyncio.timeout(PATIENCE_S):
        heard = asyncio.create_task(listener.wait(topic, 60))
        while not heard.done():
            sender.ring(topic)
            await asyncio.wait([heard], timeout=0.05)


async def test_a_ring_is_heard_in_another_process(tmp_path: Path) -> None:
    """Two clients stand for two processes; each also hears itself."""
    port = free_port()
    url = Secret(f"redis://127.0.0.1:{port}", listed=False)
    running = redis_server(port, tmp_path)
    async with running, open_redis_wake(url) as one, open_redis_wake(url) as two:
        await rung_by(one, two, "outbox")
        await rung_by(two, one, "timers")
        one.ring("inbox")
        async with asyncio.timeout(1):
            await one.wait("inbox", 60)


async def test_redis_may_be_away_and_come_back(tmp_path: Path) -> None:
    """Without the server a ring is heard at home; with it again, by the others too."""
    port = free_port()
    url = Secret(f"redis://127.0.0.1:{port}", listed=False)
    async with open_redis_wake(url) as one, open_redis_wake(url) as two:
        one.ring("outbox")
        async with asyncio.timeout(1):
            await one.wait("outbox", 60)
        async with redis_server(port, tmp_path):
            await rung_by(one, two, "outbox")
        async with redis_server(port, tmp_path):
            await rung_by(one, two, "outbox")


async def test_doctor_tells_whether_redis_can_be_used(tmp_path: Path) -> None:
    """With it, and without it: in a sentence that names the setting and shows no password."""
    port = free_port()
    url = Secret(f"redis://:hunter-22@127.0.0.1:{port}", listed=False)
    away = await wakes(url)
    assert (away.ok, away.key) == (False, "redis.away")
    for language in ("zh", "en"):
        assert "LOUDHAILER_REDIS_URL" in away.line(language)
        assert "hunter-22" not in away.line(language)
    async with redis_server(port, tmp_path):
        assert (await wakes(Secret(f"redis://127.0.0.1:{port}", listed=False))).key == "redis.fine"
