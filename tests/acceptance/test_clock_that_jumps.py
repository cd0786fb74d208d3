"""The real program while somebody sets the machine's clock back and forth by hours."""

from __future__ import annotations

import asyncio
import importlib.util
import platform
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.support.botapi import bot_api
from tests.support.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[chats]]
channel = "telegram"
id = -1001

[[chats]]
channel = "telegram"
id = -1009
purpose = "admin"

[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111
"""
PATIENCE_S = 120


def fake_time() -> Path:
    """The library that moves a process's clock; skips where there is none for this machine."""
    found = importlib.util.find_spec("libfaketime")
    if found is None or found.origin is None or platform.machine() != "x86_64":
        pytest.skip("libfaketime is not here")
    return Path(found.origin).with_name("vendor") / "libfaketime" / "src" / "libfaketime.so.1"


@pytest.mark.long
async def test_hours_back_and_forth_delay_hurry_and_repeat_nothing(tmp_path: Path) -> None:
    """Cards go on coming at once, deadlines keep what they had left, the admins are told."""
    offset = tmp_path / "offset"
    offset.write_text("+0h")
    async with bot_api() as server, ClientSession() as web:
        group, admins = server.group(-1001, "七号工地"), server.group(-1009, "管理")
        settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
        program = Program(tmp_path, SITE, **settings)
        program.environment |= {
            "LD_PRELOAD": str(fake_time()),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_CACHE_DURATION": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        key = await program.command("key", "create", "--name", "box", "--role", "admin")
        headers = {"Authorization": f"Bearer {key}"}

        async def reports(id: str, hazard: str) -> int:
            body = {"id": id, "hazard": hazard, "site": "yard-7", "at": _now()}
            url = f"{program.url}/api/v1/reports"
            async with web.post(url, json=body, headers=headers) as answer:
                assert answer.status == 201, await answer.text()
                return (await answer.json())["case"]

        async def case(number: int) -> dict[str, Any]:
            url = f"{program.url}/api/v1/cases/{number}"
            async with web.get(url, headers=headers) as answer:
                return await answer.json()

        await program.start()
        try:
            hat = await reports("r1", "no_helmet")
            await server.wait_message(group, lambda m: f"#{hat}" in m.words, PATIENCE_S)
            offset.write_text("-5h")
            await server.wait_message(admins, lambda m: "慢了 5 小时" in m.words, PATIENCE_S)
            vest = await reports("r2", "no_vest")
            begun = time.monotonic()
            await server.wait_message(group, lambda m: f"#{vest}" in m.words, PATIENCE_S)
            assert time.monotonic() - begun < 20
            offset.write_text("+4h")
            await server.wait_message(admins, lambda m: "快了 9 小时" in m.words, PATIENCE_S)
            climbing = await reports("r3", "climbing")
            await server.wait_message(group, lambda m: f"#{climbing}" in m.words, PATIENCE_S)
            await asyncio.sleep(3)  # clocks that ran ahead would have run out by now
            assert [(await case(n))["state"] for n in (hat, vest, climbing)] == ["open"] * 3
            words = [message.words for message in server.messages(group)]
            assert len(words) == 3
            assert "可能重复" not in "".join(words)
            async with web.get(f"{program.url}/readyz", headers=headers) as answer:
                checks = {check["name"]: check for check in (await answer.json())["checks"]}
                assert not checks["clock"]["ok"], "it is hours off the chat server's"
                assert checks["delivery"]["ok"]
            offset.write_text("+0h")
            await server.wait_message(admins, lambda m: "慢了 4 小时" in m.words, PATIENCE_S)
            assert await program.stop() == 0
            assert "Traceback" not in program.output()
        finally:
            if program.running:
                await program.kill()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
