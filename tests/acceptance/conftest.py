"""One program and one town for all acceptance tests that talk to it by chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.support.botapi import bot_api
from tests.support.databases import postgres, postgres_url
from tests.support.program import START_S, Program
from tests.support.town import ADMIN_CHAT, Town, site_file

__all__ = ["postgres", "postgres_url", "town", "well_behaved"]


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The town with its program running; ends with SIGTERM and exit code 0."""
    folder: Path = tmp_path_factory.mktemp("town")
    async with bot_api() as server, ClientSession() as http:
        settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
        program = Program(folder, site_file(folder), **settings)
        box = await program.command("key", "create", "--name", "box", "--role", "source")
        desk = await program.command(
            "key", "create", "--name", "desk", "--role", "operator", "--member", "li"
        )
        there = Town(server, program, http, box, desk)
        await program.start()
        try:
            admins = server.world.chats[ADMIN_CHAT]
            await server.wait_message(admins, timeout=START_S)  # it says there that it has started
            yield there
            assert await program.stop() == 0, program.output()
        finally:
            if program.running:
                await program.kill()


@pytest.fixture(autouse=True)
def well_behaved(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test in town: no call broke the Bot API's contract, and nothing went wrong."""
    yield
    if "town" not in request.fixturenames:
        return
    town: Town = request.getfixturevalue("town")
    faults, town.server.faults[:] = list(town.server.faults), []
    assert not faults
    assert "Traceback" not in town.program.output()
