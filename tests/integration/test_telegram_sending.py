"""Telegram's own ways when something is sent, edited or answered."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.domain.error import (
    BadInput,
    ChatClosed,
    ChatMoved,
    CopyGone,
    DeliveryError,
    PictureRefused,
    Rejected,
    RetryLater,
    Uncertain,
)
from bot.domain.message import Button, ChatRef, Mention, Picture, Post
from bot.domain.secret import Secret
from bot.ports import Channel
from tests.support.botapi import BotApiServer, Kind
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg, png_claiming
from tests.support.rig import Inbox
from tests.support.telegramrig import TelegramRig, telegram, telegram_rig

GROUP = ChatRef("telegram", "-1001")
CARD = Post("🟡 #12\n状态：待处理", ((Button("确认", "1|acknowledge|12|0"),),))
GATE = Picture(jpeg(64, 48), "a" * 64, 64, 48)


@pytest.fixture
async def rig() -> AsyncIterator[TelegramRig]:
    """The channel before its server."""
    async with telegram_rig() as made:
        yield made


def failing(rig: TelegramRig, method: str, kind: Kind, seconds: float = 30) -> None:
    """The next call of `method` gets into trouble."""
    rig.server.trouble.fail_next(method, kind, seconds=seconds)


# -- what went wrong, and what the courier may do about it


@pytest.mark.parametrize(
    ("kind", "error", "stored"),
    [
        ("500", RetryLater, 0),
        ("429", RetryLater, 0),
        ("502", Uncertain, 0),
        ("reset_before", Uncertain, 0),
        ("reset_after", Uncertain, 1),
        ("timeout_before", Uncertain, 0),
        ("timeout_after", Uncertain, 1),
        ("truncated", Uncertain, 1),
    ],
)
@pytest.mark.parametrize("picture", [None, GATE])
async def test_a_send_that_fails_says_whether_it_may_have_arrived(
    rig: TelegramRig, kind: Kind, error: type[DeliveryError], stored: int, picture: Picture | None
) -> None:
    """Only Telegram's own word counts as "not delivered"."""
    failing(rig, "sendPhoto" if picture else "sendMessage", kind)
    with pytest.raises(error):
        await rig.channel.send(GROUP, CARD, key="1", picture=picture)
    assert await rig.count() == stored
    await rig.channel.send(GROUP, CARD, key="1", picture=picture)


@pytest.mark.parametrize(
    "kind", ["500", "429", "502", "reset_before", "reset_after", "timeout_after", "truncated"]
)
async def test_an_edit_that_fails_is_simply_tried_again(rig: TelegramRig, kind: Kind) -> None:
    """An edit done twice shows the same, so nothing about it is uncertain."""
    sent = await rig.channel.send(GROUP, CARD, key="1", picture=GATE)
    failing(rig, "editMessageCaption", kind)
    done = Post("#12 已关闭")
    with pytest.raises(RetryLater):
        await rig.channel.edit(GROUP, sent.message_id, done, has_picture=True)
    await rig.channel.edit(GROUP, sent.message_id, done, has_picture=True)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert shown.text == "#12 已关闭"


async def test_telegram_is_given_the_quiet_it_asks_for(rig: TelegramRig) -> None:
    """retry_after goes to the courier, which paces the chat."""
    failing(rig, "sendMessage", "429", seconds=17)
    with pytest.raises(RetryLater) as caught:
        await rig.channel.send(GROUP, CARD, key="1")
    assert caught.value.retry_after == 17


async def test_a_server_that_is_down_was_not_reached(rig: TelegramRig) -> None:
    """A refused connection is no uncertainty."""
    await rig.server.stop()
    with pytest.raises(RetryLater, match="cannot be reached"):
        await rig.channel.send(GROUP, CARD, key="1")


async def test_a_group_that_moved_tells_its_new_id(rig: TelegramRig) -> None:
    """What was sent to the old id was not delivered."""
    rig.server.migrate(rig.group, -100500)
    for call in (
        rig.channel.send(GROUP, CARD, key="1"),
        rig.channel.edit(GROUP, "5", CARD, has_picture=True),
    ):
        with pytest.raises(ChatMoved) as caught:
            await call
        assert caught.value.new_chat == "-100500"


async def test_a_bot_that_was_thrown_out_is_rejected(rig: TelegramRig) -> None:
    """403 and an unknown chat will not get better by trying."""
    rig.server.kick_bot(rig.group, rig.user)
    with pytest.raises(Rejected, match="kicked"):
        await rig.channel.send(GROUP, CARD, key="1")
    for id in ("-7", "七号", "@nobody"):
        with pytest.raises(Rejected):
            await rig.channel.send(ChatRef("telegram", id), CARD, key="1")


async def test_an_unknown_token_loses_no_alarm() -> None:
    """A wrong or revoked token is the operator's to mend; the message waits for it."""
    async with (
        BotApiServer() as server,
        telegram(server, token=Secret("7:another", listed=False)) as channel,
    ):
        with pytest.raises(RetryLater, match="LOUDHAILER_TELEGRAM_TOKEN"):
            await channel.send(GROUP, CARD, key="1")


@pytest.mark.parametrize("token", ["", "no colon", "x:y"])
async def test_a_token_that_is_none_is_told_at_once(rig: TelegramRig, token: str) -> None:
    """With the name of the setting, without its value."""
    with pytest.raises(BadInput, match="LOUDHAILER_TELEGRAM_TOKEN"):
        async with telegram(rig.server, token=Secret(token, listed=False)):
            pass


async def test_deleted_messages_are_gone(rig: TelegramRig) -> None:
    """Somebody deleted the card."""
    sent = await rig.channel.send(GROUP, CARD, key="1", picture=GATE)
    rig.group.messages[int(sent.message_id)].deleted = True
    with pytest.raises(CopyGone):
        await rig.channel.edit(GROUP, sent.message_id, Post("#12"), has_picture=True)
    with pytest.raises(CopyGone):
        await rig.channel.edit(GROUP, "no number", Post("#12"), has_picture=True)


# -- what Telegram cannot show still arrives


@pytest.mark.parametrize(
    "picture",
    [
        Picture(jpeg(8, 8) + bytes(10 * 1024 * 1024), "a" * 64, 8, 8),
        Picture(jpeg(30_000, 30_000), "a" * 64, 30_000, 30_000),
        Picture(jpeg(2_100, 100), "a" * 64, 2_100, 100),
    ],
)
async def test_a_picture_beyond_the_limits_costs_the_picture_not_the_alarm(
    rig: TelegramRig, picture: Picture
) -> None:
    """It is not even uploaded, and the outcome says that it was left out."""
    sent = await rig.channel.send(GROUP, CARD, key="1", picture=picture)
    shown = await rig.shown(sent.message_id)
    assert shown
    assert (shown.text, shown.picture) == (CARD.text, None)
    assert "picture" in sent.detail
    assert not rig.server.calls_of("sendPhoto")


async def test_a_picture_that_telegram_refuses_costs_the_picture_not_the_alarm(
    rig: TelegramRig,
) -> None:
    """The header lies about the size, or the bytes are no picture."""
    with rig.server.expecting("PHOTO_INVALID_DIMENSIONS"):
        liar = Picture(png_claiming(30_000, 30_000), "a" * 64)
        sent = await rig.channel.send(GROUP, CARD, key="1", picture=liar)
    assert "PHOTO_INVALID_DIMENSIONS" in sent.detail["picture"]
    with rig.server.expecting("IMAGE_PROCESS_FAILED"):
        await rig.channel.send(GROUP, CARD, key="2", picture=Picture(b"nothing", "a" * 64))
    assert await rig.count() == 2


async def test_a_card_that_lost_its_picture_is_edited_all_the_same(rig: TelegramRig) -> None:
    """The core believes in a picture; the channel finds the words where they are."""
    text = await rig.channel.send(GROUP, CARD, key="1")
    photo = await rig.channel.send(GROUP, CARD, key="2", picture=GATE)
    done = Post("#12 已关闭")
    await rig.channel.edit(GROUP, text.message_id, done, has_picture=True)
    await rig.channel.edit(GROUP, photo.message_id, done, has_picture=False)
    for sent in (text, photo):
        shown = await rig.shown(sent.message_id)
        assert shown
        assert shown.text == "#12 已关闭"


async def test_an_edit_with_a_refused_picture_still_tells_the_state(rig: TelegramRig) -> None:
    """Words matter more than the after-picture."""
    sent = await rig.channel.send(GROUP, CARD, key="1", picture=GATE)
    with rig.server.expecting("IMAGE_PROCESS_FAILED"):
        broken = Picture(b"nothing", "b" * 64)
        await rig.channel.edit(
            GROUP, sent.message_id, Post("#12 已关闭"), has_picture=True, picture=broken
        )
    shown = await rig.shown(sent.message_id)
    assert shown
    assert (shown.text, shown.picture) == ("#12 已关闭", GATE.jpeg)


async def test_a_topic_that_is_gone_costs_the_topic_not_the_alarm(rig: TelegramRig) -> None:
    """The card goes to the forum's general topic."""
    forum = rig.server.group(-1002, topics=(7,))
    for topic in ("7", "9", "1"):
        await rig.channel.send(ChatRef("telegram", "-1002", topic), CARD, key=topic)
    assert [message.topic for message in rig.server.messages(forum)] == [7, None, None]


# -- words


async def test_general_cards_are_silent(rig: TelegramRig) -> None:
    """Nobody's telephone rings for a missing vest."""
    await rig.channel.send(GROUP, Post("#12", silent=True), key="1", picture=GATE)
    await rig.channel.send(GROUP, Post("#13"), key="2")
    assert [message.silent for message in rig.server.messages(rig.group)] == [True, False]


async def test_people_are_called_by_link_name_or_in_words(rig: TelegramRig) -> None:
    """Linked people are called; a plain Latin name must not call a stranger of that username."""
    mentions = (
        Mention("李工", "111"),
        Mention("wang", "@wang_supervisor"),
        Mention("Anna", None),
        Mention("<王>", None),
    )
    await rig.channel.send(GROUP, Post("🔴 #31", mentions=mentions), key="1", picture=GATE)
    (message,) = rig.server.messages(rig.group)
    assert message.words == "🔴 #31\n@李工 @wang_supervisor Anna @<王>"
    (entity,) = message.entities
    assert (entity["type"], entity["user"]["id"], entity["length"]) == ("text_mention", 111, 3)


async def test_who_is_named_in_the_text_is_linked_there(rig: TelegramRig) -> None:
    """Nobody stands there twice; a name within a longer one is not taken for it."""
    mentions = (Mention("李工", "111"), Mention("李", "112"), Mention("Anna"), Mention("王监督"))
    text = "🔴 #31\n值班：@李工 @Anna\n@李工头 <来>"
    await rig.channel.send(GROUP, Post(text, mentions=mentions), key="1")
    (message,) = rig.server.messages(rig.group)
    assert message.words == "🔴 #31\n值班：@李工 Anna\n@李工头 <来>\n@李 @王监督"
    (entity,) = [e for e in message.entities if e["type"] == "text_mention"]
    assert (entity["user"]["id"], entity["offset"]) == (111, len("🔴 #31\n值班：") + 1)


async def test_two_people_of_one_name_are_both_called(rig: TelegramRig) -> None:
    """The text names one of them; the other stands after it."""
    rig.server.user(112, "李工")
    post = Post("👉 @李工：请处理", mentions=(Mention("李工", "111"), Mention("李工", "112")))
    await rig.channel.send(GROUP, post, key="1")
    (message,) = rig.server.messages(rig.group)
    assert message.words == "👉 @李工：请处理\n@李工"
    assert [entity["user"]["id"] for entity in message.entities] == [111, 112]


@pytest.mark.parametrize("picture", [None, GATE])
async def test_long_words_are_cut_to_the_last_unit(
    rig: TelegramRig, picture: Picture | None
) -> None:
    """1024 under a picture, 4096 without, in UTF-16 units after escapes; mentions stay."""
    post = Post("🔴 #31\n" + "🟡<&>" * 2_000, mentions=(Mention("李工", "111"),))
    await rig.channel.send(GROUP, post, key="1", picture=picture)
    (message,) = rig.server.messages(rig.group)
    limit = 1024 if picture else 4096
    assert limit - 2 <= len(message.words.encode("utf-16-le")) // 2 <= limit
    assert message.words.startswith("🔴 #31\n🟡<&>")
    assert message.words.endswith("…\n@李工")


async def test_words_that_utf8_cannot_carry_are_replaced(rig: TelegramRig) -> None:
    """Half a character in a device's note must not stop the alarm."""
    await rig.channel.send(GROUP, Post("#12 \ud83d half\0"), key="1")
    assert rig.server.messages(rig.group)[0].words == "#12 ? half"


async def test_button_data_over_64_bytes_is_refused_before_it_is_sent(rig: TelegramRig) -> None:
    """aiogram does not check it, Telegram refuses the whole message."""
    long = Post("#12", ((Button("关闭", "确" * 22),),))
    with pytest.raises(Rejected, match="66 bytes"):
        await rig.channel.send(GROUP, long, key="1")
    assert not rig.server.calls_of("sendMessage")


async def test_answers_to_presses_are_cut_to_200(rig: TelegramRig) -> None:
    """A refusal with many numbers in it still reaches the presser."""
    await rig.channel.send(GROUP, CARD, key="1")
    (message,) = rig.server.messages(rig.group)
    press = await rig.user.press(message, "确认")
    await rig.channel.answer_press(press.id, "没有未处理的 #82。" * 50, alert=True)
    assert len(await press.answer()) == 200
    assert press.alert


# -- what may not leak


async def everything_that_can_fail(rig: TelegramRig) -> list[BaseException]:
    """One error of every kind the channel raises."""
    errors: list[BaseException] = []

    async def note(call: Any) -> None:
        try:
            await call
        except DeliveryError as error:
            errors.append(error)

    kinds: list[Kind] = ["500", "502", "429", "reset_after", "timeout_before", "truncated"]
    for kind in kinds:
        for method in ("sendMessage", "getFile", "download"):
            failing(rig, method, kind)
        await note(rig.channel.send(GROUP, CARD, key="1"))
    await note(rig.channel.send(ChatRef("telegram", "-5"), CARD, key="1"))
    await rig.server.stop()
    await note(rig.channel.send(GROUP, CARD, key="1"))
    async with telegram(rig.server, api="http://no-such-host.invalid") as lost:
        await note(lost.send(GROUP, CARD, key="1"))
    async with telegram(rig.server, api="http://127.0.0.1:99999") as lost:
        await note(lost.send(GROUP, CARD, key="1"))
    return errors


async def test_the_token_is_in_no_error_and_no_log(
    rig: TelegramRig, caplog: pytest.LogCaptureFixture
) -> None:
    """It is part of every URL, and HTTP libraries like to show URLs."""
    caplog.set_level(logging.DEBUG)
    errors = await everything_that_can_fail(rig)
    assert len(errors) >= 9
    told = [text for error in errors for text in traceback.format_exception(error)]
    told += [repr(error) for error in errors]
    secret = rig.server.token.split(":")[1]
    assert secret not in "".join(told)
    assert secret not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(rig: TelegramRig, status: int) -> None:
    """A captive portal must not be handed the token, nor the picture."""
    visits: list[str] = []

    async def portal(request: web.Request) -> web.Response:
        visits.append(request.path)
        target = f"{rig.server.url}/stolen{request.path}"
        return web.Response(status=status, headers={"Location": target})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", portal)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with telegram(rig.server, api=url) as channel:
        with pytest.raises(RetryLater, match="LOUDHAILER_TELEGRAM_API"):
            await channel.send(GROUP, CARD, key="1", picture=GATE)
    assert len(visits) == 1
    await runner.cleanup()


async def test_an_answer_in_a_newer_shape_still_gives_the_message_id() -> None:
    """Telegram adds required fields now and then; the message was sent nevertheless."""

    async def newer(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"message_id": 77, "date": "new"}})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", newer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = BotApiServer()
    server.port = runner.addresses[0][1]
    async with telegram(server) as channel:
        assert (await channel.send(GROUP, CARD, key="1")).message_id == "77"
    await runner.cleanup()


# -- probing


async def faults_of(channel: Channel, *chats: ChatRef) -> str:
    """What `check` finds, as one text."""
    health = await channel.check(chats)
    assert health.ok is not bool(health.faults)
    return "\n".join(health.faults)


async def test_probing_gives_one_repair_sentence_per_fault(rig: TelegramRig) -> None:
    """Privacy mode, a chat the bot is not in, one that moved, an unknown token, a dead server."""
    server, channel = rig.server, rig.channel
    assert (await channel.check([])).identity == "@loudhailer_test_bot"
    server.privacy = True
    assert "privacy mode off" in await faults_of(channel, GROUP)
    rig.group.bot_is_admin = True
    assert await faults_of(channel, GROUP) == ""
    assert "invite it" in await faults_of(channel, ChatRef("telegram", "-5"))
    assert "press Start" in await faults_of(channel, ChatRef("telegram", "222", private=True))
    server.migrate(server.group(-6), -100600)
    assert "is now -100600" in await faults_of(channel, ChatRef("telegram", "-6"))
    async with telegram(server, token=Secret("7:another", listed=False)) as stranger:
        assert "does not know the bot token" in await faults_of(stranger, GROUP)
    assert not [call for call in server.calls if call.method.startswith("send")]
    await server.stop()
    assert "Telegram" in await faults_of(channel, GROUP)


async def test_a_socks_proxy_without_its_package_is_told(rig: TelegramRig) -> None:
    """Not with a traceback in the middle of the night."""
    with pytest.raises(BadInput, match="aiohttp-socks"):
        async with telegram(rig.server, proxy=Secret("socks5://127.0.0.1:1", listed=False)):
            pass


async def test_an_http_proxy_is_used(rig: TelegramRig) -> None:
    """Every call goes through it, the answer comes back through it."""
    seen: list[str] = []

    async def proxy(request: web.Request) -> web.Response:
        seen.append(str(request.url))
        return web.json_response({"ok": True, "result": {"message_id": 1}})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = Secret(f"http://127.0.0.1:{runner.addresses[0][1]}", listed=False)
    async with telegram(rig.server, proxy=url, api="http://telegram.invalid") as channel:
        await channel.send(GROUP, CARD, key="1")
    assert seen
    assert seen[0].startswith("http://telegram.invalid/bot")
    await runner.cleanup()


# -- chats that let us in and out


async def test_a_chat_that_takes_nothing_says_why(rig: TelegramRig) -> None:
    """Kicked, blocked, muted, or not there at all."""
    server = rig.server
    private = server.private(rig.user)
    muted = server.group(-1003)
    muted.bot_may_write = False
    kicked = server.group(-1004)
    server.kick_bot(kicked, rig.user)
    server.kick_bot(private, rig.user)
    places = {"-1003": "muted", "-1004": "kicked", "-9": "absent", "111": "blocked"}
    for id, why in places.items():
        with pytest.raises(ChatClosed) as raised:
            await rig.channel.send(ChatRef("telegram", id), CARD, key=id, picture=GATE)
        assert raised.value.why == why


async def test_a_group_without_pictures_gets_the_words(rig: TelegramRig) -> None:
    """The outcome says that the picture was left out, and adding it is refused."""
    rig.group.bot_may_send_photos = False
    sent = await rig.channel.send(GROUP, CARD, key="1", picture=GATE)
    assert "rights" in sent.detail["picture"]
    with pytest.raises(PictureRefused):
        await rig.channel.edit(GROUP, sent.message_id, CARD, has_picture=False, picture=GATE)
    assert await rig.count() == 1


async def test_being_let_out_and_in_is_told(rig: TelegramRig) -> None:
    """Of groups and of people, with who did it."""
    inbox = Inbox()
    receiving = asyncio.create_task(rig.channel.receive(inbox.take))
    rig.server.kick_bot(rig.group, rig.user)
    rig.server.add_bot(rig.group, rig.user)
    async with asyncio.timeout(PATIENCE_S):
        while len(inbox.found) < 2:
            await asyncio.sleep(0.01)
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)
    assert [one.kind for one in inbox.found] == ["left", "joined"]
    assert {one.sender.id for one in inbox.found} == {"111"}
    assert len({one.platform_id for one in inbox.found}) == 2
