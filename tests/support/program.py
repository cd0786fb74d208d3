"""The whole program as a process of its own: `bot.py run` with its settings, on free ports.

async with running(folder, site_file, TELEGRAM_API=server.url, TELEGRAM_TOKEN=server.token) as it:
    key = await it.command("key", "create", "--name", "box", "--role", "source")
    ...                                     # it.url is the HTTP server, it.output() what it logged
    await it.stop(); await it.start()       # SIGTERM; `kill` is kill -9
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from aiohttp import ClientError, ClientSession

from tests.support.nursery import NURSERY, Child

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "LOUDHAILER_"
START_S = 60.0
STOP_S = 60.0
_STEP_S = 0.05
_ADDRESS = re.compile(r"^Loudhailer .*?(http://\S+)$", re.MULTILINE)


class Program:
    """One installation: a data folder, a site file, and perhaps a process that runs on them."""

    def __init__(
        self, folder: Path, site_file: str, *, role: str = "all", log: str = "", **settings: str
    ) -> None:
        self.folder = folder
        self.launcher: tuple[str, ...] = ()
        self.url = ""
        self._role = role
        self._log = folder / f"program{log}.log"
        self._started_at = 0
        self._process: asyncio.subprocess.Process | Child | None = None
        (folder / "site.toml").write_text(site_file, encoding="utf-8")
        given = {
            "SITE_FILE": str(folder / "site.toml"),
            "DATA_DIR": str(folder / "data"),
            "HTTP_PORT": "0",
            **settings,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        named = {PREFIX + name: value for name, value in given.items()}
        self.environment = {**kept, **named, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    def output(self) -> str:
        """Everything that was printed and logged, over all starts."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    async def command(self, *arguments: str) -> str:
        """The last word that another command prints; fails the test unless it exits 0."""
        code, out, err = await self.tried(*arguments)
        assert code == 0, f"{arguments}: {out}{err}"
        return out.split()[-1]

    async def tried(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code of another command, and what it prints to stdout and to stderr."""
        with TemporaryFile() as out, TemporaryFile() as err:
            process = await self._begin(arguments, out, err)
            code = await process.wait()
            for told in (out, err):
                told.seek(0)
            return code, out.read().decode(), err.read().decode()

    async def start(self, until: str = "readyz") -> None:
        """`bot.py run`; returns when /readyz says 200, or /livez: it runs, whatever ails it."""
        await self.launch()
        checks = ""
        try:
            async with asyncio.timeout(START_S):
                while (checks := await self._fails(until)) != "":
                    assert self.running, f"the program ended:\n{self.output()}"
                    await asyncio.sleep(_STEP_S)
        except TimeoutError:
            found = f"{until} not in {START_S} s: {checks}\n{self.output()}"
            raise AssertionError(found) from None

    async def launch(self) -> None:
        """The same, without waiting for it to be ready."""
        assert not self.running
        self._started_at = len(self.output())
        with self._log.open("ab") as log:
            self._process = await self._begin(("run", "--role", self._role), log, log)

    async def _begin(
        self, arguments: tuple[str, ...], out: IO[bytes], err: IO[bytes]
    ) -> asyncio.subprocess.Process | Child:
        """Begin `bot.py` so; plainly where a launcher or a library is to go first."""
        if not self.launcher and "LD_PRELOAD" not in self.environment:
            return await NURSERY.born(arguments, self.environment, out, err)
        return await asyncio.create_subprocess_exec(
            *self.launcher,
            sys.executable,
            "bot.py",
            *arguments,
            cwd=ROOT,
            env=self.environment,
            stdout=out,
            stderr=err,
        )

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: it stands still, and everybody else goes on, until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self.running:
            self._process.send_signal(number)
        try:
            async with asyncio.timeout(STOP_S):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise AssertionError(f"not ended by {number.name} in {STOP_S} s") from None

    async def _fails(self, probe: str) -> str:
        """What /readyz (or /livez) has against it; empty once it says 200."""
        printed = _ADDRESS.search(self.output(), self._started_at)
        if printed is None:
            return "no address printed"
        self.url = printed[1]
        try:
            async with ClientSession() as session, session.get(f"{self.url}/{probe}") as answer:
                return "" if answer.status == 200 else await answer.text()
        except ClientError as error:
            return repr(error)


@contextlib.asynccontextmanager
async def running(folder: Path, site_file: str, **settings: str) -> AsyncIterator[Program]:
    """A program that runs; killed on leaving if the test has not stopped it."""
    program = Program(folder, site_file, **settings)
    await program.start()
    try:
        yield program
    finally:
        if program.running:
            await program.kill()
