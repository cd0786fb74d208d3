"""The whole program tells an emergency on two paths at once, and other systems every change."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.support.botapi import BotApiServer, bot_api
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg
from tests.support.ports import free_port
from tests.support.program import Program, running
from tests.support.receiver import Receiver, receiver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AT_ONCE_S = 5.0
"""It takes well under a second; the machine may be busy."""
SECRET = "a-secret-of-the-platform"

SITE = """
language = "zh"
[[sites]]
id = "yard-7"
name = "七号工地"
[[chats]]
channel = "telegram"
id = -1001
messages_per_minute = 0
[[chats]]
channel = "webhook"
id = "platform"
url = "{platform}"
secret = "{secret}"
[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111
phone = "+8613800000000"
[[alerts]]
id = "sms"
kind = "http"
path = "sms"
url = "{gateway}"
"""


class Rig:
    """A site with a chat server, a gateway for text messages, another system, and the program."""

    def __init__(self, server: BotApiServer, gateway: Receiver, platform: Receiver) -> None:
        self.server, self.gateway, self.platform = server, gateway, platform
        self.group = server.group(-1001, "七号工地")
        self.li = server.user(111, "李工", "li")
        self.program: Program
        self.key = ""

    async def sos(self, id: str = "sos-1", hazard: str = "sos", **more: str) -> float:
        """Somebody presses the button of a helmet; when that was answered (monotonic)."""
        report = {
            "id": id,
            "hazard": hazard,
            "site": "yard-7",
            "at": datetime.now(UTC).isoformat(),
            **more,
        }
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"{self.program.url}/api/v1/reports"
        async with ClientSession() as web, web.post(url, json=report, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
        return time.monotonic()

    async def card(self, words: str = "#1", timeout: float = PATIENCE_S) -> Any:
        return await self.server.wait_message(self.group, lambda m: words in m.words, timeout)

    async def message(self, timeout: float = PATIENCE_S) -> Any:
        await self.gateway.wait(lambda: self.gateway.taken, timeout)
        return self.gateway.taken[-1].json


@asynccontextmanager
async def house(folder: Path, **settings: str) -> AsyncIterator[Rig]:
    """Everything up; `TELEGRAM_API` may be set otherwise."""
    async with bot_api() as server, receiver() as gateway, receiver() as platform:
        rig = Rig(server, gateway, platform)
        site = SITE.format(platform=platform.url, gateway=gateway.url, secret=SECRET)
        given = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token, **settings}
        async with running(folder, site, **given) as program:
            rig.program = program
            rig.key = await program.command("key", "create", "--name", "b", "--role", "source")
            await server.wait_until(lambda: server.calls_of("getMe"), PATIENCE_S)
            yield rig
            assert SECRET not in program.output()


async def test_an_emergency_leaves_on_both_paths_at_once(tmp_path: Path) -> None:
    """The card and the text message, and the case says so of both."""
    async with house(tmp_path) as rig:
        answered = await rig.sos()
        message = await rig.message()
        alerted = time.monotonic() - answered
        card = await rig.card()
        carded = time.monotonic() - answered
        print(f"text message after {alerted:.3f} s, card after {carded:.3f} s")
        assert max(alerted, carded) < AT_ONCE_S
        assert message["to"] == ["+8613800000000"]
        assert (message["case"], message["severity"]) == (1, "emergency")
        assert card.words.startswith("🔴 紧急 ")
        await rig.server.wait_edit(card, lambda m: "📟 短信 " in m.words, PATIENCE_S)


async def test_with_the_chat_down_the_alert_goes_at_once(tmp_path: Path) -> None:
    """And the card as soon as the chat is back."""
    async with house(tmp_path) as rig:
        await rig.server.stop()
        answered = await rig.sos()
        await rig.message()
        assert time.monotonic() - answered < AT_ONCE_S
        await rig.server.start()
        await rig.card()


@pytest.mark.long
async def test_with_the_gateway_down_the_chat_gets_it_at_once(tmp_path: Path) -> None:
    """And is told that the text message has not gone out; it does when the gateway is back."""
    async with house(tmp_path) as rig:
        await rig.gateway.stop()
        answered = await rig.sos()
        card = await rig.card()
        assert time.monotonic() - answered < AT_ONCE_S
        await rig.server.wait_until(lambda: "短信还没发出" in card.words, PATIENCE_S)
        await rig.card("请直接打电话")
        await rig.gateway.start()
        await rig.message()
        await rig.server.wait_edit(card, lambda m: "已发出" in m.words, PATIENCE_S)


async def test_a_kill_in_the_middle_of_an_alert_repeats_it_under_its_id(tmp_path: Path) -> None:
    """The gateway had it, the program could not write that down: the same message again."""
    async with house(tmp_path) as rig:
        rig.gateway.misbehave("hang")
        await rig.sos()
        await rig.message()
        await rig.program.kill()
        await rig.program.start()
        await rig.gateway.wait(lambda: len(rig.gateway.taken) == 2, PATIENCE_S)
        first, second = (got.json for got in rig.gateway.taken)
        assert first["id"] == second["id"]


@pytest.mark.long
async def test_a_webhook_gets_every_change_over_outages_and_kills(tmp_path: Path) -> None:
    """In order, without a gap, signed; and a picture that its link alone opens."""
    async with house(tmp_path) as rig:
        told = rig.platform.taken
        await rig.sos(hazard="no_helmet", image_base64=b64encode(jpeg(64, 48)).decode())
        card = await rig.card()
        await rig.platform.wait(lambda: told, PATIENCE_S)
        async with ClientSession() as web, web.get(told[0].json["picture"]) as answer:
            assert (answer.status, answer.content_type) == (200, "image/jpeg")
        await rig.platform.stop()
        await rig.li.press(card, "确认")
        await rig.server.wait_edit(card, lambda m: "已确认" in m.words, PATIENCE_S)
        await rig.li.press(card, "升级")
        await rig.server.wait_edit(card, lambda m: "已升级" in m.words, PATIENCE_S)
        await rig.program.kill()
        await rig.program.start()
        await rig.li.says(rig.group, "关闭 1 已整改")
        await rig.server.wait_edit(card, lambda m: "已关闭" in m.words, PATIENCE_S)
        await rig.platform.start()
        await rig.platform.wait(lambda: events(told)[-1] == "closed", PATIENCE_S)
        assert events(told) == ["opened", "acknowledged", "escalated", "closed"]
        assert [one["sequence"] for one in once(told)] == [1, 2, 3, 4]
        assert once(told)[-1]["actor"] == {"id": "li", "name": "李工"}
        for got in told:
            message = got.headers["X-Loudhailer-Time"].encode() + b"." + got.body
            wanted = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
            assert got.headers["X-Loudhailer-Signature"] == f"v1={wanted}"


def once(told: list[Any]) -> list[Any]:
    """What came, without repeats, in the order of the first time."""
    return list({got.json["id"]: got.json for got in told}.values())


def events(told: list[Any]) -> list[str]:
    return [one["event"] for one in once(told)]


@pytest.mark.long
async def test_telegram_by_webhook_loses_no_command(tmp_path: Path) -> None:
    """Typed while the program is dead, pressed after it is back: each is carried out once."""
    port = str(free_port())
    address = f"http://127.0.0.1:{port}/telegram/updates"
    async with house(tmp_path, HTTP_PORT=port, TELEGRAM_WEBHOOK_URL=address) as rig:
        await rig.sos(hazard="no_helmet")
        card = await rig.card()
        await rig.li.press(card, "确认")
        await rig.server.wait_edit(card, lambda m: "已确认" in m.words, PATIENCE_S)
        await rig.program.kill()
        await rig.li.says(rig.group, "升级 1")
        await rig.li.says(rig.group, "关闭 1 已整改")
        await asyncio.sleep(0.3)
        assert rig.server.updates.webhook_errors
        await rig.program.start()
        await rig.server.wait_edit(card, lambda m: "已关闭" in m.words, PATIENCE_S)
        await rig.platform.wait(lambda: events(rig.platform.taken)[-1] == "closed", PATIENCE_S)
        assert events(rig.platform.taken) == ["opened", "acknowledged", "escalated", "closed"]
        assert rig.server.calls_of("getUpdates") == []
        secret = rig.server.updates.webhook["secret_token"]
        assert secret not in rig.program.output()
