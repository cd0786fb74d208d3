"""What other systems of this kind were seen to get wrong, each as a test of the real path.

A cooldown shared by all hazards; one that starts although the send failed; evidence that must be
stored before the alarm may go; mute hours that swallow a fire; a message for every new track; and
"healthy" although nothing was ever delivered.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.courier import SPEAKERS, Courier
from bot.domain.command import Verb
from bot.domain.error import RetryLater
from bot.domain.message import Picture
from bot.domain.report import Because, Phase, Shot
from bot.domain.response import Override
from bot.domain.secret import Secret
from bot.domain.site import Duty, SiteConfig
from bot.domain.window import parse_window
from bot.speaking import VoiceAnnouncer, speaker_specs
from tests.support.botapi import bot_api
from tests.support.cases import MINUTE, SECOND
from tests.support.databases import sqlite_url
from tests.support.pictures import jpeg
from tests.support.program import running
from tests.support.workshop import CONFIG, WANG, Workshop, until, workshop
from voice.announcer import open_announcer

__all__ = ["sqlite_url"]

ALL_DAY = (parse_window("00:00-23:59"), parse_window("23:59-00:00"))
_numbers = count(1)


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """The core with its courier and chats over a database of its own."""
    async with workshop(sqlite_url, tmp_path) as opened:
        yield opened


async def seen(shop: Workshop, hazard: str, **changes: Any) -> None:
    """One report of its own, and all that is due is delivered: cards and sentences."""
    await shop.report(hazard=hazard, id=f"r{next(_numbers)}", **changes)
    await shop.deliver()
    await shop.deliver(speaks=True)


def cards(shop: Workshop) -> list[str]:
    """The first lines of the cards in the group."""
    return [text.partition("\n")[0] for text in shop.telegram.texts("-1001") if "#" in text]


# -- one cooldown for all hazards


async def test_a_vest_alert_and_an_intrusion_a_second_later_are_both_sent(shop: Workshop) -> None:
    """At the same camera; each has its card, and each its own sentence on the horn."""
    await seen(shop, "no_vest")
    shop.now += SECOND
    await seen(shop, "zone_intrusion")
    vest, intrusion = cards(shop)
    assert "反光" in vest
    assert "闯入" in intrusion
    sentences = [utterance.text for utterance in shop.announcer.said]
    assert len(sentences) == len(set(sentences)) == 2


# -- a cooldown that starts although nothing was sent


async def test_one_failed_send_starts_no_cooldown(shop: Workshop) -> None:
    """The chat is away once: the card comes as soon as it is back, well within the cooldown."""
    shop.telegram.faults.append(RetryLater("cannot be reached"))
    await seen(shop, "no_helmet")
    assert cards(shop) == []
    shop.now += 2 * SECOND
    await seen(shop, "no_helmet", subject="another")
    assert len(cards(shop)) == 1
    assert len(shop.announcer.said) == 1, "a chat that is away does not multiply the horn"


async def test_a_warning_that_did_not_sound_starts_no_cooldown_of_the_horn(shop: Workshop) -> None:
    """The next report of the same hazard is heard; the one after a sound is not."""
    shop.announcer.outcome = "failed"
    await seen(shop, "no_helmet", phase=Phase.START, subject="a")
    shop.announcer.outcome = "spoken"
    for timer in await shop.store.due_timers(shop.now + 30 * SECOND, 10):
        shop.now = max(shop.now, timer.due)
        await shop.timers.due(timer)
    await shop.deliver(speaks=True)
    await shop.deliver()
    assert len(shop.announcer.said) == 2
    card, unheard = shop.telegram.texts("-1001")
    assert "已提醒 1 次" in card, "what failed is not counted as spoken"
    assert "没有人听到喊话" in unheard


# -- evidence before the alarm


@pytest.mark.parametrize("broken", ["gone", "a file in its place", "unreadable"])
async def test_a_picture_store_that_is_down_does_not_silence(shop: Workshop, broken: str) -> None:
    """The card goes out at the first try, without the picture; the horn speaks."""
    sha = await shop.pictures.put(jpeg(8, 8))
    folder = shop.pictures.path(sha).parents[2]
    if broken == "unreadable":
        shop.pictures.path(sha).unlink()
        shop.pictures.path(sha).mkdir()
    else:
        shutil.rmtree(folder)
        if broken == "a file in its place":
            folder.write_bytes(b"")
    await seen(shop, "no_helmet", shot=Shot(Picture(jpeg(8, 8), sha)))
    (message,) = shop.telegram.messages.values()
    assert "安全帽" in message.post.text
    assert message.picture is None
    assert len(shop.announcer.said) == 1
    (row,) = [row for row in await shop.store.deliveries(1) if row.kind == "card"]
    assert (row.state, row.attempts) == ("done", 1)


# -- a message for every new track


async def test_fifty_new_track_ids_are_one_card(shop: Workshop) -> None:
    """A tracker that loses people finds new ones at every look; the hazard is one."""
    for number in range(50):
        await shop.report(
            hazard="no_helmet", id=f"t{number}", subject=f"track-{number}", phase=Phase.START
        )
        shop.now += SECOND
    await shop.deliver()
    await shop.deliver(speaks=True)
    assert len(cards(shop)) == len(shop.telegram.messages) == 1
    assert "共 50 次" in shop.telegram.texts("-1001")[0]
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.count == 50
    assert await shop.store.get_case(2) is None
    rows = await shop.store.deliveries(1)
    assert [row.kind for row in rows].count("announce") == 1


async def test_fifty_lost_tracks_close_nothing_either(shop: Workshop) -> None:
    """That a tracker lost somebody is no proof that anything was put right."""
    for number in range(50):
        await shop.report(
            hazard="no_helmet", id=f"t{number}", subject=f"track-{number}", phase=Phase.START
        )
        shop.now += SECOND
        await shop.report(
            hazard="no_helmet",
            id=f"e{number}",
            subject=f"track-{number}",
            phase=Phase.END,
            because=Because.LOST,
        )
    shop.now += MINUTE
    for timer in await shop.store.due_timers(shop.now, 10):
        await shop.timers.due(timer)
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.live


# -- mute hours that swallow a fire


@asynccontextmanager
async def at_night(url: str, folder: Path) -> AsyncIterator[tuple[Workshop, Path]]:
    """Nobody is on duty, the horn has quiet hours all day, and the real voice speaks."""
    horn = replace(
        CONFIG.speakers[0],
        url=Secret(f"file:{folder / 'horn'}", listed=False),
        quiet_hours=ALL_DAY,
        language="en",
    )
    config: SiteConfig = replace(
        CONFIG,
        speakers=(horn,),
        duty=(Duty("yard-7", ("li",), days=frozenset()),),
        responses={"fall": Override(cooldown=timedelta(minutes=2))},
    )
    opened = open_announcer(speaker_specs(config), data_dir=folder)
    async with workshop(url, folder, config) as shop, opened as announcer:
        shop.now = time.time_ns() // 1_000_000
        announcer_of_the_house = VoiceAnnouncer(announcer, config.speakers)
        shop.desk = replace(shop.desk, announcer=announcer_of_the_house)
        yield shop, folder / "horn"


async def speak(shop: Workshop) -> None:
    """Let the real voice say what waits, however slow the machine is."""
    courier = Courier(shop.desk, shop.wake, kinds=SPEAKERS)
    running_courier = asyncio.ensure_future(courier.run())

    async def idle() -> bool:
        due = await shop.store.next_due(courier.kinds)
        return not courier.under_way and (due is None or due > shop.now)

    try:
        await until(idle, 60)
    finally:
        running_courier.cancel()
        await asyncio.gather(running_courier, return_exceptions=True)


async def test_outside_working_hours_an_emergency_is_not_muted(
    sqlite_url: str, tmp_path: Path
) -> None:
    """A muted place in quiet hours with nobody on duty: the horn speaks, the chain is called."""
    async with at_night(sqlite_url, tmp_path) as (shop, horn):
        answer = await shop.act(Verb.MUTE, actor=WANG, args={"place": "gate", "minutes": 60})
        assert answer.ok
        await shop.report(hazard="no_helmet", id="hat")
        await shop.deliver()
        await speak(shop)
        assert not list(horn.glob("*.wav")), "what may wait keeps quiet"
        await shop.report(hazard="fall", id="fall")
        await shop.deliver()
        await speak(shop)
        assert len(list(horn.glob("*.wav"))) == 1
        card = list(shop.telegram.messages.values())[-1].post
        assert "摔倒" in card.text
        assert not card.silent
        assert {mention.name for mention in card.mentions} >= {"李工", "王监督"}


# -- healthy although nothing was ever delivered

SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"

[[chats]]
channel = "telegram"
id = -1001

[[members]]
id = "li"
role = "admin"
telegram = 111
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.long
async def test_healthy_means_delivered(tmp_path: Path) -> None:
    """The process lives, the database answers; but a card has not been out for a minute."""
    async with bot_api() as server:
        group = server.group(-1001, "七号工地")
        settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
        async with running(tmp_path, SITE, **settings) as program, ClientSession() as web:
            key = await program.command("key", "create", "--name", "box", "--role", "admin")
            headers = {"Authorization": f"Bearer {key}"}

            async def ready() -> bool:
                async with web.get(f"{program.url}/readyz", headers=headers) as answer:
                    checks = (await answer.json())["checks"]
                    ill = {check["name"] for check in checks if not check["ok"]}
                    assert (answer.status == 200) == (not ill)
                    assert ill <= {"delivery", "channels"}
                    return not ill

            await server.wait_until(lambda: server.calls_of("getUpdates"), 120)
            await server.stop()
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            body = {"id": "r1", "hazard": "no_helmet", "site": "yard-7", "at": now}
            url = f"{program.url}/api/v1/reports"
            async with web.post(url, json=body, headers=headers) as answer:
                assert answer.status == 201
            assert await ready(), "a moment's absence is no fault"

            async def ill() -> bool:
                return not await ready()

            await until(ill, 150)
            async with web.get(f"{program.url}/livez") as answer:
                assert answer.status == 200
            await server.start()
            await server.wait_message(group, lambda m: "安全帽" in m.words, 120)
            await until(ready, 120)
