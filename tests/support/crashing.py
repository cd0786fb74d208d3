"""A source, a person and a chat server that fails, around a program that is killed again and again.

`Story` does what they do and keeps what was asked and answered; `proof.check` compares it with the
database and the chat when all is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from storage.database import Database, open_database
from tests.support.botapi import BotApiServer, Chat, Message, Press, User
from tests.support.databases import rows_of
from tests.support.pictures import jpeg
from tests.support.program import Program

REPORTS_A_LIFE = 6
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
messages_per_minute = 0

[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111

[responses.no_helmet]
merge_by = "subject"
acknowledge_within = "2s"
cooldown = "0s"
"""
FAULTS = {
    "500": 0.05,
    "502": 0.03,
    "429": 0.02,
    "reset_before": 0.04,
    "reset_after": 0.04,
    "timeout_before": 0.01,
    "timeout_after": 0.01,
    "truncated": 0.03,
}
HANG_S = 6.0
"""Longer than the program waits for an answer."""
METHODS = frozenset(["sendPhoto", "sendMessage", "editMessageCaption", "editMessageText"])
_LIFE_S = 15.0

Moment = Literal["start", "report", "call", "command", "timer"]
MOMENTS: dict[Moment, int] = {"start": 1, "report": 2, "call": 4, "command": 2, "timer": 2}
"""Around what the program is killed, and how often."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Asked:
    """Something that a person asked for: a press, or words."""

    case: int
    verb: str
    press: Press | None = None
    message: Message | None = None


@dataclass
class Story:
    """What was asked of the programs, and what they answered."""

    server: BotApiServer
    group: Chat
    li: User
    dice: random.Random
    programs: Sequence[Program]
    key: str = ""
    cases: dict[str, int] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def cards_of(self, number: int) -> list[Message]:
        """The messages that show this case, in the order of their sending."""
        first = re.compile(rf"🟡 .* #{number}\b")
        return [one for one in self.server.messages(self.group) if first.match(one.words)]

    async def report(self, id: str) -> None:
        """Report until it is answered 2xx, as a source does; the id makes that safe."""
        async with ClientSession(timeout=ClientTimeout(total=10)) as client:
            while id not in self.cases:
                for program in self.programs:
                    with contextlib.suppress(ClientError, TimeoutError):
                        await self._report_to(client, program.url, id)
                        break
                await asyncio.sleep(0.05)

    async def _report_to(self, client: ClientSession, url: str, id: str) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = {
            "id": id,
            "hazard": "no_helmet",
            "site": "yard-7",
            "camera": "gate",
            "subject": id,
            "at": self.seen.setdefault(id, now),  # repeated as it was, as a source repeats it
        }
        parts = FormData()
        parts.add_field("report", json.dumps(body), content_type="application/json")
        parts.add_field("image", jpeg(64, 48), filename="a.jpg", content_type="image/jpeg")
        headers = {"Authorization": f"Bearer {self.key}"}
        async with client.post(f"{url}/api/v1/reports", data=parts, headers=headers) as answer:
            if answer.status in (200, 201):
                self.cases[id] = (await answer.json())["case"]
            else:
                assert answer.status in (429, 503), await answer.text()

    async def act(self) -> bool:
        """On a case that nobody has touched yet: a press on its newest card, or words."""
        touched = {one.case for one in self.asked}
        shown = [n for n in sorted(set(self.cases.values()) - touched) if self.cards_of(n)]
        if not shown:
            return False
        number = self.dice.choice(shown)
        verb = self.dice.choice(["acknowledge", "escalate", "close"])
        if verb == "close":
            said = await self.li.says(self.group, f"关闭 {number} 已整改")
            self.asked.append(Asked(number, verb, message=said))
        else:
            await self.press(self.cards_of(number)[-1], number, verb)
        return True

    async def press(self, card: Message, number: int, verb: str) -> None:
        """Press a button of a card."""
        label = {"acknowledge": "确认", "escalate": "升级"}[verb]
        pressed = await self.li.press(card, label)
        self.asked.append(Asked(number, verb, press=pressed))

    def calls(self) -> int:
        """How often the chat server was asked to show something."""
        return sum(len(self.server.calls_of(method)) for method in METHODS)


async def one_life(story: Story, program: Program, life: int) -> None:
    """Start, report and act until a random moment, then kill -9."""
    dice = story.dice
    moment = dice.choices(list(MOMENTS), weights=list(MOMENTS.values()))[0]
    if moment == "start":
        await program.launch()
        await asyncio.sleep(dice.random() * 4)
    else:
        await program.start("livez")  # while the chat server fails, delivery may well be behind
    reports = [asyncio.create_task(story.report(f"r{life}-{n}")) for n in range(REPORTS_A_LIFE)]
    try:
        if moment != "start":
            await _until(story, moment)
        await program.kill()
    finally:
        for task in reports:
            task.cancel()
        ended = await asyncio.gather(*reports, return_exceptions=True)
    for one in ended:
        if isinstance(one, Exception):
            raise one


async def _until(story: Story, moment: Moment) -> None:
    dice = story.dice
    enough = story.calls() + dice.randrange(1, 2 * REPORTS_A_LIFE)
    known = len(story.cases)
    deadline = time.monotonic() + _LIFE_S
    while time.monotonic() < deadline:
        acted = dice.random() < 0.2 and await story.act()
        if (
            (moment == "report" and len(story.cases) > known)
            or (moment == "command" and acted)
            or (moment in ("call", "timer") and story.calls() >= enough)
        ):
            break
        await asyncio.sleep(0.02)
    longest = {"report": 0.1, "call": 0.05, "command": 0.3, "timer": 3.0, "start": 0.0}
    await asyncio.sleep(dice.random() * longest[moment])


@contextlib.asynccontextmanager
async def reading(url: str) -> AsyncIterator[Database]:
    """The programs' database, to be looked at."""
    async with open_database(url) as database:
        yield database


async def settled(story: Story, database: Database, within: float = 180) -> None:
    """Nothing waits any more: no message, nothing unread, no clock that is due."""
    deadline = time.monotonic() + within
    while waiting := await _waiting(story, database):
        assert time.monotonic() < deadline, f"still waiting: {waiting}"
        await asyncio.sleep(0.3)


async def _waiting(story: Story, database: Database) -> dict[str, int]:
    soon = time.time_ns() // 1_000_000 + 3000
    questions = {
        "outbox": "SELECT COUNT(*) AS n FROM outbox WHERE due IS NOT NULL",
        "inbox": "SELECT COUNT(*) AS n FROM inbox WHERE state = 'waiting'",
        "timers": f"SELECT COUNT(*) AS n FROM timer WHERE kind = 'acknowledge_by' AND due < {soon}",
    }
    found = {
        name: (await database.reader.execute_query_dict(question))[0]["n"]
        for name, question in questions.items()
    }
    found["updates"] = len(story.server.updates.pending)
    return {name: count for name, count in found.items() if count}


async def kept(database: Database) -> Rows:
    """The rows of the tables that are looked at."""
    tables = (
        *("hazard_case", "report", "copy", "digest_line", "audit_entry"),
        *("command", "inbox", "outbox"),
    )
    return {table: await rows_of(database, table) for table in tables}
