"""A hundred alarms within five seconds in a group that takes twenty messages a minute."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientError, ClientSession, FormData

from tests.support.botapi import BotApiServer, Chat, bot_api
from tests.support.pictures import jpeg
from tests.support.program import Program

ALARMS = 100
WITHIN_S = 5.0
LIMIT = 20
METHODS = ("sendPhoto", "sendMessage", "editMessageCaption", "editMessageText")
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

[[chats]]
channel = "telegram"
id = -1001
messages_per_minute = 20

[[members]]
id = "wang"
name = "王监督"
role = "supervisor"
telegram = 111

[responses.no_helmet]
merge_by = "subject"
"""


@dataclass
class Outcome:
    """What came of a storm; times in seconds after the first report, or after the answer to it."""

    first_card: float
    emergency: float
    all_shown: float
    all_true: float
    messages: int
    refused: int


class Source:
    """An AI box that reports until it is answered 2xx."""

    def __init__(self, program: Program, key: str) -> None:
        self._program = program
        self._headers = {"Authorization": f"Bearer {key}"}
        self.cases: dict[str, int] = {}

    async def report(self, id: str, hazard: str = "no_helmet") -> int:
        """The case that it opened."""
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = {"id": id, "hazard": hazard, "site": "yard-7", "camera": "gate", "at": at}
        async with ClientSession() as client:
            while id not in self.cases:
                parts = FormData()
                parts.add_field(
                    "report", json.dumps({**body, "subject": id}), content_type="application/json"
                )
                parts.add_field("image", jpeg(64, 48), filename="a.jpg", content_type="image/jpeg")
                url = f"{self._program.url}/api/v1/reports"
                try:
                    async with client.post(url, data=parts, headers=self._headers) as answer:
                        if answer.status in (200, 201):
                            self.cases[id] = (await answer.json())["case"]
                            continue
                except ClientError:
                    pass
                await asyncio.sleep(0.05)
        return self.cases[id]


def shown(server: BotApiServer, group: Chat) -> dict[int, str]:
    """Case -> the words that show it: the card\'s state line, or its line in a digest."""
    found: dict[int, str] = {}
    for message in server.messages(group):
        lines = message.words.splitlines()
        if message.words.startswith("📋"):
            for line in lines[1:]:
                if match := re.match(r"(?:🟡|🟠) #(\d+) ", line):
                    found.setdefault(int(match[1]), line)
        elif match := re.match(r"(?:🟡|🟠|🔴).* #(\d+)", lines[0]):
            found[int(match[1])] = next(line for line in lines if line.startswith("状态"))
    return found


async def storm(folder: Path, *, killed: bool, patience: float = 180) -> Outcome:
    """Let it happen; fails unless all is shown and true within `patience` seconds each."""
    async with bot_api() as server:
        group, wang = server.group(-1001, "七号工地"), server.user(111, "王监督")
        server.world.limits.per_group = LIMIT
        program = Program(folder, SITE, TELEGRAM_API=server.url, TELEGRAM_TOKEN=server.token)
        key = await program.command("key", "create", "--name", "box", "--role", "source")
        try:
            await program.start()
            await server.wait_until(lambda: server.calls_of("getUpdates"), timeout=patience)
            source, begun = Source(program, key), time.time()

            async def report(n: int) -> None:
                await asyncio.sleep(n * WITHIN_S / ALARMS)
                await source.report(f"r{n}")

            alarms = [asyncio.create_task(report(n)) for n in range(ALARMS)]
            await asyncio.sleep(WITHIN_S / 2)
            if killed:
                await program.kill()
                await program.start()
            await source.report("fall", "fall")
            fell = time.time()
            await asyncio.gather(*alarms)
            cases = sorted(source.cases.values())

            def everything_is_shown() -> bool:
                return set(cases) <= shown(server, group).keys()

            await server.wait_until(everything_is_shown, timeout=patience)
            all_shown, messages = time.time(), list(server.messages(group))
            closed = [n for n in cases if n != source.cases["fall"]][5::9]
            for number in closed:
                await wang.says(group, f"关闭 {number} 已整改")

            def all_true() -> bool:
                now = shown(server, group)
                return all(("已关闭" in now[n]) == (n in closed) for n in cases)

            await server.wait_until(all_true, timeout=patience)
            (emergency,) = [one for one in messages if one.words.startswith("🔴")]
            outcome = Outcome(
                first_card=messages[0].accepted_at - begun,
                emergency=emergency.accepted_at - fell,
                all_shown=all_shown - begun,
                all_true=time.time() - begun,
                messages=len(messages),
                refused=sum(
                    len([c for c in server.calls_of(m) if c.status == 429]) for m in METHODS
                ),
            )
            assert await program.stop() == 0
            return outcome
        finally:
            if program.running:
                await program.kill()
