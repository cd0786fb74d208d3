"""The Telegram channel on a line that carries little: what is surely not sent, and what is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from bot.domain.error import PictureRefused, TooSlow, Uncertain
from bot.domain.message import Button, ChatRef, Picture, Post
from tests.support.botapi import BotApiServer, bot_api
from tests.support.pictures import jpeg
from tests.support.slowline import SlowLine, slow_line
from tests.support.telegramrig import telegram

GROUP = ChatRef("telegram", "-1001")
CARD = Post("🔴 #31\n状态：待处理", ((Button("确认", "1|acknowledge|31|0"),),))
RATE = 60_000.0
LARGE = Picture(jpeg(64, 48) + os.urandom(200_000), "a" * 64, 64, 48)
"""Over three seconds on this line."""


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """A server with a group."""
    async with bot_api() as opened:
        opened.group(-1001, "七号工地")
        yield opened


@pytest.fixture
async def line(server: BotApiServer) -> AsyncIterator[SlowLine]:
    """480 kbit/s."""
    async with slow_line(server.port, RATE) as opened:
        yield opened


async def test_a_picture_that_cannot_leave_in_time_is_surely_not_sent(
    server: BotApiServer, line: SlowLine
) -> None:
    """It says how far it came; what lay in the buffers is taken back, and nothing arrives later."""
    async with telegram(server, api=line.url, picture_patience=0.5) as channel:
        with pytest.raises(TooSlow) as raised:
            await channel.send(GROUP, CARD, key="1", picture=LARGE)
        assert raised.value.seconds > 0.4
        assert 0 < raised.value.sent < len(LARGE.jpeg)
        sent = await channel.send(GROUP, CARD, key="1")
        await asyncio.sleep(0.5)
    (message,) = server.messages(server.world.chats[-1001])
    assert (str(message.id), message.photo) == (sent.message_id, None)


async def test_an_upload_may_take_its_time_as_long_as_it_moves(
    server: BotApiServer, line: SlowLine
) -> None:
    """Much longer than any call of words; the time without anything moving is what counts."""
    async with telegram(server, api=line.url, send_timeout=1.0) as channel:
        sent = await channel.send(GROUP, CARD, key="1")
        begun = asyncio.get_running_loop().time()
        await channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=LARGE)
        assert asyncio.get_running_loop().time() - begun > 2
    (message,) = server.messages(server.world.chats[-1001])
    assert (message.photo, message.words) == (LARGE.jpeg, CARD.text)
    assert message.buttons == ["确认"]


async def test_an_upload_that_stands_still_is_given_up(
    server: BotApiServer, line: SlowLine
) -> None:
    """Half way the line carries nothing any more."""
    async with telegram(server, api=line.url, send_timeout=1.0) as channel:
        sent = await channel.send(GROUP, CARD, key="1")

        async def cut() -> None:
            while line.carried < 50_000:
                await asyncio.sleep(0.01)
            line.rate = 1.0

        cutting = asyncio.create_task(cut())
        with pytest.raises(TooSlow):
            await channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=LARGE)
        await cutting


async def test_a_picture_that_was_handed_over_is_uncertain(server: BotApiServer) -> None:
    """All of it has left, and no answer comes: it may have arrived."""
    server.trouble.fail_next("sendPhoto", "timeout_after", seconds=30)
    async with telegram(server) as channel:
        with pytest.raises(Uncertain):
            await channel.send(GROUP, CARD, key="1", picture=LARGE)
    (message,) = server.messages(server.world.chats[-1001])
    assert message.photo == LARGE.jpeg


async def test_words_get_their_picture_later(server: BotApiServer) -> None:
    """In the same message, with its buttons; what the platform refuses leaves the words."""
    async with telegram(server) as channel:
        sent = await channel.send(GROUP, CARD, key="1")
        broken = Picture(b"nothing", "b" * 64)
        with server.expecting("IMAGE_PROCESS_FAILED"), pytest.raises(PictureRefused):
            await channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=broken)
        wide = Picture(jpeg(2_100, 100), "b" * 64, 2_100, 100)
        with pytest.raises(PictureRefused):
            await channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=wide)
        (message,) = server.messages(server.world.chats[-1001])
        assert (message.photo, message.words) == (None, CARD.text)
        shown = Picture(jpeg(64, 48), "c" * 64, 64, 48)
        await channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=shown)
        assert (message.photo, message.buttons) == (shown.jpeg, ["确认"])


async def test_an_emergency_fits_into_one_packet(server: BotApiServer, line: SlowLine) -> None:
    """Request line, headers and all, in Chinese; 1,400 bytes are left of a packet under TLS."""
    words = """🔴 紧急 疑似人员摔倒 · 基坑东侧 #31
七号工地 · 观澜大道 88 号，东门进 · 11-22 10:42:07
状态：待处理，请马上到场。不要搬动伤者，需要时打 120
📢 基坑喇叭已呼叫附近人员
值班：@李工 @王监督"""
    labels = ["确认", "我已到场", "升级", "关闭", "误报", "喊话"]
    buttons = tuple((Button(label, "1|acknowledge|31|0"),) for label in labels)
    async with telegram(server, api=line.url, compact=True) as channel:
        before = line.carried
        await channel.send(GROUP, Post(words, buttons), key="1")
        assert line.carried - before < 1_400
    (message,) = server.messages(server.world.chats[-1001])
    assert (message.words, message.buttons) == (words, labels)


@pytest.mark.parametrize("compact", [True, False])
async def test_on_a_thin_line_words_take_no_connection_that_pictures_have_taken(
    server: BotApiServer, compact: bool
) -> None:
    """How long answers take there tells nothing of words, and lost ones were repeated late.

    On a quick line a picture takes any that is warm.
    """
    async with telegram(server, compact=compact) as channel:
        for key in ("1", "2"):
            sent = await channel.send(GROUP, CARD, key=key)
            await channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=LARGE)
    words = {call.port for call in server.calls_of("sendMessage")}
    pictures = {call.port for call in server.calls_of("editMessageMedia")}
    assert (len(words), len(pictures)) == (1, 1)
    assert (words != pictures) is compact
