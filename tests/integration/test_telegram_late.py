"""While aiogram is being loaded, nothing waits in a call and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.telegram import telegram_soon
from bot.channels.telegram.late import LateChannel, PostedChannel
from bot.domain.error import BadInput, RetryLater
from bot.domain.message import ChatRef, Post
from bot.domain.secret import Secret
from tests.support.botapi import bot_api
from tests.support.rig import Inbox
from tests.support.telegramrig import options, telegram

GROUP = ChatRef("telegram", "-1001")


async def test_what_is_sent_before_it_is_open_comes_back_and_then_arrives() -> None:
    """Surely not delivered, so it is no repeat; afterwards all goes to the real channel."""
    async with bot_api() as server, telegram(server) as real:
        group, open_now = server.group(-1001), asyncio.Event()

        async def build() -> PostedChannel:
            await open_now.wait()
            return real

        late = LateChannel(build, real.capabilities)
        assert (late.name, late.capabilities) == (real.name, real.capabilities)
        with pytest.raises(RetryLater) as raised:
            await late.send(GROUP, Post("#1"), key="1")
        assert raised.value.retry_after
        with pytest.raises(RetryLater):
            await late.answer_press("9", "好的")
        inbox = Inbox()
        receiving = asyncio.create_task(late.receive(inbox.take))
        open_now.set()
        await server.user(111, "李工").says(group, "关闭 1")
        await inbox.wait(1)
        sent = await late.send(GROUP, Post("#1"), key="1")
        await late.edit(GROUP, sent.message_id, Post("#1 已关闭"), has_picture=False)
        assert [message.words for message in server.messages(group)] == ["#1 已关闭"]
        assert (await late.check([GROUP])).identity == "@loudhailer_test_bot"
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
        await late.close()


async def test_what_can_never_work_is_told_at_once() -> None:
    """A bad token is no matter of waiting."""
    async with bot_api() as server:
        with pytest.raises(BadInput, match="LOUDHAILER_TELEGRAM_TOKEN"):
            await telegram_soon(options(server, token=Secret("abc", listed=False)))


async def test_it_can_be_closed_unused_and_unopened() -> None:
    """A service that stops before anybody wanted Telegram waits for nothing."""
    async with bot_api() as server:
        await (await telegram_soon(options(server))).close()
