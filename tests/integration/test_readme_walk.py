"""The README's five steps, typed as they stand there.

Only what a reader must fill in differs: the Bot API is a server on loopback, the camera one that is
pushed to, the port a free one.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.botapi import BotApiServer
from tests.support.models import pulled
from tests.support.pages import ROOT, blocks
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port

TOKEN = "123456:replace-me"
GROUP = -1001234567890
START_S = 60.0


@dataclass(frozen=True)
class Reader:
    """Somebody with a checkout who types what the README says."""

    folder: Path
    environment: Mapping[str, str]
    port: int

    async def type(self, shell: str) -> str:
        """Run lines of the README; what they print. Fails unless they exit 0."""
        process = await self._start(shell, asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        assert process.returncode == 0, f"{shell}\n{out.decode()}"
        return out.decode()

    @asynccontextmanager
    async def running(self, shell: str) -> AsyncIterator[Path]:
        """A command that goes on: its output, once it is ready; then Ctrl-C."""
        log = self.folder / "run.log"
        with log.open("wb") as output:
            process = await self._start(f"exec {shell}", output)
        try:
            async with asyncio.timeout(START_S):
                while "喇叭 gate-horn：" not in log.read_text("utf-8"):
                    assert process.returncode is None, log.read_text("utf-8")
                    await asyncio.sleep(0.05)
            yield log
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0, log.read_text("utf-8")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _start(self, shell: str, output) -> asyncio.subprocess.Process:
        here = shell.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")
        return await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", here),
            cwd=self.folder,
            env=self.environment,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )


def checkout(folder: Path) -> None:
    """What the steps need of a checkout: the program, its Python, and the fetched model."""
    folder.joinpath("bot.py").symlink_to(ROOT / "bot.py")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    models = folder / "data" / "models"
    models.mkdir(parents=True)
    models.joinpath("person-fall").symlink_to(pulled("person-fall").parent)


@pytest.fixture
def reader(tmp_path: Path, bot_api: BotApiServer) -> Reader:
    checkout(tmp_path)
    (settings,), (site_file,) = blocks("README.md", "ini"), blocks("README.md", "toml")
    tmp_path.joinpath(".env").write_text(settings.text, "utf-8")
    tmp_path.joinpath("site.toml").write_text(site_file.text, "utf-8")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("LOUDHAILER_")}
    port = free_port()
    own = {
        "LOUDHAILER_TELEGRAM_API": bot_api.url,
        "LOUDHAILER_HTTP_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    return Reader(tmp_path, {**kept, **own}, port)


@pytest.fixture
async def bot_api() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN) as server:
        yield server


async def test_the_five_steps_lead_to_a_card_that_can_be_answered(
    reader: Reader, bot_api: BotApiServer
):
    if shutil.which("curl") is None:
        pytest.skip("no curl here (Debian: apt-get install curl)")
    _, _, check_and_run, invite, report = [block.text for block in blocks("README.md", "sh")]
    check, run = check_and_run.splitlines()
    group, li = bot_api.group(GROUP), bot_api.user(111, "李工")
    private = bot_api.private(li)

    hint, verdict = (await reader.type(check)).strip().splitlines()
    assert "models pull whisper-base" in hint, "voice notes are not understood without it"
    assert verdict == "OK"
    async with reader.running(run) as log:
        assert "值班台（李工，只能用一次）：http://" in log.read_text("utf-8")

        told = (await reader.type(invite)).strip()
        await li.says(private, told)
        await bot_api.wait_message(private, lambda message: "李工" in message.words)

        answered = await reader.type(report)
        assert json.loads(answered[answered.index("{") :])["case"] == 1
        card = await bot_api.wait_message(group, lambda message: "#1" in message.words)
        assert "疑似未戴安全帽" in card.words

        await li.says(group, "收到", reply_to=card)
        await bot_api.wait_edit(card, lambda message: "已确认" in message.words)
    assert bot_api.faults == []
