"""Updates that Telegram posts: nothing is answered 200 before it is stored, nobody else gets in."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from bot.channels.telegram import SECRET_HEADER, TelegramOptions, open_telegram, telegram_soon
from bot.domain.error import BadInput, Unavailable
from bot.domain.secret import Secret
from bot.ports import Channel
from tests.support.botapi import BotApiServer, bot_api
from tests.support.http_house import House
from tests.support.patience import PATIENCE_S
from tests.support.rig import Inbox
from tests.support.telegramrig import options, posted_telegram, telegram


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """The Bot API."""
    async with bot_api() as running:
        yield running


@asynccontextmanager
async def receiving(channel: Channel, inbox: Inbox | None = None) -> AsyncIterator[Inbox]:
    """The channel receives into an inbox meanwhile."""
    inbox = inbox or Inbox()
    task = asyncio.create_task(channel.receive(inbox.take))
    try:
        yield inbox
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def post(house: House, server: BotApiServer, body: Any, **headers: str) -> int:
    """What somebody posts to the webhook; the true secret unless another is given."""
    secret = options(server).hook_secret.reveal()
    given = {SECRET_HEADER: secret, **{name.replace("_", "-"): v for name, v in headers.items()}}
    sent: dict[str, Any] = {"data": io.BytesIO(body)} if isinstance(body, bytes) else {"json": body}
    answer = await house.web.post(f"{house.url}/updates", headers=given, **sent)
    return answer.status


async def test_the_webhook_is_set_with_all_that_keeps_it_safe(server: BotApiServer) -> None:
    """A secret that nobody can guess, one connection for the order, nothing thrown away."""
    li, group = server.user(111, "李工"), server.group(-1001)
    await li.says(group, "关闭 12")
    async with posted_telegram(server) as (channel, house), receiving(channel) as inbox:
        (found,) = await inbox.wait(1)
    assert found.text == "关闭 12"
    (call,) = server.calls_of("setWebhook")
    assert call.params["url"] == f"{house.url}/updates"
    assert call.params["secret_token"] == options(server).hook_secret.reveal()
    assert len(call.params["secret_token"]) >= 32
    assert server.token not in call.params["secret_token"]
    assert call.params["max_connections"] == 1
    assert call.params["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    assert not call.params.get("drop_pending_updates")
    assert server.calls_of("getUpdates") == []


async def test_it_is_answered_only_after_the_inbox_has_it(server: BotApiServer) -> None:
    """While `take` has not returned Telegram still holds the update, and all after it."""
    may_store = asyncio.Event()
    inbox = Inbox()

    async def slow(incoming: Any) -> None:
        await may_store.wait()
        await inbox.take(incoming)

    async with posted_telegram(server) as (channel, _):
        task = asyncio.create_task(channel.receive(slow))
        await server.wait_until(lambda: server.updates.webhook)
        li, group = server.user(111, "李工"), server.group(-1001)
        await li.says(group, "确认 12")
        await li.says(group, "关闭 12")
        await asyncio.sleep(0.2)
        assert (len(server.updates.pending), inbox.found) == (2, [])
        may_store.set()
        found = await inbox.wait(2)
        await server.wait_until(lambda: not server.updates.pending)
        task.cancel()
    assert [one.text for one in found] == ["确认 12", "关闭 12"]


async def test_what_cannot_be_stored_is_posted_again(server: BotApiServer) -> None:
    """503, as often as it takes; in the end it is there once."""
    async with (
        posted_telegram(server) as (channel, _),
        receiving(channel, Inbox(refusals=3)) as inbox,
    ):
        await server.user(111, "李工").says(server.group(-1001), "确认 12")
        await inbox.wait(1)
        await server.wait_until(lambda: not server.updates.pending)
    assert len(inbox.found) == 1
    assert [error[:3] for error in server.updates.webhook_errors] == ["503"] * 3


async def test_whoever_does_not_know_the_secret_is_turned_away(server: BotApiServer) -> None:
    """Without it, with another, with a longer one: nothing is read out of the body."""
    update = {"update_id": 1, "message": {"text": "/close 12"}}
    async with posted_telegram(server) as (channel, house), receiving(channel) as inbox:
        await server.wait_until(lambda: server.updates.webhook)
        true = options(server).hook_secret.reveal()
        for wrong in ("", "x", true[:-1], true + "0", true.upper(), "\u00fc"):
            headers = {SECRET_HEADER: wrong}
            answer = await house.web.post(f"{house.url}/updates", json=update, headers=headers)
            assert answer.status == 401
        bare = await house.web.post(f"{house.url}/updates", json=update)
        assert bare.status == 401
    assert inbox.tries == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"x" * (1024 * 1024 + 1), 413),
        ({"update_id": 5, "message": {"no": "message"}}, 200),
        ({"update_id": 6, "something_new": {"a": 1}}, 200),
        ({"no_id": True}, 200),
    ],
)
async def test_what_is_no_update_is_taken_or_refused_but_never_breaks_anything(
    server: BotApiServer, body: Any, status: int
) -> None:
    """An update of an unknown shape is passed over: posted again, it would hold up all others."""
    async with posted_telegram(server) as (channel, house), receiving(channel) as inbox:
        await server.wait_until(lambda: server.updates.webhook)
        assert await post(house, server, body) == status
        await server.user(111, "李工").says(server.group(-1001), "在吗")
        await inbox.wait(1)


async def test_before_it_can_be_stored_telegram_is_asked_to_come_again(
    server: BotApiServer,
) -> None:
    """While nothing receives yet, and when receiving has ended."""
    async with posted_telegram(server) as (channel, house):
        assert await post(house, server, {"update_id": 1}) == 503
        async with receiving(channel):
            await server.wait_until(lambda: server.updates.webhook)
            assert await post(house, server, {"update_id": 1}) == 200
        assert await post(house, server, {"update_id": 1}) == 503


async def test_while_aiogram_is_being_loaded_telegram_is_asked_to_come_again(
    server: BotApiServer,
) -> None:
    """The HTTP server is up seconds earlier."""
    late = await telegram_soon(options(server, webhook_url="http://127.0.0.1/x"))
    with pytest.raises(Unavailable):
        await late.push({"update_id": 1})
    assert not late.capabilities.one_receiver
    await late.close()


async def test_a_repeat_is_stored_once(server: BotApiServer) -> None:
    """Its answer was lost on the way: the inbox knows its id."""
    async with posted_telegram(server) as (channel, house), receiving(channel) as inbox:
        await server.user(111, "李工").says(server.group(-1001), "确认 12")
        await inbox.wait(1)
        await server.wait_until(lambda: server.updates.confirmed)
        assert await post(house, server, server.updates.confirmed[0]) == 200
    assert (len(inbox.found), inbox.tries) == (1, 2)


async def test_a_webhook_that_somebody_took_away_is_set_again(server: BotApiServer) -> None:
    """Another program polled with our token; nothing that came meanwhile is lost."""
    async with posted_telegram(server) as (channel, _), receiving(channel) as inbox:
        await server.wait_until(lambda: server.updates.webhook)
        server.updates.webhook = {}
        await server.user(111, "李工").says(server.group(-1001), "确认 12")
        await inbox.wait(1)
    assert len(server.calls_of("setWebhook")) >= 2


async def test_polling_ends_a_webhook_and_loses_nothing(server: BotApiServer) -> None:
    """From one to the other and back, with a command typed in between."""
    li, group = server.user(111, "李工"), server.group(-1001)
    async with posted_telegram(server) as (channel, _), receiving(channel):
        await server.wait_until(lambda: server.updates.webhook)
    await li.says(group, "确认 12")
    async with telegram(server) as channel, receiving(channel) as inbox:
        (found,) = await inbox.wait(1)
        assert found.text == "确认 12"
    await li.says(group, "关闭 12")
    async with posted_telegram(server) as (channel, _), receiving(channel) as inbox:
        await inbox.wait(1)
    assert [one.text for one in inbox.found][-1] == "关闭 12"


async def test_what_telegram_cannot_post_is_a_fault_with_its_reason(server: BotApiServer) -> None:
    """In the words of getWebhookInfo, for whoever looks: the channel itself, and `doctor`."""
    async with posted_telegram(server) as (channel, house):
        async with receiving(channel, Inbox(refusals=10_000)):
            await server.user(111, "李工").says(server.group(-1001), "确认 12")
            await server.wait_until(lambda: server.updates.last_error)

            async def told() -> bool:
                return any("503" in fault for fault in (await channel.check([])).faults)

            async with asyncio.timeout(PATIENCE_S):
                while not await told():
                    await asyncio.sleep(0.02)
        async with telegram(server, webhook_url=f"{house.url}/updates") as doctor:
            (fault,) = (await doctor.check([], "en")).faults
            assert "LOUDHAILER_TELEGRAM_WEBHOOK_URL" in fault


async def test_the_secret_is_the_same_everywhere_and_new_with_a_new_token() -> None:
    """Several processes share one bot; who knows it learns nothing of the token."""
    one, same = (TelegramOptions(Secret("1:abc", listed=False)) for _ in range(2))
    other = TelegramOptions(Secret("1:abd", listed=False))
    assert one.hook_secret == same.hook_secret
    assert one.hook_secret != other.hook_secret
    assert one.hook_secret.reveal().isalnum()


async def test_an_address_without_a_path_gets_one_and_a_strange_one_is_told() -> None:
    """The path is what is served here."""
    token = Secret("1:abc", listed=False)
    plain = TelegramOptions(token, webhook_url="https://loudhailer.example")
    assert (plain.hook_url, plain.hook_path) == (
        "https://loudhailer.example/telegram",
        "/telegram",
    )
    own = TelegramOptions(token, webhook_url="https://loudhailer.example/a/b")
    assert (own.hook_url, own.hook_path) == ("https://loudhailer.example/a/b", "/a/b")
    with pytest.raises(BadInput, match="path"):
        await open_telegram(TelegramOptions(token, webhook_url="https://x.example/{a}"))
