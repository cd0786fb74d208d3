"""What the program needs goes away and comes back: nothing is lost, and nothing is restarted.

The chat server is down, the database is locked, full or stopped, the pictures have no place.  Each
outage lasts some seconds; `TEST_OUTAGE` says how many (the promise is made for 60, and
for 600 of the chat server).  Emergencies must be on some path within ten seconds all the while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import sys
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from tests.support.botapi import BotApiServer, Chat, Message, User, bot_api
from tests.support.databases import PostgresServer, migrated, postgres
from tests.support.disks import Disk, read_only, small_disk
from tests.support.patience import PATIENCE_S
from tests.support.program import Program
from tests.support.town import photo

__all__ = ["postgres"]

OUTAGE_S = float(os.environ.get("TEST_OUTAGE") or 12)
BUDGET_S = 10.0
"""How long a busy machine may take to recover."""

SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[cameras]]
id = "gate"
site = "yard-7"
name = "大门"
source = "push"

[[speakers]]
id = "horn"
site = "yard-7"
name = "大门喇叭"
url = "file:{horn}"

[[chats]]
channel = "telegram"
id = -1001
messages_per_minute = 0

[[chats]]
channel = "telegram"
id = -1002
purpose = "admin"

[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111

[responses.no_helmet]
merge_by = "subject"

[responses.fall]
merge_by = "subject"
"""
EMERGENCY, MARK = "🔴", "尚未入库"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 3 * OUTAGE_S)]


@dataclass
class Yard:
    """A program with its chat server, and a source that keeps the promise of sources."""

    server: BotApiServer
    program: Program
    group: Chat
    admins: Chat
    li: User
    horn: Path
    key: str
    http: ClientSession
    cases: dict[str, int | None] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    by_hand: int = 0

    async def post(self, id: str, hazard: str) -> tuple[int, Any]:
        """One report, sent once: status and answer.  A repeat says the same."""
        body = {
            "id": id,
            "hazard": hazard,
            "site": "yard-7",
            "camera": "gate",
            "subject": id,
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        headers = {"Authorization": f"Bearer {self.key}"}
        parts = FormData()
        told = self.bodies.setdefault(id, json.dumps(body))
        parts.add_field("report", told, content_type="application/json")
        picture = photo(640, 480, zlib.crc32(id.encode()) % 256)
        parts.add_field("image", picture, filename="a.jpg", content_type="image/jpeg")
        url = f"{self.program.url}/api/v1/reports"
        async with self.http.post(url, data=parts, headers=headers) as answer:
            return answer.status, await answer.json()

    async def report(self, id: str, hazard: str) -> None:
        """Again and again until it is taken, as a source does."""
        while True:
            with contextlib.suppress(ClientError, TimeoutError):
                status, answer = await self.post(id, hazard)
                if status in (200, 201):
                    self.cases[id] = answer["case"]
                    return
                assert status in (429, 503), answer
            await asyncio.sleep(0.3)

    async def emergency(self, id: str) -> float:
        """A fall that is told in the group; seconds from the report until it stands there."""
        before, begun = set(self._emergencies()), time.monotonic()
        status, answer = await self.post(id, "fall")
        assert status in (200, 201), answer
        self.cases[id] = answer["case"]
        await self.server.wait_until(lambda: set(self._emergencies()) - before, timeout=PATIENCE_S)
        return time.monotonic() - begun

    async def sos(self) -> float:
        """A cry for help behind a word that cannot be stored; seconds until the group has it."""
        begun = time.monotonic()
        await self.li.says(self.group, "关闭 1")
        await self.li.says(self.group, "紧急 有人被压住")
        await self.server.wait_until(
            lambda: any("有人被压住" in one.words for one in self.told()), timeout=PATIENCE_S
        )
        self.by_hand += 1
        return time.monotonic() - begun

    def told(self) -> list[Message]:
        """What the program has said in the group."""
        return [one for one in self.cards() if one.sender.id != self.li.id]

    def _emergencies(self) -> list[int]:
        return [one.id for one in self.server.messages(self.group) if EMERGENCY in one.words]

    def cards(self) -> list[Message]:
        """What stands in the group."""
        return self.server.messages(self.group)

    async def shows_a_picture(self) -> None:
        """The newest card does; a thin line has the words first."""
        newest = self.cards()[-1].id
        await self.server.wait_until(
            lambda: any(one.id == newest and one.photo for one in self.cards()), timeout=PATIENCE_S
        )

    def spoken(self) -> int:
        """How many sentences the horn has said."""
        return len(list(self.horn.glob("*.wav"))) if self.horn.exists() else 0

    async def all_are_cases(self) -> None:
        """Every report that was ever taken has one case, whose number its source learns."""
        for id, hazard in [
            (id, "fall" if id.startswith("f") else "no_helmet") for id in self.cases
        ]:
            await self.report(id, hazard)
            while self.cases[id] is None:
                await asyncio.sleep(0.3)
                await self.report(id, hazard)
        numbers = list(self.cases.values())
        assert len(set(numbers)) == len(numbers), "two reports of two people in one case"

    async def every_card_is_true(self) -> None:
        """No message is marked as not recorded any more; each case is shown under its number."""

        def true() -> bool:
            words = [message.words for message in self.cards()]
            heads = " ".join(text.partition("\n")[0] for text in words)
            shown = all(re.search(rf"#{n}\b", heads) for n in self.cases.values())
            return shown and not any(MARK in text for text in words)

        await self.server.wait_until(true, timeout=PATIENCE_S)

    async def recovered(self) -> None:
        """All of the above, and a clean end."""
        await self.all_are_cases()
        await self.every_card_is_true()
        opened = [int(n) for n in self.cases.values() if n is not None]
        every = range(1, len(opened) + self.by_hand + 1)
        assert set(opened) < {*every, 0}, "a case that nobody reported"
        assert not self.server.faults
        assert await self.program.stop() == 0
        await self.program.command("audit", "verify")


@asynccontextmanager
async def yard(folder: Path, **settings: str) -> AsyncIterator[Yard]:
    """The program on its own chat server; `settings` say where its things lie."""
    horn = folder / "horn"
    timeout = ClientTimeout(total=30)
    async with bot_api() as server, ClientSession(timeout=timeout) as http:
        group, admins = server.group(-1001, "七号工地"), server.group(-1002, "管理")
        li = server.user(111, "李工")
        told = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token, **settings}
        program = Program(folder, SITE.replace("{horn}", str(horn)), **told)
        key = await program.command("key", "create", "--name", "box", "--role", "source")
        await program.start()
        opened = Yard(server, program, group, admins, li, horn, key, http)
        try:
            await server.wait_until(lambda: server.messages(admins), timeout=PATIENCE_S)
            yield opened
        except BaseException:
            print(program.output()[-20_000:])
            raise
        finally:
            if program.running:
                await program.kill()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that is filled within a test."""
    with small_disk(tmp_path / "disk", megabytes=60) as mounted:
        yield mounted


async def test_the_disk_is_full(disk: Disk, tmp_path: Path) -> None:
    """General reports are refused, and come again; a fall is in the group, and in a case later."""
    async with yard(tmp_path, DATA_DIR=str(disk.folder)) as there:
        await there.report("r0", "no_helmet")
        await asyncio.to_thread(disk.fill)
        await there.emergency("f0")
        refused = 0
        for n in range(200):  # what the database has in hand lasts for a while
            disk.fill()
            status, answer = await there.post(f"r{n + 1}", "no_helmet")
            if status == 201:
                there.cases[f"r{n + 1}"] = answer["case"]
            else:
                assert status == 503, answer
                refused += 1
                there.cases[f"r{n + 1}"] = None
            if refused == 3:
                break
        assert refused, "the disk is not full enough to fail"
        begun = time.monotonic()
        took = [await there.emergency("f1"), await there.emergency("f2")]
        assert max(took) < BUDGET_S
        assert there.cases["f2"] is None, "answered as durable, and as not recorded"
        while time.monotonic() - begun < OUTAGE_S:
            assert (await there.post("r1000", "no_helmet"))[0] == 503
            await asyncio.sleep(0.5)
        assert MARK in "".join(card.words for card in there.cards())
        disk.free()
        await there.recovered()


@pytest.mark.long
async def test_the_disk_is_getting_full(disk: Disk, tmp_path: Path) -> None:
    """The admins are told, in time, that nothing may go, and that it is over; cases go on."""

    def admins(there: Yard) -> str:
        return "".join(one.words for one in there.server.messages(there.admins))

    def stuck(there: Yard) -> bool:
        return "没有可以删除" in admins(there)

    async with yard(tmp_path, DATA_DIR=str(disk.folder)) as there:
        await there.report("r0", "no_helmet")
        disk.leave(2_500_000)  # of 60 MB 3 are to be free
        await there.server.wait_until(lambda: stuck(there), PATIENCE_S)
        await there.report("r1", "no_helmet")
        await there.shows_a_picture()
        disk.free()
        await there.server.wait_until(lambda: "又有空间了" in admins(there), PATIENCE_S)
        assert admins(there).count("磁盘快满了") == 1
        await there.recovered()


LOCK = """
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
base.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
base.execute("ROLLBACK")
"""


@pytest.mark.long
async def test_another_process_locks_the_database(tmp_path: Path) -> None:
    """A backup that takes its time, say."""
    async with yard(tmp_path) as there:
        await there.report("r0", "no_helmet")
        path = str(tmp_path / "data" / "loudhailer.sqlite3")
        other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", LOCK, path, str(OUTAGE_S), stdout=asyncio.subprocess.PIPE
        )
        assert other.stdout is not None
        await other.stdout.readline()
        general = asyncio.create_task(there.report("r1", "no_helmet"))
        took = await asyncio.gather(there.emergency("f1"), there.emergency("f2"), there.sos())
        assert max(took) < BUDGET_S
        await other.wait()
        await general
        await there.recovered()
        assert there.spoken() >= 2


async def test_postgres_is_stopped(postgres: PostgresServer, tmp_path: Path) -> None:
    """The server's connections are cut, and it does not answer; then it does."""
    name = await postgres.new_database(template=None)
    url = postgres.url(name)
    await migrated(url)
    async with yard(tmp_path, DATABASE_URL=url) as there:
        await there.report("r0", "no_helmet")
        await asyncio.sleep(3)  # by then every key is remembered
        await asyncio.to_thread(postgres.stop)
        try:
            begun = time.monotonic()
            general = asyncio.create_task(there.report("r1", "no_helmet"))
            took = [await there.emergency("f1"), await there.emergency("f2")]
            assert max(took) < BUDGET_S
            await asyncio.sleep(max(OUTAGE_S - (time.monotonic() - begun), 0))
        finally:
            await asyncio.to_thread(postgres.start)
        await general
        await there.recovered()
    await postgres.drop_database(name)


@pytest.mark.long
async def test_killed_during_the_outage(tmp_path: Path) -> None:
    """What was answered 2xx stands in the journal; the next start finds it."""
    async with yard(tmp_path) as there:
        path = str(tmp_path / "data" / "loudhailer.sqlite3")
        other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", LOCK, path, "60", stdout=asyncio.subprocess.PIPE
        )
        assert other.stdout is not None
        await other.stdout.readline()
        assert await there.emergency("f1") < BUDGET_S
        assert there.cases["f1"] is None
        journal = tmp_path / "data" / "emergency-1.journal"
        await there.server.wait_until(lambda: b'"told"' in journal.read_bytes(), PATIENCE_S)
        await there.program.kill()
        other.kill()
        await other.wait()
        await there.program.start()
        await there.recovered()


async def test_the_chat_server_is_down(tmp_path: Path) -> None:
    """Everything waits; the horn says the emergency meanwhile."""
    async with yard(tmp_path) as there:
        there.server.trouble.fail_randomly(1, {"reset_before": 1.0})
        begun, before = time.monotonic(), there.spoken()
        await there.report("r0", "no_helmet")
        await there.report("f0", "fall")
        await there.server.wait_until(lambda: there.spoken() > before, timeout=BUDGET_S)
        await asyncio.sleep(max(OUTAGE_S - (time.monotonic() - begun), 0))
        there.server.trouble.stop_failing()
        await there.recovered()


@pytest.mark.long
async def test_the_folder_of_the_pictures_is_gone(tmp_path: Path) -> None:
    """It is made again; nothing is lost of what comes then."""
    async with yard(tmp_path) as there:
        await there.report("r0", "no_helmet")
        await asyncio.to_thread(shutil.rmtree, tmp_path / "data" / "pictures")
        assert await there.emergency("f0") < BUDGET_S
        await there.shows_a_picture()
        await there.recovered()


@pytest.mark.long
async def test_the_folder_of_the_pictures_is_read_only(tmp_path: Path) -> None:
    """The picture goes from memory, and into the folder when that can be written again."""
    pictures = tmp_path / "data" / "pictures"
    async with yard(tmp_path) as there:
        await there.report("r0", "no_helmet")
        kept = len(list(pictures.rglob("*.jpg")))
        with read_only(pictures):
            status, answer = await there.post("f0", "fall")
            assert status == 201, answer
            there.cases["f0"] = answer["case"]
            await there.server.wait_until(
                lambda: any(EMERGENCY in one.words for one in there.cards()), timeout=BUDGET_S
            )
            await there.shows_a_picture()
            assert len(list(pictures.rglob("*.jpg"))) == kept
        await there.server.wait_until(
            lambda: len(list(pictures.rglob("*.jpg"))) == kept + 1, timeout=PATIENCE_S
        )
        await there.recovered()
