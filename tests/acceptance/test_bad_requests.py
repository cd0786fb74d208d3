"""What is wrong with a request is told with its field and the right status, and leaves no case."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, FormData

from tests.support.pictures import jpeg, png_claiming
from tests.support.program import Program, running

SITE = """
language = "en"
[[sites]]
id = "yard-7"
name = "Yard 7"
[[sites]]
id = "yard-8"
name = "Yard 8"
[[cameras]]
id = "gate"
site = "yard-7"
name = "Gate"
source = "push"
models = []
  [[cameras.zones]]
  id = "pit"
  name = "Pit"
  polygon = [[0.1, 0.4], [0.6, 0.4], [0.6, 0.95]]
[[chats]]
channel = "console"
id = "main"
[[members]]
id = "li"
name = "Li"
role = "site_lead"
"""

REPORT: dict[str, Any] = {
    "id": "box-1",
    "hazard": "no_helmet",
    "site": "yard-7",
    "camera": "gate",
    "at": "2026-11-22T08:00:00+08:00",
}
MOST = 10 * 1024 * 1024


class Door:
    """The running program, and a key of each kind."""

    def __init__(self, program: Program, http: ClientSession, source: str, operator: str) -> None:
        self.program = program
        self.source = source
        self.operator = operator
        self._http = http

    async def ask(
        self, method: str, path: str, key: str | None = None, **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer; `key` None sends the source's."""
        headers = {"Authorization": f"Bearer {self.source if key is None else key}"}
        headers |= more.pop("headers", {})
        url = f"{self.program.url}{path}"
        async with self._http.request(method, url, headers=headers, **more) as answer:
            body = await answer.json(content_type=None)
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json", body
                assert body["status"] == answer.status
            return answer.status, body

    async def report(self, **changes: Any) -> tuple[int, dict[str, Any]]:
        """A report as JSON; a change to None leaves the field away."""
        given = {k: v for k, v in {**REPORT, **changes}.items() if v is not None}
        return await self.ask("POST", "/api/v1/reports", json=given)

    async def with_picture(self, picture: bytes, kind: str = "image/jpeg") -> tuple[int, Any]:
        """A report with a picture, as a form."""
        form = FormData()
        form.add_field("report", json.dumps(REPORT), content_type="application/json")
        form.add_field("image", io.BytesIO(picture), filename="picture", content_type=kind)
        return await self.ask("POST", "/api/v1/reports", data=form)

    async def cases(self) -> list[Any]:
        """All there are."""
        status, body = await self.ask("GET", "/api/v1/cases", self.operator)
        assert status == 200
        return body["cases"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """One program for all; it ends cleanly and without a single trace in its log."""
    folder: Path = tmp_path_factory.mktemp("door")
    async with running(folder, SITE) as program, ClientSession() as http:
        create = ("key", "create", "--sites", "yard-7")
        source = await program.command(*create, "--name", "box", "--role", "source")
        operator = await program.command(
            *create, "--name", "desk", "--role", "operator", "--member", "li"
        )
        yield Door(program, http, source, operator)
        assert await program.stop() == 0
    assert "Traceback" not in program.output()


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("key", ["", "lh_wrong", "x" * 5000, "lh_" + "A" * 43])
async def test_a_wrong_key_is_refused(door: Door, key: str) -> None:
    """401, and what to send instead."""
    status, problem = await door.ask("POST", "/api/v1/reports", key, json=REPORT)
    assert status == 401, problem
    assert problem["detail"]


async def test_a_key_does_only_what_it_is_for(door: Door) -> None:
    """A source reads no cases, an operator sends no reports, and neither leaves its sites."""
    assert (await door.ask("GET", "/api/v1/cases"))[0] == 403
    assert (await door.ask("POST", "/api/v1/reports", door.operator, json=REPORT))[0] == 403
    assert (await door.report(site="yard-8", camera=None))[0] == 403


@pytest.mark.parametrize(
    ("picture", "kind", "status"),
    [
        (png_claiming(30_000, 30_000), "image/png", (413, 422)),
        (jpeg(30_000, 30_000), "image/jpeg", (413, 422)),
        (b"GIF89a" + bytes(200), "image/gif", (415,)),
        (b"GIF89a" + bytes(200), "image/jpeg", (415, 422)),
        (jpeg(8, 8)[:-40], "image/jpeg", (422,)),
        (b"\xff\xd8\xff\xe0" + bytes(300), "image/jpeg", (422,)),
        (b"", "image/jpeg", (422,)),
        (jpeg(8, 8) + bytes(MOST), "image/jpeg", (413,)),
    ],
    ids=["png-30000", "jpeg-30000", "gif", "gif-as-jpeg", "cut", "junk", "empty", "11-mb"],
)
async def test_a_picture_that_will_not_do_is_told_as_that(
    door: Door, picture: bytes, kind: str, status: tuple[int, ...]
) -> None:
    """The problem names the picture; no case opens without it."""
    answer, problem = await door.with_picture(picture, kind)
    assert answer in status, problem
    named = [error["field"] for error in problem.get("errors", [])]
    assert "image" in named or "image" in problem["detail"], problem
    assert await door.cases() == []


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"id": None}, 422, "id"),
        ({"hazard": "volcano"}, 422, "hazard"),
        ({"site": "yard-9"}, 404, "site"),
        ({"camera": "roof"}, 404, "camera"),
        ({"zone": "moat"}, 404, "zone"),
        ({"at": "yesterday"}, 422, "at"),
        ({"at": "2026-11-22T08:00:00"}, 422, "at"),
        ({"phase": "middle"}, 422, "phase"),
        ({"phase": "end"}, 422, "because"),
        ({"confidence": 7}, 422, "confidence"),
        ({"location": {"lat": 100, "lon": 0}}, 422, "location.lat"),
        ({"image_base64": "not base64!"}, 422, "image_base64"),
        ({"image_base64": base64.b64encode(png_claiming(30_000, 30_000)).decode()}, 422, "image"),
        ({"colour": "red"}, 422, "colour"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_field_that_will_not_do_is_named(
    door: Door, changes: dict[str, Any], status: int, field: str
) -> None:
    """With the field, and no case."""
    answer, problem = await door.report(**changes)
    assert answer == status, problem
    named = [error["field"] for error in problem.get("errors", [])]
    assert any(name.startswith(field) for name in named) or field in problem["detail"], problem
    assert await door.cases() == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"id": "a", "id": "b"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"id": NaN}', "application/json", 400),
        (b"hello", "text/plain", 415),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
    ],
    ids=["cut", "twice", "deep", "list", "utf-16", "nan", "text", "form"],
)
async def test_a_body_that_cannot_be_read_is_told(
    door: Door, body: bytes, kind: str, status: int
) -> None:
    """400 for what is no report in JSON, 415 for another kind."""
    headers = {"Content-Type": kind}
    answer, problem = await door.ask("POST", "/api/v1/reports", data=body, headers=headers)
    assert answer == status, problem
    assert await door.cases() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("PUT", "/api/v1/reports", 405),
        ("GET", "/api/v1/cases/7", 404),
        ("GET", "/api/v1/cases/seven", 404),
        ("GET", "/api/v1/cases?state=asleep", 422),
        ("GET", "/api/v1/cases?limit=-1", 422),
        ("GET", "/api/v1/cases?colour=red", 422),
    ],
)
async def test_a_wrong_question_is_told(door: Door, method: str, path: str, status: int) -> None:
    """In the same form as everything else."""
    answer, problem = await door.ask(method, path, door.operator)
    assert answer == status, problem
    assert problem["title"]


async def test_a_command_for_no_case_is_told(door: Door) -> None:
    """404, and 422 for a verb that there is not."""
    for number, verb, status in ((7, "close", 404), (7, "shout", 422)):
        answer, problem = await door.ask(
            "POST",
            f"/api/v1/cases/{number}/commands",
            door.operator,
            json={"verb": verb},
            headers={"Idempotency-Key": f"try-{verb}"},
        )
        assert answer == status, problem
