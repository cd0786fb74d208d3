"""A process that is killed while it receives loses no command."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import pytest

from tests.support.botapi import bot_api

COMMANDS = 60
ROOT = Path(__file__).resolve().parents[2]


def stored(path: Path) -> list[str]:
    """The complete lines that the killed programs left behind."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


@pytest.mark.slow
async def test_kill_9_loses_no_command(tmp_path: Path) -> None:
    """Killed twice at random moments among 60 commands: all there, none under two ids, in order."""
    path, dice = tmp_path / "inbox", random.Random(12)
    async with bot_api() as server:
        group, li = server.group(-1001), server.user(111, "李工")
        for number in range(COMMANDS):
            await li.says(group, f"关闭 {number}")
        for enough in (dice.randrange(1, 20), dice.randrange(20, 50), COMMANDS):
            program = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.support.telegram_inbox",
                server.url,
                server.token,
                str(path),
                cwd=ROOT,
            )
            async with asyncio.timeout(60):
                while len({line.split()[0] for line in stored(path)}) < enough:
                    await asyncio.sleep(0.001)
            program.kill()
            await program.wait()
    first_seen = list(dict.fromkeys(stored(path)))
    assert [line.split(" ", 1)[1] for line in first_seen] == [
        f"关闭 {number}" for number in range(COMMANDS)
    ]


async def test_the_heavy_library_is_loaded_only_when_the_channel_is_opened() -> None:
    """`--help` and a site without Telegram do not wait seconds for it."""
    script = (
        "import sys, bot.channels, bot.channels.telegram; "
        "sys.exit('aiogram' in sys.modules or 'aiohttp' in sys.modules)"
    )
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=ROOT)
    assert await program.wait() == 0
