"""docs/first_site.md, step 7: a camera without pictures becomes a case that closes itself."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.support.pictures import jpeg
from tests.support.program import Program, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SITE = """
[[sites]]
id = "yard"
name = "Yard"

[[cameras]]
id = "gate"
site = "yard"
name = "Gate"
source = "push"
models = []

[[members]]
id = "li"
name = "Li"
role = "site_lead"

[responses.device_offline]
self_close_after = "3s"
"""


async def cases(web: ClientSession, program: Program, key: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    async with web.get(f"{program.url}/api/v1/cases", headers=headers) as answer:
        assert answer.status == 200
        return (await answer.json())["cases"]


async def push(web: ClientSession, program: Program, key: str) -> None:
    """One picture, as an AI box sends it."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "image/jpeg"}
    url = f"{program.url}/api/v1/cameras/gate/frame"
    async with web.put(url, data=jpeg(64, 48), headers=headers) as answer:
        assert answer.status < 300, await answer.text()


@pytest.mark.long
async def test_pictures_stay_away_and_come_again(tmp_path: Path) -> None:
    """Nothing before the first picture; one case while it is dark; closed when it is back."""
    async with running(tmp_path, SITE) as program, ClientSession() as web:
        box = await program.command("key", "create", "--name", "box", "--role", "source")
        reader = await program.command(
            *("key", "create", "--name", "desk", "--role", "operator", "--member", "li")
        )
        assert await cases(web, program, reader) == []
        await push(web, program, box)
        async with asyncio.timeout(120):
            while not (found := await cases(web, program, reader)):
                await asyncio.sleep(0.5)
        assert [(one["hazard"], one["camera"], one["state"]) for one in found] == [
            ("device_offline", "gate", "open")
        ]
        began = time.monotonic()
        while found[0]["state"] != "closed":
            assert time.monotonic() - began < 120
            await push(web, program, box)
            await asyncio.sleep(1)
            found = await cases(web, program, reader)
        assert [one["outcome"] for one in found] == ["self_closed"]
