"""What is reported over a thin line: emergencies with a picture each."""

from __future__ import annotations

import json
import time

from aiohttp import ClientSession, FormData

from tests.support.program import Program


def site_file(uplink: str) -> str:
    """One yard with one group; every report is a case of its own."""
    return f"""
uplink = "{uplink}"

[responses.fall]
merge_by = "subject"

[responses.no_helmet]
merge_by = "subject"

[[sites]]
id = "yard"
name = "Yard"

[[chats]]
channel = "telegram"
id = -1001
sites = ["yard"]
messages_per_minute = 0
"""


async def key_for(program: Program) -> str:
    """A key that may report."""
    return await program.command("key", "create", "--name", "b", "--role", "source")


async def emergency(
    session: ClientSession, url: str, key: str, n: int, picture: bytes, hazard: str = "fall"
) -> int:
    """Report number `n`; the case that it opened."""
    body = {
        "id": f"r{n}",
        "hazard": hazard,
        "site": "yard",
        "subject": f"s{n}",
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    form = FormData()
    form.add_field("report", json.dumps(body), content_type="application/json")
    form.add_field("image", picture, filename="a.jpg", content_type="image/jpeg")
    headers = {"Authorization": f"Bearer {key}"}
    async with session.post(f"{url}/api/v1/reports", data=form, headers=headers) as answer:
        told = await answer.json()
        assert answer.status == 201, told
        return int(told["case"])
