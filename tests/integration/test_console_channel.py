"""What the console owes beyond the contract of all channels: crashes, repeats, dead stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from bot.channels.console import ConsoleChannel
from bot.domain.error import NotFound, Rejected, Unavailable
from bot.domain.message import ChatRef, Media, Picture, Post
from bot.ports_console import Pressed, Toast, Typed
from tests.support.console_house import now_ms
from tests.support.consolerig import ConsoleRig, console_rig
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg
from tests.support.rig import Inbox

CARD = Post("🟡 疑似未戴安全帽 · 大门 #12\n状态：待处理", case=12)
WORDS = Typed("0123456789abcdef", "main", "li", "李工", "关闭 12", age=60_000)


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    """A channel on a fresh database."""
    async with console_rig() as made:
        yield made


@asynccontextmanager
async def receiving(channel: ConsoleChannel, inbox: Inbox) -> AsyncIterator[None]:
    """The channel hands what it hears to `inbox`."""
    task = asyncio.create_task(channel.receive(inbox.take))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_repeated_send_is_one_message(rig: ConsoleRig) -> None:
    """The idempotency key is honoured."""
    first = await rig.channel.send(rig.chat, CARD, key="7")
    again = await rig.channel.send(rig.chat, CARD, key="7")
    assert first.message_id == again.message_id
    assert await rig.count() == 1


async def test_words_are_acknowledged_after_they_are_stored(rig: ConsoleRig) -> None:
    """While the inbox refuses, the page is not told that they arrived."""
    inbox = Inbox(refusals=1_000_000)
    async with receiving(rig.channel, inbox):
        with pytest.raises(OSError, match="down"):
            await rig.channel.typed(WORDS)
        inbox.refusals = 0
        (incoming,) = await inbox.wait(1)
    assert incoming.platform_id == "message:li:0123456789abcdef"


async def test_a_page_that_sends_again_is_heard_once(rig: ConsoleRig) -> None:
    """One message in the chat, one thing in the inbox; an answer each time."""
    inbox = Inbox()
    async with receiving(rig.channel, inbox):
        first = await rig.channel.typed(WORDS)
        again = await rig.channel.typed(WORDS)
    assert first.id == again.id
    assert len(inbox.found) == 1
    assert len(await rig.log.latest("main", 10)) == 1


async def test_what_a_crash_left_behind_is_handed_on_at_the_next_start(rig: ConsoleRig) -> None:
    """Written down but not in the inbox: nothing that was said is lost."""
    with pytest.raises(Unavailable):
        await rig.channel.typed(WORDS)
    restarted = ConsoleChannel(rig.log, rig.uploads, now_ms)
    inbox = Inbox()
    async with receiving(restarted, inbox):
        (incoming,) = await inbox.wait(1)
        async with asyncio.timeout(PATIENCE_S):
            while await rig.log.untaken():
                await asyncio.sleep(0.01)
    assert (incoming.text, incoming.sender.id) == ("关闭 12", "li")


async def test_nobodys_words_overtake_what_was_said_before(rig: ConsoleRig) -> None:
    """A press waits for the words before it, also when those were refused first."""
    card = await rig.channel.send(rig.chat, CARD, key="1")
    inbox = Inbox(refusals=1)
    async with receiving(rig.channel, inbox):
        with suppress(OSError):
            await rig.channel.typed(WORDS)
        await rig.channel.pressed(_press(int(card.message_id)))
    assert [incoming.kind for incoming in inbox.found] == ["text", "press"]


async def test_the_time_of_an_act_is_when_the_person_let_go(rig: ConsoleRig) -> None:
    """Words that waited a minute for the connection are a minute old, by our clock."""
    inbox = Inbox()
    async with receiving(rig.channel, inbox):
        await rig.channel.typed(WORDS)
    assert now_ms() - 65_000 < inbox.found[0].sent_at <= now_ms() - 60_000


async def test_a_dead_picture_store_costs_the_picture_and_not_the_alarm(rig: ConsoleRig) -> None:
    """The card goes out in words."""
    rig.shelf.down = True
    shot = Picture(jpeg(8, 8), "a" * 64)
    sent = await rig.channel.send(rig.chat, CARD, key="1", picture=shot)
    shown = await rig.shown(sent.message_id)
    assert shown is not None
    assert (shown.text, shown.picture) == (CARD.text, None)


async def test_only_the_presser_sees_the_answer(rig: ConsoleRig) -> None:
    """On every page that they have open, and on none that they closed."""
    heard: list[tuple[str, str]] = []

    def sink(name: str):
        async def take(toast: Toast) -> None:
            heard.append((name, toast.text))

        return take

    rig.channel.listen("li", sink("li's phone"))
    rig.channel.listen("li", sink("li's desk"))
    rig.channel.listen("wang", sink("wang"))
    close = rig.channel.listen("li", sink("closed"))
    close()
    await rig.channel.answer_press("li:0123456789abcdef", "好")
    assert sorted(heard) == [("li's desk", "好"), ("li's phone", "好")]


async def test_a_page_that_breaks_does_not_keep_the_answer_from_others(rig: ConsoleRig) -> None:
    """An unreachable page is as good as closed."""
    heard: list[str] = []

    async def broken(_: Toast) -> None:
        raise ConnectionResetError

    async def whole(toast: Toast) -> None:
        heard.append(toast.text)

    rig.channel.listen("li", broken)
    rig.channel.listen("li", whole)
    await rig.channel.answer_press("li:0123456789abcdef", "好")
    assert heard == ["好"]


async def test_presses_name_a_message_of_ours(rig: ConsoleRig) -> None:
    """Not one that is not there, in another chat, or a person's."""
    card = await rig.channel.send(ChatRef("console", "eight"), CARD, key="1")
    async with receiving(rig.channel, Inbox()):
        words = await rig.channel.typed(WORDS)
        for message in (words.id, int(card.message_id), 999):
            with pytest.raises(NotFound):
                await rig.channel.pressed(_press(message))


async def test_a_reply_names_a_message_of_the_chat(rig: ConsoleRig) -> None:
    """Or is refused before anything is written."""
    with pytest.raises(NotFound):
        await rig.channel.typed(Typed("0123456789abcdef", "main", "li", "李工", "好", reply_to=9))
    assert await rig.log.latest("main", 10) == []


async def test_fetching_is_bounded(rig: ConsoleRig) -> None:
    """Too large and unknown uploads are refused for good."""
    kept = await rig.channel.keep_photo(jpeg(40, 30))
    with pytest.raises(Rejected):
        await rig.channel.fetch(Media("photo", kept.sha256), 10)
    with pytest.raises(Rejected):
        await rig.channel.fetch(Media("photo", "f" * 64), 10_000)


async def test_pages_wake_when_something_changes(rig: ConsoleRig) -> None:
    """At once within the process, and by themselves after a while."""
    waiting = asyncio.create_task(rig.channel.changed("main", 0))
    await asyncio.sleep(0)
    await rig.channel.send(rig.chat, CARD, key="1")
    async with asyncio.timeout(0.5):
        await waiting
        await rig.channel.changed("main", 0)


def _press(message: int) -> Pressed:
    return Pressed("fedcba9876543210", "main", "li", "李工", message, "1|close|12|1")
