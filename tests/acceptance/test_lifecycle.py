"""Starting and stopping: what systemd is told, what a stop lets end, and that nothing is left."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.support.botapi import BotApiServer, Chat, bot_api
from tests.support.patience import PATIENCE_S, until
from tests.support.program import ROOT, Program, running
from tests.support.terminal import Terminal, left_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[speakers]]
id = "horn"
site = "yard-7"
url = "file:horn"

[[chats]]
channel = "telegram"
id = -1001
messages_per_minute = 0

[[members]]
id = "li"
role = "site_lead"
telegram = 111
"""
REPEAT = "可能重复"


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with bot_api() as server:
        server._spec_for(
            "getMe"
        )  # reading the published contract takes seconds: not while it serves
        yield server


@pytest.fixture
def group(server: BotApiServer) -> Chat:
    return server.group(-1001, "七号工地")


def settings(server: BotApiServer) -> dict[str, str]:
    return {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}


async def report(program: Program, key: str, id: str = "r1", hazard: str = "no_helmet") -> int:
    """One report; the status of its answer."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = {"id": id, "hazard": hazard, "site": "yard-7", "at": now}
    headers = {"Authorization": f"Bearer {key}"}
    async with ClientSession() as web:
        url = f"{program.url}/api/v1/reports"
        async with web.post(url, json=body, headers=headers) as answer:
            return answer.status


async def source_key(program: Program) -> str:
    return await program.command("key", "create", "--name", "box", "--role", "source")


async def test_systemd_is_told_when_it_is_ready_alive_and_stopping(tmp_path: Path) -> None:
    """Over its own kind of socket, in that order; the exit code is 0."""
    heard: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        asyncio.get_running_loop().add_reader(
            manager, lambda: heard.extend(manager.recv(4096).decode().splitlines())
        )
        program = Program(tmp_path, SITE.replace('"telegram"\nid = -1001', '"console"'))
        program.environment |= {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "400000",
        }
        await program.start()
        await until(lambda: "READY=1" in heard)
        beats = heard.count("WATCHDOG=1")
        await until(lambda: heard.count("WATCHDOG=1") >= beats + 2)
        assert "STOPPING=1" not in heard
        assert await program.stop() == 0
        await until(lambda: "STOPPING=1" in heard)
        asyncio.get_running_loop().remove_reader(manager)
    ready = next(line for line in heard if line.startswith("STATUS="))
    assert program.url in ready


async def test_a_send_under_way_ends_before_the_program_does(
    tmp_path: Path, server: BotApiServer, group: Chat
) -> None:
    """It is on record as delivered: nothing is sent again by the next start."""
    async with running(tmp_path, SITE, **settings(server)) as program:
        key = await source_key(program)
        server.trouble.fail_next("sendMessage", "slow", seconds=1.5)
        assert await report(program, key) == 201
        await server.wait_until(lambda: server.calls_of("sendMessage"), 90)
        assert await program.stop() == 0
        (card,) = server.messages(group)
        await program.start()
        assert await report(program, key, "r2", "no_vest") == 201
        await server.wait_until(lambda: len(server.messages(group)) == 2, 90)
        assert REPEAT not in "".join(message.words for message in server.messages(group))
        assert card.words == server.messages(group)[0].words


@pytest.mark.long
async def test_a_second_signal_cuts_and_only_what_was_in_flight_is_marked(
    tmp_path: Path, server: BotApiServer, group: Chat
) -> None:
    """The stop would have waited for the hanging send; whoever insists need not."""
    async with running(tmp_path, SITE, **settings(server)) as program:
        key = await source_key(program)
        server.trouble.fail_next("sendMessage", "slow", seconds=60)
        assert await report(program, key) == 201
        await server.wait_until(lambda: server.calls_of("sendMessage"), 90)
        assert program._process is not None
        program._process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        begun = time.monotonic()
        program._process.send_signal(signal.SIGTERM)
        assert await program._process.wait() == -signal.SIGTERM
        assert time.monotonic() - begun < 20  # of 60
        await program.start()
        assert await report(program, key, "r2", "no_vest") == 201
        vest = await server.wait_message(group, lambda m: "反光" in m.words, 90)
        assert REPEAT not in vest.words
        hat = await server.wait_message(group, lambda m: "安全帽" in m.words, 120)
        assert REPEAT in hat.words


async def test_a_stop_that_hangs_is_cut_off(tmp_path: Path) -> None:
    """What never ends does not keep the program: exit code 1, and the log says so."""
    code = (
        "import asyncio, logging, sys\n"
        "from bot.commands import run\n"
        "logging.basicConfig(); run.CUT_AFTER_S = 0.5\n"
        "async def hang():\n"
        "    asyncio.get_running_loop().call_later(run.CUT_AFTER_S, run._cut)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(hang())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, told = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 1
    assert b"cut off" in told


async def test_after_kill_9_no_worker_is_left(tmp_path: Path) -> None:
    """Neither the one that decodes pictures nor the one that speaks."""
    terminal = Terminal(tmp_path, SITE.replace('"telegram"\nid = -1001', '"console"'))
    process = await asyncio.to_thread(terminal.start, "run")

    def workers() -> list[int]:
        return [pid for pid in left_of(process.pid) if pid != process.pid]

    try:
        await until(lambda: len(workers()) >= 3, 60)  # two for pictures, one for speech
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)
    await until(lambda: not workers())


@pytest.mark.skipif(sys.platform != "linux", reason="another system has no such signal")
@pytest.mark.parametrize("worker", ["vision/picture_worker.py", "voice/espeak_worker.py"])
async def test_a_worker_whose_input_stays_open_ends_with_its_parent(
    tmp_path: Path, worker: str
) -> None:
    """As one that hangs in a decoder would: the end of its input would tell it nothing."""
    reading, writing = os.pipe()
    code = (
        "import subprocess, sys, time\n"
        f"worker = [sys.executable, '-P', {str(ROOT / worker)!r}, {str(tmp_path)!r}]\n"
        f"child = subprocess.Popen(worker, stdin={reading}, stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE, pass_fds=[reading]
    )
    try:
        assert parent.stdout is not None
        pid = int(await parent.stdout.readline())
        await until(lambda: _ignores_sigterm(pid))  # which it does right before
        await asyncio.sleep(0.1)
        parent.kill()
        await parent.wait()
        await until(lambda: not _lives(pid))
    finally:
        os.close(reading)
        os.close(writing)


def _status(pid: int, name: str) -> str:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":")[1].strip() for line in lines if line.startswith(name)), "")


def _ignores_sigterm(pid: int) -> bool:
    return bool(int(_status(pid, "SigIgn") or "0", 16) & 1 << (signal.SIGTERM - 1))


def _lives(pid: int) -> bool:
    return _status(pid, "State")[:1] not in ("", "Z")
