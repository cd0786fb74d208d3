"""The browser speaker believes only what its pages say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S
from voice.sound import Sound
from voice.speakers.browser import HEARTBEAT_WITHIN, BrowserSpeaker, Listener, UnknownPlay
from voice.speakers.port import Outcome, PlayReport


class Hub:
    """A speaker on a clock that is moved, with short real waits."""

    def __init__(self, folder: Path, sound: Sound) -> None:
        self.time = 100.0
        self.folder = folder
        self.sound = sound
        self.speaker = BrowserSpeaker(
            folder, start_within=0.15, end_grace=0.1, volume=0.5, now=lambda: self.time
        )

    def play(self) -> asyncio.Task[PlayReport]:
        return asyncio.create_task(self.speaker.play(self.sound, key="a-1"))


class Page:
    """A page that keeps what it is sent and answers when the test says so."""

    def __init__(self, hub: Hub) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.fault: Exception | None = None
        self.listener: Listener = hub.speaker.join(self.send)

    async def send(self, message: dict[str, Any]) -> None:
        if self.fault:
            raise self.fault
        self.inbox.put_nowait(message)

    async def next(self, type: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            message = await self.inbox.get()
        assert message["type"] == type
        return message

    def say(self, type: str, play: dict[str, Any]) -> None:
        self.listener.heard({"type": type, "play": play["play"], "detail": "no tap yet"})


@pytest.fixture
def hub(tmp_path: Path, make_tone: Callable[..., Sound]) -> Hub:
    return Hub(tmp_path, make_tone(0.05).captioned("请注意"))


async def test_without_a_page_nobody_listens(hub: Hub) -> None:
    assert (await hub.play()).outcome is Outcome.NO_LISTENER
    assert not (await hub.speaker.probe()).ok


async def test_a_page_is_told_all_it_needs(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    message = await page.next("play")
    file = hub.speaker.sound_file(message["play"])
    assert message == {
        "type": "play",
        "play": message["play"],
        "text": "请注意",
        "seconds": 0.05,
        "bytes": file.stat().st_size,
        "volume": 0.5,
    }
    page.say("ended", message)
    assert (await play).outcome is Outcome.SPOKEN


async def test_a_page_without_a_heartbeat_does_not_count(hub: Hub) -> None:
    page = Page(hub)
    hub.time += HEARTBEAT_WITHIN + 0.1
    assert (await hub.play()).outcome is Outcome.NO_LISTENER
    page.listener.heard({"type": "heartbeat"})
    assert (await hub.speaker.probe()).ok


async def test_a_page_that_left_does_not_count(hub: Hub) -> None:
    page = Page(hub)
    page.listener.leave()
    page.listener.leave()
    assert (await hub.play()).outcome is Outcome.NO_LISTENER


async def test_silence_is_not_taken_for_speech(hub: Hub) -> None:
    """A page that took the message but never says that it sounds; it is told to stay silent."""
    page = Page(hub)
    report = await hub.play()
    assert report.outcome is Outcome.NOT_CONFIRMED
    assert report.first_byte_ms is None
    message = await page.next("play")
    assert (await page.next("stop"))["play"] == message["play"]


async def test_started_is_enough_but_the_missing_end_is_told(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    message = await page.next("play")
    hub.time += 0.25
    page.say("started", message)
    report = await play
    assert report.outcome is Outcome.SPOKEN
    assert report.first_byte_ms == pytest.approx(250)
    assert "end" in report.detail
    await page.next("stop")


async def test_one_page_that_sounds_is_enough(hub: Hub) -> None:
    mute, loud = Page(hub), Page(hub)
    play = hub.play()
    message = await loud.next("play")
    mute.say("failed", message)
    loud.say("started", message)
    loud.say("ended", message)
    report = await play
    assert report.outcome is Outcome.SPOKEN
    assert report.detail == "no tap yet"


async def test_all_pages_failing_is_a_failure_with_their_words(hub: Hub) -> None:
    pages = [Page(hub), Page(hub)]
    play = hub.play()
    message = await pages[0].next("play")
    for page in pages:
        page.say("failed", message)
    report = await play
    assert report.outcome is Outcome.FAILED
    assert report.detail == "no tap yet; no tap yet"


async def test_a_page_that_cannot_be_reached_is_dropped(hub: Hub) -> None:
    gone, there = Page(hub), Page(hub)
    gone.fault = ConnectionResetError()
    play = hub.play()
    message = await there.next("play")
    there.say("ended", message)
    assert (await play).outcome is Outcome.SPOKEN
    assert hub.speaker.live == [there.listener]


async def test_no_page_reachable_is_a_failure_at_once(hub: Hub) -> None:
    Page(hub).fault = ConnectionResetError()
    report = await hub.play()
    assert report.outcome is Outcome.FAILED
    assert "ConnectionResetError" in report.detail


async def test_the_page_closing_ends_the_wait(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    message = await page.next("play")
    page.say("started", message)
    page.listener.leave()
    assert (await play).outcome is Outcome.SPOKEN


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"type": "started"},
        {"type": "started", "play": "guessed"},
        {"type": ["started"], "play": {"a": 1}},
        {"type": "ended", "play": None},
    ],
)
async def test_senseless_messages_change_nothing(hub: Hub, message: dict[str, Any]) -> None:
    page = Page(hub)
    play = hub.play()
    await page.next("play")
    page.listener.heard(message)
    assert (await play).outcome is Outcome.NOT_CONFIRMED


async def test_a_page_that_was_not_asked_cannot_confirm(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    message = await page.next("play")
    Page(hub).say("started", message)
    assert (await play).outcome is Outcome.NOT_CONFIRMED


async def test_a_sound_is_there_only_while_it_plays(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    message = await page.next("play")
    assert hub.speaker.sound_file(message["play"]).read_bytes() == hub.sound.to_wav()
    page.say("ended", message)
    await play
    with pytest.raises(UnknownPlay):
        hub.speaker.sound_file(message["play"])
    assert list(hub.folder.iterdir()) == []


async def test_cancelling_silences_the_pages(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    message = await page.next("play")
    page.say("started", message)
    play.cancel()
    with pytest.raises(asyncio.CancelledError):
        await play
    await page.next("stop")
    assert list(hub.folder.iterdir()) == []


async def test_closing_ends_a_play_that_is_going_on(hub: Hub) -> None:
    page = Page(hub)
    play = hub.play()
    await page.next("play")
    await hub.speaker.close()
    assert (await play).outcome is Outcome.NOT_CONFIRMED


async def test_a_folder_that_cannot_be_written_is_a_failure(
    make_tone: Callable[..., Sound], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    hub = Hub(tmp_path / "file", make_tone())
    Page(hub)
    assert (await hub.play()).outcome is Outcome.FAILED
