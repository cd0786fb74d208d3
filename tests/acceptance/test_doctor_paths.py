"""`doctor` on webhooks and second paths: probed as far as nobody's phone rings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.receiver import Receiver, receiver
from tests.support.terminal import Ended, Terminal

pytestmark = pytest.mark.slow

SITE = """
language = "en"
[[sites]]
id = "yard-7"
[[chats]]
channel = "webhook"
id = "platform"
url = "{hook}"
secret = "a-secret-of-the-webhook"
[[alerts]]
id = "sms"
kind = "http"
path = "sms"
url = "{gateway}"
[[alerts]]
id = "ntfy"
kind = "apprise"
path = "push"
url = "{apprise}"
"""


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    """Both the other system and the gateway."""
    async with receiver() as running:
        yield running


async def doctor(folder: Path, hook: str, gateway: str, apprise: str) -> Ended:
    site = SITE.format(hook=hook, gateway=gateway, apprise=apprise)
    terminal = Terminal(folder, site)
    return await asyncio.to_thread(lambda: terminal("doctor"))


def lines(ended: Ended) -> dict[str, str]:
    told = dict(line.split(": ", 1) for line in ended.out.splitlines())
    return {" ".join(place.split()): words for place, words in told.items()}


async def test_all_is_well(tmp_path: Path, there: Receiver) -> None:
    """The webhook has a signed ping, the gateway a connection and nothing more."""
    ended = await doctor(tmp_path, there.url, f"{there.url}/sms", "json://localhost/x")
    assert ended.code == 0, ended.out + ended.err
    told = lines(ended)
    assert told["ok chat webhook:platform"] == "accepted a signed ping"
    assert told["ok alert sms"] == "can be reached (nothing was sent)"
    assert told["ok alert ntfy"].startswith("its address is understood")
    (ping,) = there.tries
    assert ping.json["type"] == "ping"
    assert ping.headers["X-Loudhailer-Signature"].startswith("v1=")


async def test_every_fault_has_its_repair(tmp_path: Path, there: Receiver) -> None:
    """And no address is shown, for it is often a key."""
    there.always = 401
    gone = "http://127.0.0.1:9/s3same-open"
    ended = await doctor(tmp_path, f"{there.url}/s3same-open", gone, "pigeon://s3same-open")
    assert ended.code == 1
    told = lines(ended)
    assert "HTTP 401" in told["FAULT chat webhook:platform"]
    assert "secret" in told["FAULT chat webhook:platform"]
    assert "127.0.0.1:9" in told["FAULT alert sms"]
    assert "check the network" in told["FAULT alert sms"]
    assert "does not understand" in told["FAULT alert ntfy"]
    assert "s3same" not in ended.out + ended.err
