"""`doctor`: one line a probe, one repair a fault, in the site's language, beside whatever runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web

from bot.doctor.finding import Finding, Limits, Probe, in_thread, run_all
from bot.doctor.place import clock
from bot.domain.secret import Secret
from bot.settings import Settings
from tests.support.botapi import BotApiServer, bot_api
from tests.support.pictures import jpeg
from tests.support.program import running
from tests.support.terminal import Ended, Terminal

pytestmark = pytest.mark.slow

SITE = """
language = "{language}"
[[sites]]
id = "yard-7"
name = "Yard 7"
[[cameras]]
id = "gate"
site = "yard-7"
name = "Gate"
source = "gate.jpg"
models = []
[[speakers]]
id = "horn"
site = "yard-7"
name = "Horn"
url = "file:horn"
[[chats]]
channel = "telegram"
id = -1001
[[members]]
id = "li"
name = "Li"
role = "site_lead"
telegram = 111
notify = "both"
"""


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """A chat server with the group, and Li who has pressed Start."""
    async with bot_api() as server:
        server.group(-1001, "Yard 7")
        server.private(server.user(111, "Li", "li"))
        yield server


def terminal(folder: Path, server: BotApiServer, language: str = "en") -> Terminal:
    """A house where nothing is wrong."""
    (folder / "gate.jpg").write_bytes(jpeg(8, 8))
    settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
    return Terminal(folder, SITE.format(language=language), **settings)


async def doctor(terminal: Terminal, **settings: str) -> Ended:
    """Run it, away from the loop that serves the chat server."""
    return await asyncio.to_thread(lambda: terminal("doctor", **settings))


def lines(ended: Ended) -> dict[str, str]:
    """What was probed -> the line's rest."""
    return dict(line.split(": ", 1) for line in ended.out.splitlines())


async def test_all_is_well(tmp_path: Path, server: BotApiServer) -> None:
    """Exit code 0, a line for each thing, nothing posted anywhere."""
    ended = await doctor(terminal(tmp_path, server))
    assert ended.code == 0, ended.out + ended.err
    assert ended.err == ""
    assert [place.split(None, 1) for place in lines(ended)] == [
        ["ok", "data folder"],
        ["ok", "database"],
        ["ok", "clock"],
        ["ok", "HTTP port 0"],
        ["ok", "pictures"],
        ["ok", "emergency journal"],
        ["ok", "deliveries"],
        ["ok", "bot"],
        ["ok", "chat telegram:-1001"],
        ["ok", "member li"],
        ["ok", "voice"],
        ["note", "hearing"],
        ["note", "voice en"],
        ["ok", "speaker horn"],
        ["ok", "camera gate"],
    ]
    assert lines(ended)["ok     bot"] == "@loudhailer_test_bot"
    assert lines(ended)["ok     camera gate"] == "gives pictures, 8 x 8"
    methods = {call.method for call in server.calls}
    assert methods <= {"getMe", "getChat", "getChatMember", "getWebhookInfo"}
    assert not list((tmp_path / "horn").glob("*"))


async def test_every_fault_has_its_repair(tmp_path: Path, server: BotApiServer) -> None:
    """Exit code 1; what works is still said to work."""
    house = terminal(tmp_path, server)
    server.privacy = True
    (tmp_path / "gate.jpg").write_bytes(b"no picture")
    (tmp_path / "horn").write_bytes(b"no folder")
    text = house.site.read_text().replace("models = []", 'models = ["person-fall", "hats"]')
    house.write(text.replace("telegram = 111", "telegram = 222"))
    ended = await doctor(house)
    assert ended.code == 1
    told = lines(ended)
    faults = {place: words for place, words in told.items() if place.startswith("FAULT")}
    assert {place.split(None, 1)[1] for place in faults} == {
        "chat telegram:-1001",
        "member li",
        "speaker horn",
        "model hats",
        "model person-fall",
        "camera gate",
    }
    assert "/setprivacy" in faults["FAULT  chat telegram:-1001"]
    assert "press Start" in faults["FAULT  member li"]
    assert "models add hats" in faults["FAULT  model hats"]
    assert "models pull person-fall" in faults["FAULT  model person-fall"]
    assert "check its source" in faults["FAULT  camera gate"]
    assert "Traceback" not in ended.err + ended.out


async def test_repairs_are_told_in_chinese(tmp_path: Path, server: BotApiServer) -> None:
    """Where the site file is."""
    server.privacy = True
    ended = await doctor(terminal(tmp_path, server, "zh"))
    assert ended.code == 1
    (fault,) = [line for line in ended.out.splitlines() if line.startswith("故障")]
    assert fault.startswith("故障  聊天群 telegram:-1001：@loudhailer_test_bot 在群 -1001 里")
    assert "/setprivacy" in fault


async def test_a_chat_server_that_is_away_is_told(tmp_path: Path, server: BotApiServer) -> None:
    """Once for each thing that needs it, and soon; the clock is then only plausible."""
    house = terminal(tmp_path, server)
    await server.stop()
    ended = await doctor(house)
    assert ended.code == 1
    told = lines(ended)
    for part in ("bot", "chat telegram:-1001", "member li"):
        assert "LOUDHAILER_PROXY" in told[f"FAULT  {part}"]
    assert "ok     clock" in told


async def test_it_works_beside_a_running_instance(tmp_path: Path) -> None:
    """The taken port is our own, the database is shared, and the instance goes on."""
    site = SITE.format(language="en").replace("notify", "# notify")
    (tmp_path / "gate.jpg").write_bytes(jpeg(8, 8))
    site = site.replace('channel = "telegram"\nid = -1001', 'channel = "console"\nid = "main"')
    async with running(tmp_path, site) as program:
        port = program.url.rpartition(":")[2]
        beside = Terminal(tmp_path, site, HTTP_PORT=port)
        ended = await doctor(beside)
        assert ended.code == 0, ended.out + ended.err
        assert (
            lines(ended)[f"ok     HTTP port {port}"] == "our own instance runs there and is ready"
        )
        assert program.running
        assert await program.stop() == 0


async def test_another_program_on_the_port_is_a_fault(tmp_path: Path, server: BotApiServer) -> None:
    """Even one that answers HTTP."""
    ended = await doctor(terminal(tmp_path, server), HTTP_PORT=str(server.port))
    assert ended.code == 1
    assert "LOUDHAILER_HTTP_PORT" in lines(ended)[f"FAULT  HTTP port {server.port}"]


async def test_what_hangs_costs_its_time_limit_only() -> None:
    """A probe that never comes back is told as late, and the others are not held up."""

    def hang() -> Finding:
        while not stop.is_set():
            time.sleep(0.01)
        return Finding("camera", "gate", True, "camera.push")

    async def fine() -> Finding:
        return Finding("camera", "door", True, "camera.push")

    stop = asyncio.Event()
    probes = [Probe("camera", "gate", lambda: in_thread(hang)), Probe("camera", "door", fine)]
    try:
        late, quick = await run_all(probes, Limits(probe=0.2))
    finally:
        stop.set()
    assert (late.ok, late.key, quick.ok) == (False, "late", True)
    assert late.line("en").startswith("FAULT  camera gate: no result within 0.2 s")


@pytest.mark.parametrize(
    ("ahead", "key"), [(0, "clock.fine"), (6, "clock.drifts"), (3600, "clock.off")]
)
async def test_the_clock_is_compared_with_the_chat_server(ahead: int, key: str) -> None:
    """By its Date header, in a call that carries no token."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(headers={"Date": formatdate(time.time() + ahead, usegmt=True)})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        api = f"http://127.0.0.1:{runner.addresses[0][1]}"
        token = Secret("700000001:abc", listed=False)
        found = await clock(Settings(telegram_token=token, telegram_api=api))
    finally:
        await runner.cleanup()
    assert (found.key, found.mark) == (key, {0: "ok", 6: "note", 3600: "fault"}[ahead])
    assert asked == ["/"]
