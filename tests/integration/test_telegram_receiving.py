"""Telegram's own ways when something is received: nothing is acknowledged before it is stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from bot.domain.error import Rejected, RetryLater, SignedOut
from bot.domain.message import ChatRef, Incoming, Media, Post
from bot.ports import Channel, Receiving, Reception
from tests.support.botapi import BotApiServer, Kind, bot_api
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg
from tests.support.rig import Inbox
from tests.support.telegramrig import telegram

VOICE = b"OggS, as good as any"


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """The Bot API."""
    async with bot_api() as running:
        yield running


@pytest.fixture
async def channel(server: BotApiServer) -> AsyncIterator[Channel]:
    """The channel, not receiving yet."""
    async with telegram(server) as opened:
        yield opened


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


# -- acknowledged only when stored


async def test_the_offset_rises_only_after_the_inbox_has_it(
    server: BotApiServer, channel: Channel
) -> None:
    """While `take` has not returned, Telegram still holds the update, and all after it."""
    group, li = server.group(-1001), server.user(111, "李工")
    may_store = asyncio.Event()

    async def slow(incoming: Incoming) -> None:
        taking.set()
        await may_store.wait()

    taking = asyncio.Event()
    task = asyncio.create_task(channel.receive(slow))
    await li.says(group, "关闭 12")
    await asyncio.wait_for(taking.wait(), PATIENCE_S)
    assert len(server.updates.pending) == 1
    assert not server.updates.confirmed
    may_store.set()
    await server.wait_until(lambda: server.updates.confirmed)
    assert not server.updates.pending
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_was_not_stored_when_the_process_died_comes_again(
    server: BotApiServer, channel: Channel
) -> None:
    """The next process gets everything that the last one had not stored, in order."""
    group, li = server.group(-1001), server.user(111, "李工")
    for number in range(10):
        await li.says(group, f"关闭 {number}")

    async def dies_at_the_fifth(incoming: Incoming) -> None:
        if incoming.text == "关闭 4":
            died.set()
            await asyncio.Event().wait()

    died = asyncio.Event()
    first = asyncio.create_task(channel.receive(dies_at_the_fifth))
    await asyncio.wait_for(died.wait(), PATIENCE_S)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    async with telegram(server) as successor, receiving(successor) as inbox:
        found = await inbox.wait(10)
    assert [one.text for one in found] == [f"关闭 {number}" for number in range(10)]


async def test_an_inbox_that_is_down_stops_the_acknowledging_not_the_program(
    server: BotApiServer, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    """What comes behind is offered, for it may be urgent, but nothing is acknowledged too early."""
    group, li = server.group(-1001), server.user(111, "李工")
    await li.says(group, "a")
    await li.says(group, "b")
    async with receiving(channel, Inbox(refusals=3)) as inbox:
        found = await inbox.wait(2)
        await server.wait_until(lambda: len(server.updates.confirmed) == 2)
    assert [one.text for one in found] == ["a", "b"]
    assert inbox.offered[:2] == ["a", "b"]
    assert "OSError" in caplog.text


async def test_new_update_ids_after_a_quiet_week_lose_nothing(server: BotApiServer) -> None:
    """Telegram may start at a lower number; no offset is kept between processes."""
    group, li = server.group(-1001), server.user(111, "李工")
    async with telegram(server) as first, receiving(first) as inbox:
        await li.says(group, "before")
        await inbox.wait(1)
    server.updates.next_id = 1_000
    await li.says(group, "after the quiet week")
    async with telegram(server) as second, receiving(second) as inbox:
        async with asyncio.timeout(PATIENCE_S):
            while "after the quiet week" not in [one.text for one in inbox.found]:
                await asyncio.sleep(0.01)


# -- outliving trouble


async def test_a_server_that_is_down_at_the_start_is_waited_for(
    server: BotApiServer, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    """The program starts, tells the fault, and receives as soon as it can."""
    caplog.set_level(logging.INFO)
    group, li = server.group(-1001), server.user(111, "李工")
    await li.says(group, "sent while everything was down")
    await server.stop()
    async with receiving(channel) as inbox:
        async with asyncio.timeout(PATIENCE_S):
            while "cannot be reached" not in caplog.text:
                await asyncio.sleep(0.01)
        await server.start()
        (incoming,) = await inbox.wait(1)
    assert incoming.text == "sent while everything was down"
    assert caplog.text.count("cannot be reached") == 1
    assert "received again" in caplog.text


@pytest.mark.parametrize(
    "kind", ["500", "502", "429", "reset_before", "reset_after", "timeout_before", "truncated"]
)
async def test_any_trouble_while_polling_is_outlived(
    server: BotApiServer, channel: Channel, kind: Kind
) -> None:
    """Every command arrives in spite of three failures in a row."""
    group, li = server.group(-1001), server.user(111, "李工")
    server.trouble.fail_next("getUpdates", kind, 3, seconds=0.1)
    async with receiving(channel) as inbox:
        await li.says(group, "关闭 12")
        (incoming,) = await inbox.wait(1)
    assert incoming.text == "关闭 12"


async def test_polling_obeys_retry_after(server: BotApiServer, channel: Channel) -> None:
    """Telegram's 429 counts for getUpdates too."""
    server.trouble.fail_next("getUpdates", "429", seconds=1)
    async with receiving(channel):
        await server.wait_until(lambda: len(server.calls_of("getUpdates")) >= 2)
    first, second = server.calls_of("getUpdates")[:2]
    assert second.at - first.at >= 1


async def test_a_second_receiver_is_named_in_log_and_health(
    server: BotApiServer, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    """Two programs with one token: said clearly, for the operator to end it."""
    async with telegram(server) as other, receiving(channel), receiving(other):
        async with asyncio.timeout(PATIENCE_S):
            while "another program receives with the same bot token" not in caplog.text:
                await asyncio.sleep(0.01)


async def heard(channel: Channel, cause: str) -> Reception:
    """The channel's reception, once its cause is this."""
    assert isinstance(channel, Receiving)
    async with asyncio.timeout(PATIENCE_S):
        while channel.reception.cause != cause:
            await asyncio.sleep(0.005)
    return channel.reception


async def test_reception_tells_what_keeps_the_updates_away_and_sending_goes_on(
    server: BotApiServer, channel: Channel
) -> None:
    """Another poller, a webhook set meanwhile, a revoked token: each by its own name."""
    group = server.group(-1001)
    async with receiving(channel):
        await server.wait_until(lambda: server.calls_of("getUpdates"))
        async with telegram(server) as other, receiving(other):
            reception = await heard(channel, "second_holder")
            assert "same bot token" in reception.fault
            await channel.send(ChatRef("telegram", "-1001"), Post("still sent"), key="k")
            assert server.messages(group)[0].words == "still sent"
        await heard(channel, "")
        server.updates.webhook = {"url": "http://127.0.0.1:9/elsewhere"}
        server.world.changed.fire()
        await heard(channel, "webhook")
        await heard(channel, "")
        assert not server.updates.webhook, "it was taken away"
        server.token = "700000001:another-token"
        await server.user(111, "李工").says(group, "hello")  # ends the long poll
        await heard(channel, "token")
        with pytest.raises(SignedOut):
            await channel.send(ChatRef("telegram", "-1001"), Post("not sent"), key="l")


async def test_who_receives_no_more_finds_nothing_wrong_with_it(
    server: BotApiServer, channel: Channel
) -> None:
    """Another process has it now; what failed here before is not told for ever."""
    server.trouble.fail_next("getMe", "500", times=1000)
    async with receiving(channel):
        await heard(channel, "away")
    assert isinstance(channel, Receiving)
    assert (channel.reception.cause, channel.reception.fault) == ("", "")


async def test_who_receives_again_after_a_quiet_week_skips_nothing(
    server: BotApiServer, channel: Channel
) -> None:
    """Others had it meanwhile, and the ids have started anew below those of before."""
    group, li = server.group(-1001), server.user(111, "李工")
    async with receiving(channel) as inbox:
        await li.says(group, "关闭 1")
        await inbox.wait(1)
        await server.wait_until(lambda: server.updates.confirmed)
    server.updates.next_id = 5_000
    await li.says(group, "关闭 2")
    async with receiving(channel) as inbox:
        assert (await inbox.wait(1))[0].text == "关闭 2"


async def test_reception_tells_how_far_the_platforms_clock_is_ahead(
    server: BotApiServer, channel: Channel
) -> None:
    """By the Date of its answers, which counts whole seconds."""
    async with receiving(channel):
        await server.wait_until(lambda: server.calls_of("getUpdates"))
        ahead = (await heard(channel, "")).ahead_ms
    assert ahead is not None
    assert abs(ahead) < 2_000


async def test_a_webhook_left_behind_is_ended_and_its_updates_are_kept(
    server: BotApiServer, channel: Channel
) -> None:
    """Somebody had set one; polling would get 409 for ever."""
    server.updates.webhook = {"url": "http://127.0.0.1:9/gone"}
    await server.user(111, "李工").says(server.group(-1001), "关闭 12")
    async with receiving(channel) as inbox:
        assert (await inbox.wait(1))[0].text == "关闭 12"


async def test_an_update_of_an_unknown_shape_does_not_spoil_the_others(
    server: BotApiServer, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    """A future Telegram sends what nobody understands; its words stay out of the log."""
    group, li = server.group(-1001), server.user(111, "李工")
    server.updates.put("message", {"message_id": "seven", "text": "a private matter"})
    server.updates.put("a_new_kind", {"id": 1})
    await li.says(group, "关闭 12")
    async with receiving(channel) as inbox:
        assert (await inbox.wait(1))[0].text == "关闭 12"
        await server.wait_until(lambda: len(server.updates.confirmed) == 3)
    assert "unknown shape" in caplog.text
    assert "a private matter" not in caplog.text


# -- who said what, and what is no command


async def test_everything_needed_to_redo_the_work_is_in_it(
    server: BotApiServer, channel: Channel
) -> None:
    """Ids as Telegram has them, names, language, time in ms."""
    group, li = server.group(-1001), server.user(111, "李工", "li", "en")
    message = await li.says(group, "关闭 12 已整改")
    async with receiving(channel) as inbox:
        (incoming,) = await inbox.wait(1)
    assert incoming.command_id == f"telegram:message:-1001:{message.id}"
    assert incoming.chat.key == "telegram:-1001"
    assert not incoming.chat.private
    assert (incoming.sender.username, incoming.sender.language) == ("li", "en")
    assert incoming.sent_at == int(message.accepted_at) * 1000


async def said(server: BotApiServer, channel: Channel, count: int) -> list[Incoming]:
    """What arrived, once everything queued so far is confirmed."""
    async with receiving(channel) as inbox:
        await server.wait_until(lambda: not server.updates.pending)
    assert len(inbox.found) == count, inbox.found
    return inbox.found


async def test_anonymous_people_are_marked(server: BotApiServer, channel: Channel) -> None:
    """An anonymous administrator and a channel have no person's name."""
    group, li = server.group(-1001, "七号工地"), server.user(111, "李工")
    await li.says_anonymously(group, "关闭 12")
    await li.says_as_channel(group, "关闭 12", -100999)
    admin, channel_post = await said(server, channel, 2)
    assert admin.sender.anonymous
    assert (admin.sender.id, admin.sender.name) == ("-1001", "七号工地")
    assert channel_post.sender.anonymous
    assert channel_post.sender.id == "-100999"


async def test_what_is_not_a_persons_own_new_word_is_no_command(
    server: BotApiServer, channel: Channel
) -> None:
    """Edited, forwarded, through a bot, by a bot, for another bot."""
    group, li, wang = server.group(-1001), server.user(111, "李工"), server.user(222, "王监督")
    mistyped = await li.says(group, "关 12")
    await li.edits(mistyped, "关闭 12")
    await li.forwards(group, "关闭 12", wang)
    some_bot = {"id": 5, "is_bot": True, "first_name": "gif", "username": "gif"}
    await li.says(group, "关闭 12", extra={"via_bot": some_bot})
    await li.says(group, "关闭 12", extra={"from": some_bot})
    text, forwarded, through = await said(server, channel, 3)
    assert text.text == "关 12"
    assert (forwarded.kind, forwarded.text) == ("other", "")
    assert (through.kind, through.text) == ("other", "")


async def test_our_own_name_comes_along(server: BotApiServer, channel: Channel) -> None:
    """So that `/close@loudhailer_test_bot 12` is known to be for us, `/close@gif_bot 12` not."""
    await server.user(111, "李工").says(server.group(-1001), "/close@loudhailer_test_bot 12")
    (incoming,) = await said(server, channel, 1)
    assert incoming.text == "/close@loudhailer_test_bot 12"
    assert incoming.bot == "loudhailer_test_bot"


async def test_topics_and_the_replies_that_are_none(server: BotApiServer, channel: Channel) -> None:
    """In a forum every message "replies" to its topic's first; outside, replies have threads."""
    forum, group = server.group(-1002, topics=(7,)), server.group(-1001)
    li = server.user(111, "李工")
    await li.says(forum, "in a topic", topic=7)
    await li.says(forum, "in general")
    first = await li.says(group, "a")
    await li.says(group, "b", reply_to=first)
    in_topic, in_general, _, reply = await said(server, channel, 4)
    assert (in_topic.chat.topic, in_topic.reply_to) == ("7", None)
    assert in_general.chat.topic is None
    assert (reply.chat.topic, reply.reply_to) == (None, str(first.id))


async def test_a_persons_words_are_not_taken_for_a_card_of_ours(
    server: BotApiServer, channel: Channel
) -> None:
    """A reply to what somebody wrote about #12 is no reply to the card of #12."""
    group, li = server.group(-1001), server.user(111, "李工")
    theirs = await li.says(group, "🟡 疑似未戴安全帽 · 大门 #12")
    await li.says(group, "收到", reply_to=theirs)
    _, reply = await said(server, channel, 2)
    assert (reply.reply_to, reply.reply_to_own) == (str(theirs.id), False)
    assert reply.reply_text == "🟡 疑似未戴安全帽 · 大门 #12"


async def test_pictures_files_and_sounds(server: BotApiServer, channel: Channel) -> None:
    """A picture sent as a file is a picture; a voice note can be fetched; a PDF is other."""
    group, li = server.group(-1001), server.user(111, "李工")
    await li.photo(group, jpeg(640, 480), "整改 12")
    await li.document(group, jpeg(64, 48), "photo.jpg", mime="image/jpeg", caption="整改 12")
    await li.voice(group, VOICE, seconds=4)
    await li.document(group, b"%PDF", "plan.pdf", mime="application/pdf")
    await li.album(group, [jpeg(8, 8), jpeg(9, 9)], "整改 12")
    photo, as_file, voice, plan, first, second = await said(server, channel, 6)
    assert [one.kind for one in (photo, as_file, voice, plan)] == [
        "photo",
        "photo",
        "voice",
        "other",
    ]
    assert await channel.fetch(photo.media[0], 10**6) == jpeg(640, 480)
    assert photo.text == as_file.text == "整改 12"
    assert as_file.media[0].kind == "document"
    assert (voice.media[0].seconds, voice.media[0].mime) == (4.0, "audio/ogg")
    assert await channel.fetch(voice.media[0], 10**6) == VOICE
    assert first.album == second.album
    assert (first.text, second.text) == ("整改 12", "")


async def test_whatever_sounds_is_a_voice_note(server: BotApiServer, channel: Channel) -> None:
    """Audio files, round videos, recordings sent as files: with their length and their bytes."""
    group, li = server.group(-1001), server.user(111, "李工")
    await li.audio(group, b"\x00audio", seconds=7)
    await li.video_note(group, b"\x00video", seconds=5)
    await li.document(group, b"RIFFwave", "memo.wav", mime="audio/x-wav")
    found = await said(server, channel, 3)
    assert [one.kind for one in found] == ["voice"] * 3
    media = [one.media[0] for one in found]
    assert [(one.kind, one.seconds) for one in media] == [
        ("audio", 7.0),
        ("audio", 5.0),
        ("audio", None),
    ]
    data = [await channel.fetch(one, 10**6) for one in media]
    assert data == [b"\x00audio", b"\x00video", b"RIFFwave"]


async def test_presses_on_old_cards_and_without_a_card(
    server: BotApiServer, channel: Channel
) -> None:
    """Telegram no longer shows the bot an old card; the press is worth an answer all the same."""
    group, li = server.group(-1001), server.user(111, "李工")
    old = await li.says(group, "stands for a card")
    await li.sends_data(old, "1|close|12|0", inaccessible=True)
    orphan = await li.sends_data(None, "1|close|12|0")
    _, pressed, lost = await said(server, channel, 3)
    assert (pressed.chat.key, pressed.reply_to) == ("telegram:-1001", str(old.id))
    assert (pressed.reply_to_own, pressed.reply_text) == (True, "")
    assert (lost.chat.key, lost.chat.private, lost.reply_to) == ("telegram:111", True, None)
    assert lost.press_id == orphan.id
    assert lost.command_id == f"telegram:callback:{orphan.id}"


async def test_a_group_that_moves_is_told_in_both(server: BotApiServer, channel: Channel) -> None:
    """In the new one before anything that people say there."""
    server.migrate(server.group(-1001), -100500)
    left, came = await said(server, channel, 2)
    assert (left.kind, left.chat.id, left.new_chat) == ("moved", "-1001", "-100500")
    assert (came.kind, came.chat.id, came.old_chat) == ("moved", "-100500", "-1001")


async def test_private_chats_are_marked(server: BotApiServer, channel: Channel) -> None:
    """Invite codes are taken only there."""
    li = server.user(111, "李工")
    await li.says(server.private(li), "/link ABCD")
    (incoming,) = await said(server, channel, 1)
    assert incoming.chat.private
    assert incoming.chat.key == "telegram:111"


# -- fetching


async def voice_note(server: BotApiServer, channel: Channel, data: bytes) -> Media:
    """A voice note that has arrived."""
    await server.user(111, "李工").voice(server.group(-1001), data)
    (incoming,) = await said(server, channel, 1)
    return incoming.media[0]


async def test_files_over_the_limit_are_refused_unread(
    server: BotApiServer, channel: Channel
) -> None:
    """By the size that Telegram tells, and by the bytes that come if it told none."""
    media = await voice_note(server, channel, VOICE)
    with pytest.raises(Rejected, match="over the limit"):
        await channel.fetch(media, len(VOICE) - 1)
    unsized = Media(media.kind, media.ref)
    with pytest.raises(Rejected, match="over"):
        await channel.fetch(unsized, len(VOICE) - 1)
    assert await channel.fetch(unsized, len(VOICE)) == VOICE


async def test_files_over_20_mb_are_rejected(server: BotApiServer, channel: Channel) -> None:
    """Telegram lets no bot have them."""
    media = await voice_note(server, channel, bytes(20 * 1024 * 1024 + 1))
    for one in (media, Media("voice", media.ref)):
        with pytest.raises(Rejected):
            await channel.fetch(one, 10**9)


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize("kind", ["500", "502", "reset_before", "timeout_before"])
async def test_a_download_that_breaks_may_be_tried_again(
    server: BotApiServer, channel: Channel, method: str, kind: Kind
) -> None:
    """No raw error of the HTTP library gets through."""
    media = await voice_note(server, channel, VOICE)
    # the HTTP library itself repeats a GET whose connection was reset, once
    times = 2 if (method, kind) == ("download", "reset_before") else 1
    server.trouble.fail_next(method, kind, times, seconds=5)
    with pytest.raises(RetryLater):
        await channel.fetch(media, 10**6)
    assert await channel.fetch(media, 10**6) == VOICE
