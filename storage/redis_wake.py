"""Wake-ups between processes, through Redis.

Within this process a ring is heard at once, as with `LocalWake`; to the others it is published.
Redis is never the truth: while it is away every loop looks at the database by itself once a second,
and the connection is taken up again when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from redis import __version__ as aioredis_version
from redis import asyncio as aioredis
from redis.driver_info import DriverInfo
from redis.exceptions import RedisError

from bot.domain.error import Unavailable
from bot.domain.secret import Secret
from storage.wake import LocalWake

log = logging.getLogger(__name__)

_CHANNEL = "loudhailer:wake"
_PROBE = "loudhailer:probe"
_PAUSE_S = 1.0
_POLL_S = 1.0
_MOST_UNTOLD = 100


class RedisWake(LocalWake):
    """See `bot.ports.Wake`."""

    def __init__(self, client: aioredis.Redis) -> None:
        super().__init__()
        self._client = client
        self._own = uuid.uuid4().hex
        self._to_tell: asyncio.Queue[str] = asyncio.Queue(_MOST_UNTOLD)

    def ring(self, topic: str) -> None:
        super().ring(topic)
        if not self._to_tell.full():  # while Redis is away; the others look by themselves
            self._to_tell.put_nowait(topic)

    async def run(self) -> None:
        """Tell the others and hear them, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again(self._tell))
            tasks.create_task(self._again(self._hear))

    async def _again(self, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await loop()
            except (RedisError, OSError) as error:
                log.warning("Redis is away, wake-ups stay within this process: %s", error)
            except Exception:  # the boundary of a loop that must never end silently
                log.exception("wake-ups through Redis broke; they stay within this process")
            await asyncio.sleep(_PAUSE_S)

    async def _tell(self) -> None:
        while True:
            topic = await self._to_tell.get()
            await self._client.publish(_CHANNEL, f"{self._own} {topic}")

    async def _hear(self) -> None:
        async with self._client.pubsub(ignore_subscribe_messages=True) as heard:
            await heard.subscribe(_CHANNEL)
            while True:
                message = await heard.get_message(timeout=_POLL_S)
                if message is not None:
                    sender, _, topic = message["data"].partition(" ")
                    if sender != self._own:
                        super().ring(topic)


def _client(url: Secret) -> aioredis.Redis:
    # RESP2 pinned: the shape of replies changes with the protocol's version.  The version given,
    # because every new connection would look it up on disk, in the event loop.
    return aioredis.Redis.from_url(
        url.reveal(),
        protocol=2,
        decode_responses=True,
        socket_connect_timeout=2,
        socket_timeout=5,
        driver_info=DriverInfo(lib_version=aioredis_version),
    )


async def reach_redis(url: Secret) -> None:
    """Publish and subscribe as wake-ups do, heard by nobody. Raises `Unavailable`, with why."""
    client = _client(url)
    try:
        async with client.pubsub() as heard:
            await heard.subscribe(_PROBE)
            await client.publish(_PROBE, "")
    except (RedisError, OSError) as error:
        raise Unavailable(str(error)) from error
    finally:
        await client.aclose()


@asynccontextmanager
async def open_redis_wake(url: Secret) -> AsyncIterator[RedisWake]:
    """Wake-ups over the Redis at `url`; that it is away now does not matter."""
    client = _client(url)
    wake = RedisWake(client)
    running = asyncio.create_task(wake.run(), name="redis wake-ups")
    try:
        yield wake
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.aclose()
