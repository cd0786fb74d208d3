"""`run --role core` twice on one PostgreSQL: one service, whichever of the two is asked."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from tests.support.botapi import BotApiServer, Chat, Message, bot_api
from tests.support.crashing import reading
from tests.support.databases import rows_of
from tests.support.patience import PATIENCE_S
from tests.support.program import ROOT, Program

RACES = int(os.environ.get("TEST_RACES") or 20)
GROUPS = 6
SITE = """
[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111

[[members]]
id = "wang"
name = "王监督"
role = "supervisor"
telegram = 112

[[chats]]
channel = "telegram"
id = -2001
purpose = "admin"

[responses.no_helmet]
merge_by = "subject"
""" + "".join(
    f"""
[[sites]]
id = "yard-{n}"
name = "{n}号工地"

[[chats]]
sites = ["yard-{n}"]
channel = "telegram"
id = {-1000 - n}
messages_per_minute = 0
"""
    for n in range(GROUPS)
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 2 * RACES)]


@dataclass
class Pair:
    """Two processes, their chat server, and a client with the keys of a box, of li and of wang."""

    one: Program
    two: Program
    server: BotApiServer
    groups: list[Chat]
    admins: Chat
    http: ClientSession
    keys: dict[str, str]

    async def report(self, program: Program, n: int, at: str = "") -> int:
        """A new case at one of the yards, through that process; its number."""
        at = at or zulu()
        report = {"id": f"r{n}", "hazard": "no_helmet", "site": f"yard-{n % GROUPS}", "at": at}
        report["subject"] = f"s{n}"
        url, headers = f"{program.url}/api/v1/reports", self._bearer("box")
        async with self.http.post(url, json=report, headers=headers) as answer:
            if answer.status == 503:
                answer.raise_for_status()
            assert answer.status in (200, 201), f"{answer.status}: {await answer.text()}"
            return (await answer.json())["case"]

    async def command(
        self, program: Program, who: str, number: int, id: str = "", **body: Any
    ) -> tuple[int, dict[str, Any]]:
        """What a member does through that process: status and body."""
        url = f"{program.url}/api/v1/cases/{number}/commands"
        headers = self._bearer(who) | {"Idempotency-Key": id or f"{body['verb']}-{number}"}
        async with self.http.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def refused(self, program: Program, who: str, number: int) -> None:
        """Within seconds that process takes no command of this member any more."""
        async with asyncio.timeout(PATIENCE_S):
            for attempt in itertools.count():
                status, _ = await self.command(
                    program, who, number, id=f"late-{attempt}", verb="acknowledge"
                )
                if status in (401, 403):
                    return
                await asyncio.sleep(0.5)

    async def case(self, program: Program, number: int) -> dict[str, Any]:
        """The case as that process shows it."""
        url = f"{program.url}/api/v1/cases/{number}"
        async with self.http.get(url, headers=self._bearer("li")) as answer:
            assert answer.status == 200
            return await answer.json()

    async def healthy(self, program: Program) -> None:
        """/readyz says 200 again."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.http.get(f"{program.url}/readyz") as answer:
                    if answer.status == 200:
                        return
                    print(await answer.text())
                await asyncio.sleep(0.5)

    def cards(self, number: int) -> list[Message]:
        """The messages that show a case, in all groups."""
        shows = re.compile(rf"🟡 .* #{number}\b")
        return [m for g in self.groups for m in self.server.messages(g) if shows.match(m.words)]

    async def wait(self, condition: Callable[[], Any], within: float = PATIENCE_S) -> Any:
        return await self.server.wait_until(condition, within)

    def _bearer(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}


def zulu() -> str:
    """Now, as reports give it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@asynccontextmanager
async def pair(folder: Path, url: str) -> AsyncIterator[Pair]:
    """Both running; on leaving both end with exit code 0, or are killed."""
    async with bot_api() as server, ClientSession() as http:
        settings = {
            "DATABASE_URL": url,
            "TELEGRAM_API": server.url,
            "TELEGRAM_TOKEN": server.token,
        }
        one = Program(folder, SITE, role="core", **settings)
        two = Program(folder, SITE, role="core", log="-two", **settings)
        keys = {"box": await one.command("key", "create", "--name", "box", "--role", "source")}
        for who in ("li", "wang"):
            keys[who] = await one.command(
                "key", "create", "--name", who, "--role", "operator", "--member", who
            )
        groups = [server.group(-1000 - n) for n in range(GROUPS)]
        admins = server.group(-2001)
        await asyncio.gather(one.start(), two.start())
        try:
            yield Pair(one, two, server, groups, admins, http, keys)
            assert await asyncio.gather(one.stop(), two.stop()) == [0, 0]
        finally:
            for program in (one, two):
                if program.running:
                    await program.kill()


def greetings(pair: Pair) -> list[Message]:
    return [m for m in pair.server.messages(pair.admins) if "启动" in m.words]


async def test_two_processes_are_one_service(tmp_path: Path, postgres_url: str) -> None:
    """Cases of both, one receiver, one greeting, what one learns the other knows; one may die."""
    async with pair(tmp_path, postgres_url) as both:
        li, wang = both.server.user(111, "李工"), both.server.user(112, "王监督")
        numbers = [await both.report((both.one, both.two)[n % 2], n) for n in range(2 * GROUPS)]
        for number in numbers:
            await both.wait(lambda n=number: both.cards(n))
        await both.wait(lambda: greetings(both))

        await li.press(both.cards(numbers[0])[0], "确认")
        said = await wang.says(both.groups[1], f"关闭 {numbers[1]} 已整改")
        await both.wait(lambda: "已确认" in both.cards(numbers[0])[0].words)
        await both.wait(lambda: "已关闭" in both.cards(numbers[1])[0].words)
        answers = [m for m in both.server.messages(both.groups[1]) if m.reply_to is said]
        assert len(answers) == 1
        for program in (both.one, both.two):
            assert (await both.case(program, numbers[1]))["state"] == "closed"

        await both.one.command("member", "deactivate", "wang")
        for program in (both.one, both.two):
            await both.refused(program, "wang", numbers[2])

        await both.one.kill()
        later = [await both.report(both.two, n) for n in range(100, 100 + GROUPS)]
        for number in later:
            await both.wait(lambda n=number: both.cards(n))
        await li.press(both.cards(later[0])[0], "确认")
        await both.wait(lambda: "已确认" in both.cards(later[0])[0].words)
        await both.one.start()
        everything = [m for number in numbers + later for m in both.cards(number)]
        assert len(everything) == len(numbers + later), "a card came twice"
        assert len(greetings(both)) == 1, "the death of one is no start"
        conflicts = [call for call in both.server.calls if call.status == 409]
        assert not conflicts, "two received at the same time"


def receives(program: Program) -> bool:
    """Whether it polls Telegram, by what it logged last of its share."""
    shares = [line for line in program.output().splitlines() if "this process has" in line]
    return "receive:telegram" in shares[-1]


@pytest.mark.parametrize("seconds", [8, pytest.param(40, marks=pytest.mark.long)])
async def test_one_that_stood_still_does_nothing_twice_without_a_mark(
    tmp_path: Path, postgres_url: str, seconds: int
) -> None:
    """Frozen in a storm for longer than its leases; thawed, it takes up a share as before.

    It was receiving: nobody may be told of another program with our token.
    """
    async with pair(tmp_path, postgres_url) as both:
        li = both.server.user(111, "李工")
        await both.wait(lambda: greetings(both))
        frozen, other = both.one, both.two
        if not receives(frozen):
            frozen, other = other, frozen
        storm = [asyncio.create_task(both.report(other, n)) for n in range(10 * GROUPS)]
        await both.wait(lambda: len(both.server.calls_of("sendMessage")) > 5)
        frozen.freeze()
        await asyncio.sleep(seconds)
        numbers = await asyncio.gather(*storm)
        frozen.thaw()
        await both.wait(lambda: all(both.cards(number) for number in numbers), 2 * PATIENCE_S)
        for group in both.groups:
            await li.says(group, "未处理")
        for group in both.groups:
            answers = await both.wait(
                lambda g=group: [m for m in both.server.messages(g) if "未处理 10 件" in m.words]
            )
            assert len(answers) == 1
        for number in numbers:
            first, *more = both.cards(number)
            unmarked = [card for card in (first, *more) if "可能重复" not in card.words]
            assert len(unmarked) <= 1, [card.words for card in (first, *more)]
        for program in (both.one, both.two):
            await both.healthy(program)
        assert not [m.words for m in both.server.messages(both.admins) if "另一个程序" in m.words]


async def test_cut_connections_in_a_storm_lose_and_double_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    """Somebody ends every connection to the database, again and again, and both die once."""
    async with pair(tmp_path, postgres_url) as both, reading(postgres_url) as database:
        numbers = list[int]()

        async def storm(program: Program, first: int) -> None:
            for n in range(first, first + 30):
                at = zulu()
                while True:  # the same report: that it was taken may not have been told
                    try:
                        numbers.append(await both.report(program, n, at))
                        break
                    except ClientError:  # nobody there, or it cannot be written now
                        await asyncio.sleep(0.2)

        storms = [asyncio.create_task(storm(both.one, 0)), asyncio.create_task(storm(both.two, 50))]
        for _ in range(6):
            await asyncio.sleep(0.5)
            await database.reader.execute_query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await asyncio.gather(both.one.kill(), both.two.kill())
        await asyncio.gather(both.one.start("livez"), both.two.start("livez"))
        await asyncio.gather(*storms)
        assert len(set(numbers)) == 60
        for number in numbers:
            await both.wait(lambda n=number: both.cards(n))
        for number in numbers:
            cards = both.cards(number)
            unmarked = [card for card in cards if "可能重复" not in card.words]
            assert len(unmarked) <= 1, [card.words for card in cards]
        for program in (both.one, both.two):
            await both.healthy(program)


async def test_close_and_escalate_in_the_same_moment_through_two_processes(
    tmp_path: Path, postgres_url: str
) -> None:
    """One wins, the other is told who did; one audit entry of each kind."""
    async with pair(tmp_path, postgres_url) as both:
        won = Counter[str]()
        for n in range(RACES):
            number = await both.report(both.one, n)
            (closed, close_body), (escalated, escalate_body) = await asyncio.gather(
                both.command(both.one, "li", number, verb="close", reason="已整改", seq=1),
                both.command(both.two, "wang", number, verb="escalate", seq=1),
            )
            assert sorted([closed, escalated]) == [200, 409], (close_body, escalate_body)
            winner, refusal = ("李工", escalate_body) if closed == 200 else ("王监督", close_body)
            assert winner in str(refusal), refusal
            won[winner] += 1
        print(f"won: {dict(won)}")
    async with reading(postgres_url) as database:
        entries = await rows_of(database, "audit_entry")
    events = Counter((row["case"], row["event"]) for row in entries)
    for number in range(1, RACES + 1):
        assert events[number, "closed"] + events[number, "escalated"] == 1
        assert events[number, "refused"] == 1


async def test_roles_of_several_processes_want_postgresql(tmp_path: Path) -> None:
    """On SQLite `--role core` says so and ends with 2."""
    program = Program(tmp_path, SITE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "bot.py", "run", "--role", "core"),
        cwd=ROOT,
        env=program.environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert "--role core：多进程要用 PostgreSQL" in err.decode()
