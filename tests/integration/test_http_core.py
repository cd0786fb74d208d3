"""Reports and commands over HTTP down to a real database and back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.casework import Casework, Core, Intake, People
from bot.domain.command import Command
from bot.domain.response import response_table
from storage.access import SqlAccess
from storage.database import open_database
from storage.figures import SqlFigures
from storage.pictures import PictureFolder
from storage.store import SqlStore
from storage.wake import LocalWake
from tests.support.databases import new_sqlite
from tests.support.http_house import CONFIG, NOW, House, a_report, problem, running_house


class NothingToSee:
    async def look(self, command: Command, language: str) -> str:
        raise NotImplementedError


@asynccontextmanager
async def real_house(folder: Path, url: str = "", **changes: Any) -> AsyncIterator[House]:
    """The server over the real core, database (SQLite without a `url`) and picture store."""
    async with open_database(url or new_sqlite(folder / "test.db")) as database:
        now = [NOW]
        store = SqlStore(database, LocalWake())
        core = Core(store, People(CONFIG), response_table(CONFIG), lambda: now[0])
        intake = Intake(core)
        worker = asyncio.create_task(intake.run())
        try:
            parts: dict[str, Any] = {
                "store": store,
                "intake": intake,
                "casework": Casework(core, NothingToSee()),
                "access": SqlAccess(database),
                "figures": SqlFigures(database),
                "pictures": PictureFolder(folder / "pictures"),
                "member": core.people.active,
                "clock": core.clock,
            }
            async with running_house(**parts, **changes) as house:
                house.now = now
                yield house
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with real_house(tmp_path) as running:
        yield running


async def a_key(house: House, role: str, member: str | None = None) -> str:
    access = house.context.access
    assert isinstance(access, SqlAccess)
    token, _ = await access.create_key(f"{role}-{member or 0}", role, member=member, now=NOW)
    return token


async def send(house: House, key: str, **changes: Any) -> tuple[int, dict[str, Any]]:
    response = await house.post("/api/v1/reports", key, json=a_report(**changes))
    return response.status, await response.json()


async def test_from_report_to_closed_case(house: House):
    source, wang = await a_key(house, "source"), await a_key(house, "operator", "wang")
    opened = {"case": 1, "state": "open", "report": "box3-1"}
    assert await send(house, source, phase="start") == (201, opened)
    assert await send(house, source, phase="start") == (200, opened)
    assert (await send(house, source, id="box3-2", phase="start"))[0] == 200

    closed = await house.command({"verb": "close", "reason": "已整改"}, "a", wang)
    assert (closed.status, await closed.json()) == (200, {"case": 1, "state": "closed"})
    again = await house.command({"verb": "close", "reason": "已整改"}, "a", wang)
    assert await again.json() == {"case": 1, "state": "closed"}

    story = await (await house.get("/api/v1/cases/1", wang)).json()
    assert story["state"] == "closed"
    assert story["sightings"] == 2
    events = [(entry["event"], entry["actor"], entry["reason"]) for entry in story["history"]]
    assert events[0][0] == "opened"
    assert events[-1] == ("closed", "wang", "已整改")
    assert [event for event, _, _ in events].count("closed") == 1
    picture = await house.get(story["snapshots"][0]["url"], None)
    assert hashlib.sha256(await picture.read()).hexdigest() == story["snapshots"][0]["sha256"]
    stats = await (await house.get("/api/v1/stats", wang)).json()
    assert stats["by_state"] == {"closed": 1}
    assert stats["by_hazard"] == {"no_helmet": 1}


async def test_a_report_answered_2xx_survives_the_end_of_the_program(tmp_path: Path):
    async with real_house(tmp_path) as house:
        source = await a_key(house, "source")
        assert (await send(house, source))[0] == 201
    async with real_house(tmp_path) as house:
        admin = await a_key(house, "admin")
        assert (await (await house.get("/api/v1/cases", admin)).json())["cases"][0]["case"] == 1
        assert (await send(house, source))[0] == 200
        await problem(await house.post("/api/v1/reports", source, json=a_report(people=2)), 409)


async def test_many_at_once_are_one_case_and_each_has_its_answer(house: House):
    source = await a_key(house, "source")
    answers = await asyncio.gather(*(send(house, source, id=f"r{n}") for n in range(40)))
    assert sorted(status for status, _ in answers) == [200] * 39 + [201]
    assert {body["case"] for _, body in answers} == {1}
    assert sorted(body["report"] for _, body in answers) == sorted(f"r{n}" for n in range(40))


async def test_an_end_without_a_case_has_none(house: House):
    source = await a_key(house, "source")
    answer = {"case": None, "state": None, "report": "box3-1"}
    assert await send(house, source, phase="end", because="left") == (200, answer)


async def test_refusals_are_kept_and_told_the_same_again(house: House):
    source, zhao = await a_key(house, "source"), await a_key(house, "operator", "zhao")
    li = await a_key(house, "operator", "li")
    await send(house, source, hazard="fall")
    told = []
    for _ in range(2):
        document = await problem(await house.command({"verb": "close"}, "z", zhao), 403)
        told.append(document["detail"])
    assert told[0] == told[1]
    await problem(await house.command({"verb": "false_alarm"}, "b", li), 403)
    await problem(await house.command({"verb": "verify"}, "c", li), 409)
    await problem(await house.command({"verb": "undo"}, "d", li), 409)
    assert (await house.command({"verb": "acknowledge"}, "e", li)).status == 200
    await problem(await house.command({"verb": "acknowledge"}, "f", li), 409)


async def test_signing_in_by_a_real_link(house: House):
    access = house.context.access
    assert isinstance(access, SqlAccess)
    token = await access.create_login_link("li", now=NOW)
    form = {"token": token}
    signed = await house.post("/login", None, data=form, allow_redirects=False)
    assert signed.status == 303
    assert (await house.get("/api/v1/cases", None)).status == 200
    await access.shut_out("li", NOW)
    assert (await house.get("/api/v1/cases", None)).status == 401


async def test_figures_leave_out_trials_other_sites_and_earlier_cases(house: House):
    source, li = await a_key(house, "source"), await a_key(house, "operator", "li")
    await send(house, source, id="a")
    await send(house, source, id="b", camera="crane")
    await send(house, source, id="c", site="yard-8", camera="door")
    figures = house.context.figures
    assert sum(tally.cases for tally in await figures.tally(None, None)) == 2
    stats = await (await house.get("/api/v1/stats", li)).json()
    assert stats["cases"] == 1
    later = await house.get("/api/v1/stats?since=2026-11-22T03:00:00Z", li)
    assert (await later.json())["cases"] == 0
