"""The canary of the real program: delivered through the Bot API, and honest about the last run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.support.botapi import BotApiServer, bot_api
from tests.support.patience import PATIENCE_S
from tests.support.program import Program, running

pytestmark = pytest.mark.slow

GROUP, ADMINS = -1001, -1009
SITE = """
language = "zh"
[[sites]]
id = "yard-7"
name = "七号工地"
[[chats]]
channel = "telegram"
id = -1001
sites = ["yard-7"]
[[chats]]
channel = "telegram"
id = -1009
purpose = "admin"
"""


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """A chat server with the site's group and that of the admins."""
    async with bot_api() as server:
        server.group(GROUP, "七号工地")
        server.group(ADMINS, "管理")
        yield server


def told(server: BotApiServer) -> list[str]:
    """What stands in the admins' chat."""
    return [message.words for message in server.messages(server.world.chats[ADMINS])]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.1)


async def metric(program: Program, name: str) -> float:
    async with ClientSession() as session, session.get(f"{program.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def test_a_start_is_tested_told_and_counted_once(
    tmp_path: Path, server: BotApiServer
) -> None:
    """One silent message, edited; a crash soon after edits it again; nothing in the group."""
    settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}

    async def says(*words: str) -> bool:
        return any(all(word in text for word in words) for text in told(server))

    async with running(tmp_path, SITE, **settings) as program:
        await until(lambda: says("开机自检", "送达", "首次启动"))

        async def counted() -> bool:
            return await metric(program, "loudhailer_canary_last_success") > 0

        await until(counted)
        await program.kill()
        await program.start()
        await until(lambda: says("第 2 次启动", "断电或崩溃"))
        assert len(told(server)) == 1
        assert server.messages(server.world.chats[GROUP]) == []
        sent = [call for call in server.calls if call.method == "sendMessage"]
        assert [call.params.get("disable_notification") for call in sent] == [True]
        assert await program.command("audit", "verify")
