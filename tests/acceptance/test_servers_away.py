"""PostgreSQL restarted or out of reach, Redis restarted: the program goes on by itself afterwards.

Nothing that was answered 2xx is lost, nothing is done twice, and what people did meanwhile is done
when the database is back.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.support.botapi import bot_api
from tests.support.crashing import SITE, Story, kept, reading, settled
from tests.support.crashproof import check
from tests.support.cutting import way_to
from tests.support.databases import PostgresServer, migrated, running_postgres
from tests.support.lamps import QUOTED, USER, Board, Lamp, serve
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.program import Program
from tests.support.redis import redis_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
AWAY_S = 6.0


@pytest.fixture
def server() -> AsyncIterator[PostgresServer]:
    """A server for this test alone, which may be stopped."""
    with running_postgres() as own:
        yield own


async def a_database(server: PostgresServer) -> str:
    """A migrated database there."""
    url = server.url(await server.new_database(template=None))
    await migrated(url)
    return url


@asynccontextmanager
async def told(folder: Path, url: str, more: str = "", **settings: str) -> AsyncIterator[Story]:
    """The program on that database, with its chat server, that has shown one case."""
    async with bot_api() as chat:
        program = Program(
            folder,
            SITE + more,
            DATABASE_URL=url,
            TELEGRAM_API=chat.url,
            TELEGRAM_TOKEN=chat.token,
            **settings,
        )
        group, li = chat.group(-1001, "七号工地"), chat.user(111, "李工")
        story = Story(chat, group, li, random.Random(1), [program])
        story.key = await program.command("key", "create", "--name", "box", "--role", "source")
        await program.start()
        try:
            await story.report("before")
            await shown(story, "before")
            yield story
        finally:
            if program.running:
                await program.kill()


async def shown(story: Story, id: str) -> None:
    """The case of a report has its card."""
    await story.server.wait_until(lambda: story.cards_of(story.cases[id]), PATIENCE_S)


async def ready(story: Story, wanted: int) -> None:
    """/readyz answers with that status."""
    async with asyncio.timeout(PATIENCE_S), ClientSession(timeout=ClientTimeout(30)) as client:
        while True:
            try:
                async with client.get(f"{story.programs[0].url}/readyz") as answer:
                    if answer.status == wanted:
                        return
            except (ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.1)


async def all_is_well(story: Story, url: str, reports: int) -> None:
    """Everything came to rest and is true; the program is the one that was started first."""
    async with reading(url) as database:
        await settled(story, database)
        base = await kept(database)
    assert story.programs[0].running
    assert await story.programs[0].stop() == 0, story.programs[0].output()
    check(story, base, reports)


async def meanwhile(story: Story, id: str) -> asyncio.Task[None]:
    """While the database is away a source reports and a person presses; neither may be lost."""
    await story.press(story.cards_of(story.cases["before"])[0], story.cases["before"], "escalate")
    return asyncio.create_task(story.report(id))


LAMP = """
[[actuators]]
id = "lamp"
site = "yard-7"
name = "lamp"
url = "http://{user}:{password}@127.0.0.1:{port}"
on = {{ path = "/relay?turn=on" }}
off = {{ path = "/relay?turn=off" }}
state = {{ path = "/state", on = '"POWER":"ON"', off = '"POWER":"OFF"' }}
on_for = "8s"
"""


@pytest.mark.long
async def test_a_lamp_that_shines_goes_off_while_postgresql_is_away(
    tmp_path: Path, server: PostgresServer
) -> None:
    """A siren must not wail until somebody has repaired the server."""
    url, lamp = await a_database(server), Lamp()
    async with (
        serve(Board(lamp, "basic").app) as port,
        told(tmp_path, url, LAMP.format(user=USER, password=QUOTED, port=port)) as story,
    ):
        try:
            await story.server.wait_until(lambda: lamp.lit, PATIENCE_S)
            await asyncio.to_thread(server.stop)
            assert lamp.lit
            begun = time.monotonic()
            async with asyncio.timeout(PATIENCE_S):
                while lamp.lit:
                    await asyncio.sleep(0.1)
            print(f"off {time.monotonic() - begun:.1f} s after the server went away")
        finally:
            await asyncio.to_thread(server.start)
        await ready(story, 200)
        assert await story.programs[0].stop() == 0
        assert not lamp.lit


async def test_postgresql_restarted(tmp_path: Path, server: PostgresServer) -> None:
    """Stopped for seconds, twice: what was reported and pressed meanwhile is there afterwards."""
    url = await a_database(server)
    async with told(tmp_path, url) as story:
        await asyncio.to_thread(server.stop)
        try:
            await ready(story, 503)
            reporting = await meanwhile(story, "during")
            await asyncio.sleep(AWAY_S)
            assert not reporting.done()
        finally:
            await asyncio.to_thread(server.start)
        began = time.monotonic()
        await asyncio.wait_for(reporting, PATIENCE_S)
        await shown(story, "during")
        await ready(story, 200)
        print(f"{time.monotonic() - began:.1f} s from the server's start to a card")
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        await story.report("after")
        await shown(story, "after")
        await all_is_well(story, url, 3)


@pytest.mark.long
async def test_postgresql_out_of_reach(tmp_path: Path, server: PostgresServer) -> None:
    """Connections hang without a word, longer than any time-out, and go on later."""
    url = await a_database(server)
    async with way_to(url) as way, told(tmp_path, way.url) as story:
        way.freeze()
        reporting = await meanwhile(story, "during")
        await ready(story, 503)
        await asyncio.sleep(3 * AWAY_S)
        assert not reporting.done()
        way.thaw()
        began = time.monotonic()
        await asyncio.wait_for(reporting, PATIENCE_S)
        await shown(story, "during")
        await ready(story, 200)
        print(f"{time.monotonic() - began:.1f} s from the connection's return to a card")
        await all_is_well(story, url, 2)


@pytest.mark.long
async def test_redis_restarted(tmp_path: Path, server: PostgresServer) -> None:
    """Without it the processes look by themselves; with it again they are woken again."""
    url, port = await a_database(server), free_port()
    redis = {"REDIS_URL": f"redis://127.0.0.1:{port}"}
    async with redis_server(port, tmp_path):
        telling = told(tmp_path, url, **redis)
        story = await telling.__aenter__()
    try:
        await story.report("without")
        await shown(story, "without")
        async with redis_server(port, tmp_path):
            await story.report("with")
            await shown(story, "with")
            await all_is_well(story, url, 3)
    finally:
        await telling.__aexit__(None, None, None)
