"""Every change of a case, in order, signed and once, at a receiver on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.webhook import WebhookChannel
from bot.courier import CHATS, HOOKS
from bot.courier.hooking import send_change
from bot.domain.command import Command, Verb
from bot.domain.hazard import Severity
from bot.domain.message import Picture
from bot.domain.report import Phase, Shot
from bot.domain.rfc3339 import utc
from bot.domain.secret import Secret
from bot.domain.site import Chat, Party, Purpose, SiteConfig
from bot.ports import OutboxRow, Undelivered
from tests.support.cases import MINUTE
from tests.support.pictures import jpeg
from tests.support.receiver import Got, Receiver, receiver
from tests.support.workshop import CONFIG, LI, WANG, Workshop, running, until, workshop

SECRET = "the-platform's-secret"
HOUR = 60 * MINUTE


@pytest.fixture
async def platform() -> AsyncIterator[Receiver]:
    """The other system."""
    async with receiver() as there:
        yield there


def hook(there: Receiver, id: str = "platform", **changes: Any) -> Chat:
    url, secret = Secret(there.url, listed=False), Secret(SECRET, listed=False)
    return replace(Chat(f"webhook:{id}", "webhook", id, url=url, secret=secret), **changes)


@asynccontextmanager
async def house(
    database: str, folder: Path, *hooks: Chat, config: SiteConfig = CONFIG
) -> AsyncIterator[Workshop]:
    """A workshop that tells other systems."""
    config = replace(config, chats=(*config.chats, *hooks))
    async with workshop(database, folder, config) as shop:
        channel = WebhookChannel(
            config.every_chat, lambda: shop.now, lambda sha: f"http://here/{sha}", within=1
        )
        shop.desk = replace(shop.desk, channels={**shop.desk.channels, "webhook": channel})
        yield shop
        await channel.close()


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path, platform: Receiver) -> AsyncIterator[Workshop]:
    async with house(sqlite_url, tmp_path, hook(platform)) as opened:
        yield opened


async def rows(shop: Workshop, case: int = 1) -> list[OutboxRow]:
    return [row for row in await shop.store.deliveries(case) if row.kind == "webhook"]


def events(there: Receiver, case: int = 1) -> list[str]:
    """What was told of a case, repeats included."""
    return [got.json["event"] for got in there.taken if got.json["case"]["case"] == case]


def genuine(got: Got) -> bool:
    time, given = got.headers["X-Loudhailer-Time"], got.headers["X-Loudhailer-Signature"]
    message = time.encode() + b"." + got.body
    return given == "v1=" + hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


async def test_a_case_is_told_step_by_step(shop: Workshop, platform: Receiver) -> None:
    """What happened, who did it and why, and the case as it was right after."""
    await shop.report()
    await shop.act(Verb.ACKNOWLEDGE)
    await shop.act(Verb.CLOSE, reason="已整改")
    await shop.deliver(kinds=HOOKS)
    told = [got.json for got in platform.taken]
    assert [one["event"] for one in told] == ["opened", "acknowledged", "closed"]
    assert [one["sequence"] for one in told] == [1, 2, 3]
    assert [one["case"]["state"] for one in told] == ["open", "acknowledged", "closed"]
    assert {one["message"] for one in told} == {"case-1"}
    assert {one["type"] for one in told} == {"case"}
    closed = told[2]
    assert closed["actor"] == {"id": "li", "name": "李工"}
    assert closed["reason"] == "已整改"
    assert closed["case"]["outcome"] == "rectified"
    assert closed["at"] == utc(shop.now)
    assert closed["names"] == {"site": "七号工地", "place": "大门", "hazard": "未戴安全帽"}
    assert closed["actions"] == []
    assert told[0]["text"].startswith("🟡 ")
    assert "已关闭" in closed["text"]


async def test_what_can_be_done_is_told_in_the_words_of_the_api(
    shop: Workshop, platform: Receiver
) -> None:
    """A state is sent back as a command of that verb."""
    await shop.report()
    await shop.deliver(kinds=HOOKS)
    (got,) = platform.taken
    verbs = {action["verb"]: action for action in got.json["actions"]}
    assert {"acknowledge", "close", "escalate", "false_alarm"} <= verbs.keys()
    assert verbs["close"] == {"label": "关闭", "verb": "close", "seq": 1}


async def test_each_post_is_signed_over_time_and_body(shop: Workshop, platform: Receiver) -> None:
    """And carries the id that stands in its body."""
    await shop.report()
    await shop.act(Verb.ACKNOWLEDGE)
    await shop.deliver(kinds=HOOKS)
    assert all(genuine(got) for got in platform.taken)
    assert not genuine(replace(platform.taken[0], body=platform.taken[0].body + b" "))
    for got in platform.taken:
        assert got.headers["X-Loudhailer-Id"] == got.json["id"]
        assert got.headers["X-Loudhailer-Time"] == str(shop.now // 1000)
    assert len({got.json["id"] for got in platform.taken}) == 2


async def test_the_picture_is_a_link(shop: Workshop, platform: Receiver) -> None:
    """With faces blurred, unless the receiver is to see them."""
    blurred, annotated = jpeg(8, 8), jpeg(16, 8)
    shas = [await shop.pictures.put(data) for data in (blurred, annotated)]
    shot = Shot(annotated=Picture(annotated, shas[1]), blurred=Picture(blurred, shas[0]))
    await shop.report(shop.a_report(shot=shot))
    await shop.deliver(kinds=HOOKS)
    assert platform.taken[0].json["picture"] == f"http://here/{shas[0]}"


async def test_both_engines_count_and_keep_the_order(
    database_url: str, tmp_path: Path, platform: Receiver
) -> None:
    """The sequence is counted, and each step's case kept, in the database."""
    async with house(database_url, tmp_path, hook(platform)) as shop:
        await shop.report()
        await asyncio.gather(*(shop.act(Verb.ASSIGN, args={"member": "wang"}) for _ in range(8)))
        await shop.act(Verb.CLOSE)
        await shop.deliver(kinds=HOOKS)
    told = [got.json for got in platform.taken]
    assert [one["sequence"] for one in told] == list(range(1, 11))
    assert [one["event"] for one in told] == ["opened", *["assigned"] * 8, "closed"]


async def test_it_hears_what_concerns_it_alone(
    sqlite_url: str, tmp_path: Path, platform: Receiver
) -> None:
    """By site, by severity; what is on trial is for the installer."""
    mine = hook(platform, sites=("yard-8",), minimum_severity=Severity.SERIOUS)
    async with house(sqlite_url, tmp_path, mine) as shop:
        await shop.report(hazard="climbing")
        await shop.report(site="yard-8", camera="door", id="b")
        await shop.report(site="yard-8", camera="door", hazard="climbing", id="c")
        await shop.report(site="yard-8", camera="door", hazard="fall", trial=True, id="d")
        await shop.deliver(kinds=HOOKS)
    assert [got.json["case"]["case"] for got in platform.taken] == [3]


async def test_a_party_is_told_of_its_work_orders(
    sqlite_url: str, tmp_path: Path, platform: Receiver
) -> None:
    """From the moment when they are."""
    party = Party("acme", "顶峰建设", hook(platform, "acme", purpose=Purpose.PARTY))
    config = replace(CONFIG, parties=(party,))
    async with house(sqlite_url, tmp_path, config=config) as shop:
        await shop.report()
        for _ in range(3):
            await shop.act(Verb.ESCALATE, actor=WANG)
        await shop.deliver(kinds=HOOKS)
        assert (await shop.store.get_case(1)).work_order is not None  # type: ignore[union-attr] - there
    assert events(platform) == ["work_order"]
    assert platform.taken[0].json["sequence"] == 1


async def test_after_an_outage_of_hours_nothing_is_missing(
    shop: Workshop, platform: Receiver
) -> None:
    """Each step, in order, with a sequence without gaps - not only where things stand."""
    await shop.report()
    await shop.deliver(kinds=HOOKS)
    await platform.stop()
    for verb in (Verb.ACKNOWLEDGE, Verb.ASSIGN, Verb.ESCALATE, Verb.CLOSE, Verb.REOPEN):
        shop.now += HOUR
        await shop.act(verb, actor=WANG, args={"member": "li"}, reason="因此")
        await shop.deliver(kinds=HOOKS)
    await platform.start()
    shop.now += MINUTE
    await until_delivered(shop)
    told = [got.json for got in platform.taken]
    assert [one["sequence"] for one in told] == list(range(1, len(told) + 1))
    history = [row.entry.event for row in await shop.store.history(1)]
    assert events(platform) == [event for event in history if event != "delivery"]
    assert len(told) == 6


async def until_delivered(shop: Workshop, case: int = 1) -> None:
    """The clock goes on until no change waits any more."""
    async with running(shop.courier(kinds=HOOKS).run):

        async def empty() -> bool:
            shop.now += 1000
            return not [row for row in await rows(shop, case) if row.due is not None]

        await until(empty)


@pytest.mark.parametrize(
    "plan", [500, 502, "reset", "reset after", "hang", 408, 429, (503, {"Retry-After": "1"})]
)
async def test_a_step_that_failed_is_repeated_under_its_id_before_the_next_goes(
    shop: Workshop, platform: Receiver, plan: Any
) -> None:
    """Order holds per case; a receiver that drops known ids has each step once."""
    await shop.report()
    await shop.act(Verb.ACKNOWLEDGE)
    platform.misbehave(plan)
    await shop.deliver(kinds=HOOKS)
    assert len(platform.tries) == 1
    await until_delivered(shop)
    told = list({got.json["id"]: got.json["event"] for got in platform.taken}.items())
    assert [event for _, event in told] == ["opened", "acknowledged"]


async def test_one_case_that_hangs_holds_up_no_other(shop: Workshop, platform: Receiver) -> None:
    """Order is per case, not over all of them."""
    platform.misbehave(500)
    await shop.report()
    await shop.deliver(kinds=HOOKS)
    await shop.report(hazard="no_vest", id="b")
    await shop.deliver(kinds=HOOKS)
    assert events(platform, 2) == ["opened"]


async def test_retry_after_is_obeyed(shop: Workshop, platform: Receiver) -> None:
    """For everything that goes to that receiver."""
    platform.misbehave((429, {"Retry-After": "120"}))
    courier = shop.courier(kinds=HOOKS)
    async with running(courier.run):
        await shop.report()
        await shop.until_idle(courier)
        await shop.report(hazard="no_vest", id="b")
        await shop.until_idle(courier)
        assert len(platform.tries) == 1
        shop.now += 121_000

        async def both() -> bool:
            return len(platform.taken) == 2

        await until(both)


async def test_what_is_refused_is_a_dead_letter_and_the_next_step_shows_the_gap(
    shop: Workshop, platform: Receiver
) -> None:
    """The admins are told; `deliveries retry` sends it again."""
    platform.misbehave(422)
    await shop.report()
    await shop.act(Verb.ACKNOWLEDGE)
    await shop.deliver(kinds=HOOKS)
    await shop.deliver(kinds=CHATS)
    assert [row.state for row in await rows(shop)] == ["dead", "done"]
    assert [got.json["sequence"] for got in platform.taken] == [2]
    assert any("422" in text for text in shop.console.texts())
    assert len((await shop.store.retry(Undelivered(), shop.now))[0]) == 1
    await shop.deliver(kinds=HOOKS)
    assert [got.json["sequence"] for got in platform.taken] == [2, 1]


async def test_a_receiver_that_wants_no_more_of_a_case_is_no_fault(
    shop: Workshop, platform: Receiver
) -> None:
    """410 is its own word; nobody is bothered with it."""
    await shop.report()
    await shop.deliver(kinds=HOOKS)
    platform.misbehave(410)
    await shop.act(Verb.ACKNOWLEDGE)
    await shop.deliver(kinds=HOOKS)
    await shop.deliver(kinds=CHATS)
    first, second = await rows(shop)
    assert (first.state, second.state) == ("done", "done")
    assert second.outcome is not None
    assert second.outcome["outcome"] == "gone"
    assert shop.console.texts() == []


async def test_what_was_under_way_at_a_kill_comes_again_under_its_id(
    shop: Workshop, platform: Receiver
) -> None:
    """And is told apart by nothing: the receiver knows the id."""
    await shop.report()
    claimed = await shop.store.claim(shop.now, 30_000, 10, kinds=HOOKS)
    await send_change(shop.desk, claimed[0])  # and it dies before that is written down
    shop.now += MINUTE
    await shop.deliver(kinds=HOOKS)
    assert [got.json["id"] for got in platform.taken] == [platform.taken[0].json["id"]] * 2
    assert "可能重复" not in platform.taken[1].json["text"]


async def test_two_receivers_are_told_each_on_its_own(
    sqlite_url: str, tmp_path: Path, platform: Receiver
) -> None:
    """One that hangs delays neither the other nor the chats."""
    async with (
        receiver(always="hang") as slow,
        house(sqlite_url, tmp_path, hook(slow, "slow"), hook(platform)) as shop,
    ):
        couriers = shop.courier(kinds=HOOKS), shop.courier()
        async with running(*(courier.run for courier in couriers)):
            await shop.report()
            await platform.wait(lambda: platform.taken)

            async def shown() -> bool:
                return bool(shop.telegram.texts("-1001"))

            await until(shown)


async def test_more_pictures_are_a_change_too(shop: Workshop, platform: Receiver) -> None:
    """The rest of an album, without a word."""
    await shop.report()
    sha = await shop.pictures.put(jpeg(8, 8))
    command = Command("c9", LI, Verb.RECTIFIED, shop.now, (1,), args={"pictures": [sha]})
    await shop.casework.add_evidence(command, None)
    await shop.deliver(kinds=HOOKS)
    assert events(platform) == ["opened", "evidence"]
    assert platform.taken[1].json["data"] == {"pictures": [sha]}


async def test_the_admins_may_be_a_program(
    sqlite_url: str, tmp_path: Path, platform: Receiver
) -> None:
    """`purpose = "admin"`: what the service says of itself comes as messages."""
    async with house(sqlite_url, tmp_path, hook(platform, purpose=Purpose.ADMIN)) as shop:
        async with shop.store.begin() as tx:
            await tx.send(*shop.core.to_admins("admin.stopping", {}, shop.now))
        await shop.deliver()
    (got,) = platform.taken
    assert (got.json["type"], got.json["text"]) == ("message", "喊话器正在停止。")
    assert genuine(got)


async def test_the_card_is_told_in_the_receivers_language(
    sqlite_url: str, tmp_path: Path, platform: Receiver
) -> None:
    """As in every chat."""
    async with house(sqlite_url, tmp_path, hook(platform, language="en")) as shop:
        await shop.report()
        await shop.deliver(kinds=HOOKS)
    (got,) = platform.taken
    assert got.json["language"] == "en"
    assert got.json["names"]["hazard"] == "No hard hat"
    assert "State: Open" in got.json["text"]


async def test_nothing_secret_is_in_what_is_posted(shop: Workshop, platform: Receiver) -> None:
    """Neither the key of the signature nor the address."""
    await shop.report()
    await shop.deliver(kinds=HOOKS)
    (got,) = platform.taken
    assert SECRET not in json.dumps(got.json)
    assert all(SECRET not in value for value in got.headers.values())


async def test_many_changes_of_many_cases_keep_their_order(
    shop: Workshop, platform: Receiver
) -> None:
    """With a receiver that fails one time in three, whatever the interleaving."""
    platform.misbehave(*([500, None, None] * 20))
    courier = shop.courier(kinds=HOOKS)
    async with running(courier.run):
        for hazard in ("no_helmet", "no_vest", "speeding", "absence"):
            await shop.report(hazard=hazard, phase=Phase.EVENT, id=hazard)
        for verb in (Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.CLOSE):
            await asyncio.gather(*(shop.act(verb, case) for case in (1, 2, 3, 4)))

        async def all_told() -> bool:
            shop.now += 1000
            return len({got.json["id"] for got in platform.taken}) == 16

        await until(all_told)
    for case in (1, 2, 3, 4):
        assert list(dict.fromkeys(events(platform, case))) == [
            "opened",
            "acknowledged",
            "escalated",
            "closed",
        ]
