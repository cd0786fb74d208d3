"""kill -9 at random moments: nothing is lost or done twice, every known card tells the truth.

The program runs against a chat server that fails at random.  A source reports, a person closes and
acknowledges, clocks run out, and the process is killed again and again, each time a few calls after
it has begun to talk to the chat server.  `LOUDHAILER_TEST_KILLS` says how often (3 by
default), `LOUDHAILER_TEST_SEED` repeats a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, FormData

from tests.support.botapi import BotApiServer, Chat, Message, User, bot_api
from tests.support.pictures import jpeg
from tests.support.program import Program

KILLS = int(os.environ.get("LOUDHAILER_TEST_KILLS") or 3)
SEED = int(os.environ.get("LOUDHAILER_TEST_SEED") or 20261122)
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
    "truncated": 0.03,
}
METHODS = frozenset(["sendPhoto", "sendMessage", "editMessageCaption", "editMessageText"])
MARK = "可能重复"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Story:
    """What was asked of the program, and what it answered."""

    server: BotApiServer
    group: Chat
    li: User
    dice: random.Random
    cases: dict[str, int] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    pressed: set[int] = field(default_factory=set)

    async def report(self, program: Program, key: str, id: str) -> None:
        """Report until it is answered 2xx, as a source does; the id makes that safe."""
        body = {
            "id": id,
            "hazard": "no_helmet",
            "site": "yard-7",
            "camera": "gate",
            "subject": id,
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        picture = jpeg(64, 48)
        headers = {"Authorization": f"Bearer {key}"}
        async with ClientSession(timeout=ClientTimeout(total=5)) as client:
            while id not in self.cases:
                with contextlib.suppress(ClientError, TimeoutError):
                    url = f"{program.url}/api/v1/reports"
                    parts = FormData()
                    parts.add_field("report", json.dumps(body), content_type="application/json")
                    parts.add_field("image", picture, filename="a.jpg", content_type="image/jpeg")
                    async with client.post(url, data=parts, headers=headers) as answer:
                        if answer.status in (200, 201):
                            self.cases[id] = (await answer.json())["case"]
                            return
                        assert answer.status in (429, 503), await answer.text()
                await asyncio.sleep(0.05)

    async def act(self) -> None:
        """On some case that nobody has touched yet: a press on its newest card, or else words."""
        open_cases = sorted(set(self.cases.values()) - self.closed - self.pressed)
        if not open_cases:
            return
        number = self.dice.choice(open_cases)
        cards = cards_of(self.server, self.group, number)
        if cards:
            self.pressed.add(number)
            await self.li.press(cards[-1], "确认")
        else:
            self.closed.add(number)
            await self.li.says(self.group, f"关闭 {number} 已整改")


def cards_of(server: BotApiServer, group: Chat, number: int) -> list[Message]:
    """The messages that show this case, in the order of their sending."""
    first = re.compile(rf"🟡 .* #{number}\b")
    return [message for message in server.messages(group) if first.match(message.words)]


async def one_life(story: Story, program: Program, key: str, life: int) -> None:
    """Report and act until the chat server has had a random number of calls, then kill."""
    server, dice = story.server, story.dice
    begun = sum(len(server.calls_of(method)) for method in METHODS)
    enough = begun + dice.randrange(1, 2 * REPORTS_A_LIFE)
    reports = [
        asyncio.create_task(story.report(program, key, f"r{life}-{n}"))
        for n in range(REPORTS_A_LIFE)
    ]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if dice.random() < 0.1:
            await story.act()
        if sum(len(server.calls_of(method)) for method in METHODS) >= enough:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(dice.random() * 0.05)
    await program.kill()
    for task in reports:
        task.cancel()
    for ended in await asyncio.gather(*reports, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


async def test_kill_9_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    """Lives cut short, one after the other; then one that may end its work."""
    print(f"{KILLS} kills, LOUDHAILER_TEST_SEED={SEED}")
    async with bot_api() as server:
        group, li = server.group(-1001, "七号工地"), server.user(111, "李工")
        story = Story(server, group, li, random.Random(SEED))
        program = Program(tmp_path, SITE, TELEGRAM_API=server.url, TELEGRAM_TOKEN=server.token)
        key = await program.command("key", "create", "--name", "box", "--role", "source")
        server.trouble.fail_randomly(SEED, FAULTS, methods=METHODS)
        for life in range(KILLS):
            await program.start()
            await one_life(story, program, key, life)
        server.trouble.stop_failing()
        await program.start()
        for life in range(KILLS):
            for n in range(REPORTS_A_LIFE):
                await story.report(program, key, f"r{life}-{n}")
        await settled(tmp_path)
        assert await program.stop() == 0
        await program.command("audit", "verify")  # fails the test unless every chain holds
        check(story, await asyncio.to_thread(kept, tmp_path))


async def settled(folder: Path, within: float = 120) -> None:
    """Nothing waits any more: no message, nothing unread, no clock that is due."""
    deadline = time.monotonic() + within
    while waiting := await asyncio.to_thread(_waiting, folder):
        assert time.monotonic() < deadline, f"still waiting: {waiting}"
        await asyncio.sleep(0.2)


def _waiting(folder: Path) -> dict[str, int]:
    soon = time.time_ns() // 1_000_000 + 3000
    questions = {
        "outbox": "SELECT count(*) FROM outbox WHERE due IS NOT NULL",
        "inbox": "SELECT count(*) FROM inbox WHERE state = 'waiting'",
        "timers": f"SELECT count(*) FROM timer WHERE kind = 'acknowledge_by' AND due < {soon}",
    }
    with contextlib.closing(sqlite3.connect(folder / "data" / "loudhailer.sqlite3")) as base:
        counts = {name: base.execute(sql).fetchone()[0] for name, sql in questions.items()}
    return {name: count for name, count in counts.items() if count}


def kept(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables that are looked at."""
    tables = ("hazard_case", "report", "copy", "audit_entry", "command", "inbox", "outbox")
    with contextlib.closing(sqlite3.connect(folder / "data" / "loudhailer.sqlite3")) as base:
        base.row_factory = sqlite3.Row
        return {
            table: [dict(row) for row in base.execute(f'SELECT * FROM "{table}"')]
            for table in tables
        }


def check(story: Story, base: dict[str, list[dict[str, Any]]]) -> None:
    """What the promise says of all that happened."""
    numbers = sorted(story.cases.values())
    assert numbers == list(range(1, KILLS * REPORTS_A_LIFE + 1)), "a report lost, or two cases"
    states = {row["number"]: row["state"] for row in base["hazard_case"]}
    assert sorted(states) == numbers
    done = Counter((row["case"], row["event"]) for row in base["audit_entry"])
    for number in story.closed:
        assert states[number] == "closed", f"#{number}: 关闭 was lost"
    for number in story.pressed:
        assert done[number, "acknowledged"] == 1, f"#{number}: 确认 was lost or done twice"
    for (number, event), times in done.items():
        if event in ("opened", "acknowledged", "closed"):
            assert times == 1, f"#{number} {event} {times} times"
    assert [row for row in base["inbox"] if row["state"] != "done"] == []
    _check_cards(story, base, states)


def _check_cards(
    story: Story, base: dict[str, list[dict[str, Any]]], states: dict[int, str]
) -> None:
    """Each case is shown; doubles are marked; every copy that is known tells the present state."""
    words = {"open": "待处理", "acknowledged": "已确认", "escalated": "已升级", "closed": "已关闭"}
    messages = {str(message.id): message for message in story.server.messages(story.group)}
    for number in states:
        cards = cards_of(story.server, story.group, number)
        assert cards, f"#{number} was never shown"
        unmarked = [card for card in cards if MARK not in card.history[0].words]
        assert len(unmarked) <= 1, f"#{number} came twice without saying so"
    shown = {row["case"] for row in base["copy"] if not row["lost"]}
    assert shown == set(states)
    for row in base["copy"]:
        text = messages[row["message_id"]].words
        assert words[states[row["case"]]] in text, f"#{row['case']} {states[row['case']]}: {text}"
