"""`doctor` on delivery: it sends a real, silent test, and knows what else keeps words from us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.botapi import BotApiServer, bot_api
from tests.support.patience import PATIENCE_S
from tests.support.program import running
from tests.support.terminal import Ended, Terminal

pytestmark = pytest.mark.slow

GROUP, ADMINS, STRANGE = -1001, -1009, -1077
SITE = """
language = "en"
[[sites]]
id = "yard-7"
name = "Yard 7"
[[chats]]
channel = "telegram"
id = -1001
[[chats]]
channel = "telegram"
id = -1009
purpose = "admin"
"""


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """A chat server with the site's group and that of the admins."""
    async with bot_api() as server:
        server.group(GROUP, "Yard 7")
        server.group(ADMINS, "Admins")
        yield server


def settings(server: BotApiServer) -> dict[str, str]:
    return {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}


async def doctor(terminal: Terminal, *arguments: str) -> Ended:
    return await asyncio.to_thread(lambda: terminal("doctor", *arguments))


def told(server: BotApiServer, chat: int = ADMINS) -> list[str]:
    return [message.words for message in server.messages(server.world.chats[chat])]


def line(ended: Ended, place: str) -> str:
    """The line of what was probed, with its mark."""
    (found,) = [one for one in ended.out.splitlines() if f"{place}: " in one]
    return found


async def test_by_itself_it_sends_and_edits_a_silent_message(
    tmp_path: Path, server: BotApiServer
) -> None:
    """To the admins alone; not at all with --no-canary; and what is refused is a fault."""
    terminal = Terminal(tmp_path, SITE, **settings(server))
    ended = await doctor(terminal, "--no-canary")
    assert ended.code == 0, ended.out
    assert "delivery test" not in ended.out
    assert told(server) == []
    ended = await doctor(terminal)
    assert ended.code == 0, ended.out
    assert line(ended, "delivery test").startswith("ok")
    (words,) = told(server)
    assert "Delivery test of" in words
    assert "fine" in words
    assert told(server, GROUP) == []
    sent = [call for call in server.calls if call.method == "sendMessage"]
    assert [call.params.get("disable_notification") for call in sent] == [True]
    server.kick_bot(server.world.chats[ADMINS], server.user(111, "Li", "li"))
    ended = await doctor(terminal)
    assert ended.code == 1
    assert line(ended, "delivery test").startswith("FAULT")
    assert "telegram:-1009" in line(ended, "delivery test")


@pytest.mark.long
async def test_beside_a_running_program_that_one_sends_it(
    tmp_path: Path, server: BotApiServer
) -> None:
    """Its own message says how everything is; a strange group is listed with its id."""
    strange = server.group(STRANGE, "Night shift")
    li = server.user(111, "Li", "li")
    async with running(tmp_path, SITE, **settings(server)) as program:
        await li.says(strange, "/help")
        async with asyncio.timeout(60):
            while not any("Check after the start" in words for words in told(server)):
                await asyncio.sleep(0.1)
        terminal = Terminal(
            tmp_path, SITE, HTTP_PORT=program.url.rpartition(":")[2], **settings(server)
        )
        ended = await doctor(terminal)
        assert ended.code == 0, ended.out
        assert line(ended, "delivery test").startswith("ok")
        assert len(told(server)) == 2
        async with asyncio.timeout(PATIENCE_S):
            while " Check ·" not in told(server)[-1]:
                await asyncio.sleep(0.1)
        note = line(ended, f"chat telegram:{STRANGE}")
        assert note.startswith("note")
        assert "Night shift" in note
        assert f"id = {STRANGE}" in note


@pytest.mark.long
async def test_a_webhook_of_somebody_elses_is_told(tmp_path: Path, server: BotApiServer) -> None:
    """Nothing could be polled while it is set."""
    terminal = Terminal(tmp_path, SITE, **settings(server))
    server.updates.webhook = {"url": "https://elsewhere.example/hook"}
    ended = await doctor(terminal, "--no-canary")
    assert ended.code == 1
    assert "elsewhere.example" in line(ended, "bot")
