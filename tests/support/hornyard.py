"""The real program with horns on the network, a chat, and a box that reports."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.support.botapi import BotApiServer, Chat, bot_api
from tests.support.horns.paging import PagingHorn
from tests.support.program import Program

PATIENCE_S = 90.0
SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[cameras]]
id = "gate"
site = "yard-7"
name = "大门"
source = "push"
models = []

[[cameras]]
id = "pit"
site = "yard-7"
name = "基坑"
source = "push"
models = []

[[chats]]
channel = "telegram"
id = -1001

[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111

[responses.no_helmet.speak]
zh = "请注意，{place}的师傅，请戴好安全帽。请戴好安全帽，安全帽要系好下颏带，谢谢配合。"
repeat = 1

[responses.smoke_fire.speak]
repeat = 1
"""
SPEAKER = """
[[speakers]]
id = "{id}"
site = "yard-7"
name = "{id}"
cameras = ["{camera}"]
url = "{url}"
lead_silence = "0s"
dead_after = "{dead_after}"
"""


class HornYard:
    """`horn` is a page by RTP; how the others are is the test's business."""

    def __init__(self, server: BotApiServer, web: ClientSession, program: Program) -> None:
        self.server = server
        self.web = web
        self.program = program
        self.group: Chat = server.group(-1001, "七号工地")
        self._headers: dict[str, str] = {}

    async def begin(self) -> None:
        """Give the box its key; the program may be started then."""
        made = ("key", "create", "--name", "box", "--role", "admin")
        self._headers = {"Authorization": f"Bearer {await self.program.command(*made)}"}

    async def report(self, id: str, hazard: str) -> int:
        """A hazard at the gate; the number of its case."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = {"id": id, "hazard": hazard, "site": "yard-7", "camera": "gate", "at": at}
        url = f"{self.program.url}/api/v1/reports"
        async with self.web.post(url, json=body, headers=self._headers) as answer:
            assert answer.status == 201, await answer.text()
            return (await answer.json())["case"]

    async def text(self, path: str) -> str:
        """What the program answers to a GET."""
        async with self.web.get(f"{self.program.url}{path}", headers=self._headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def case(self, number: int) -> dict[str, Any]:
        url = f"{self.program.url}/api/v1/cases/{number}"
        async with self.web.get(url, headers=self._headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def said(self, case: int, count: int, patience: float = PATIENCE_S) -> list[dict]:
        """Its announcements once so many have ended: horn and outcome."""
        ended: list[dict] = []
        try:
            async with asyncio.timeout(patience):
                while len(ended) < count:
                    await asyncio.sleep(0.1)
                    deliveries = (await self.case(case))["deliveries"]
                    rows = [one for one in deliveries if one["kind"] == "announce"]
                    ended = [one for one in rows if one["finished_at"]]
        except TimeoutError:
            raise AssertionError(f"{ended}\n{self.program.output()}") from None
        return [{"horn": one["target"], **one["outcome"]} for one in ended]


@contextlib.asynccontextmanager
async def horn_yard(
    folder: Path,
    horns: dict[str, str],
    prepare: Callable[[Program], None] = lambda _: None,
    *,
    dead_after: str = "5m",
) -> AsyncIterator[HornYard]:
    """The program, not started yet, with horns by id and URL; killed on leaving.

    A horn speaks for the camera with which its id begins.
    """
    speakers = [
        SPEAKER.format(id=id, url=url, camera=id.partition("-")[0], dead_after=dead_after)
        for id, url in horns.items()
    ]
    site = SITE + "".join(speakers)
    async with bot_api() as server, ClientSession() as web:
        settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
        program = Program(folder, site, **settings)
        yard = HornYard(server, web, program)
        await yard.begin()
        prepare(program)
        try:
            yield yard
        finally:
            if program.running:
                await program.kill()


@contextlib.asynccontextmanager
async def paging_horn() -> AsyncIterator[PagingHorn]:
    horn = PagingHorn()
    try:
        yield horn
    finally:
        await asyncio.to_thread(horn.close)


async def sounding(horn: PagingHorn, packets: int = 10) -> None:
    """Wait until so much has arrived."""
    async with asyncio.timeout(PATIENCE_S):
        while len(horn.packets) < packets:
            await asyncio.sleep(0.01)


def pages(horn: PagingHorn) -> list[int]:
    """The packets of each page, in the order in which they began."""
    counts: dict[int, int] = {}
    for packet in list(horn.packets):
        counts[packet.ssrc] = counts.get(packet.ssrc, 0) + 1
    return list(counts.values())
