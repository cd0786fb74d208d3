"""A hundred alarms at once: what goes out alone, what is gathered, and that it all stays true."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.command import Verb
from bot.domain.error import Rejected, RetryLater, Uncertain
from bot.domain.hazard import Severity
from bot.domain.message import Picture
from bot.domain.report import Shot
from bot.domain.response import Override, response_table
from bot.ports import Digest
from tests.support.cases import T0
from tests.support.pictures import jpeg
from tests.support.workshop import CONFIG, GROUP, WANG, Message, Workshop, running, workshop

LIMIT = 20


@pytest.fixture
async def town(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """A workshop whose group takes twenty messages a minute."""
    chats = tuple(
        replace(chat, messages_per_minute=LIMIT) if chat.channel == "telegram" else chat
        for chat in CONFIG.chats
    )
    async with workshop(sqlite_url, tmp_path, replace(CONFIG, chats=chats)) as shop:
        yield shop


async def alarms(shop: Workshop, many: int, *, first: int = 0, **changes: object) -> None:
    """So many reports, each of a place of its own."""
    async with running(shop.intake.run):
        for n in range(first, first + many):
            await shop.intake.report(shop.a_report(id=f"r{n}", zone=f"z{n}", **changes))


def messages(shop: Workshop) -> list[Message]:
    return list(shop.telegram.messages.values())


def digests(shop: Workshop) -> list[Message]:
    return [one for one in messages(shop) if one.post.text.startswith("📋")]


def numbers(*shown: Message) -> list[int]:
    """The cases that messages name."""
    return [int(n) for one in shown for n in re.findall(r"#(\d+)", one.post.text)]


async def digest_of(shop: Workshop, case: int) -> Digest:
    copies = await shop.store.digest_copies(case)
    assert copies, f"#{case} is in no digest"
    found = await shop.store.get_digest(copies[-1].digest or 0)
    assert found is not None
    return found


async def test_a_few_cards_go_alone(town: Workshop) -> None:
    """No digest while the chat is calm: half of what it takes is left."""
    await alarms(town, 5)
    await town.deliver()
    assert sorted(numbers(*messages(town))) == [1, 2, 3, 4, 5]
    assert digests(town) == []


async def test_a_hundred_cases_are_all_shown_in_few_messages(town: Workshop) -> None:
    """Each once, as its own card or as a line; there is room left for what is urgent."""
    await alarms(town, 100)
    await town.deliver()
    town.now += 1_500
    await town.deliver()
    assert len(messages(town)) <= LIMIT - 2
    assert len(digests(town)) >= 3
    cards = [one for one in messages(town) if one not in digests(town)]
    lines = numbers(*digests(town))
    assert sorted(set(lines) | set(numbers(*cards))) == list(range(1, 101))
    for message in messages(town):
        assert len(message.post.text.encode("utf-16-le")) // 2 <= 1024


async def test_alarms_that_come_one_by_one_are_all_told_within_their_minute(town: Workshop) -> None:
    """None ever meets another that waits; still the last places of the minute are not cards."""
    for n in range(60):
        await alarms(town, 1, first=n)
        await town.deliver()
    town.now += 1_500
    await town.deliver()
    cards = [one for one in messages(town) if one not in digests(town)]
    assert sorted(set(numbers(*digests(town), *cards))) == list(range(1, 61))
    assert len(cards) < LIMIT / 2
    assert len(messages(town)) <= LIMIT - 4, "what is kept for emergencies is free"


async def test_a_serious_alarm_rings_where_the_digest_came_silently(town: Workshop) -> None:
    """An edit of it would ring nobody; in a message that rang there is place for more."""
    for n in range(11):
        await alarms(town, 1, first=n)
        await town.deliver()
    assert digests(town)[-1].post.silent
    for place in ("pit", "shaft", "gate"):
        await town.report(id=place, hazard="zone_intrusion", zone=place)
        await town.deliver()
    loud = [one for one in messages(town) if not one.post.silent]
    assert len(loud) == 1
    town.now += 1_500
    await town.deliver()
    assert numbers(*loud) == [12, 13, 14]


@pytest.mark.parametrize("over", [False, True])
async def test_a_card_that_may_have_arrived_joins_no_digest(town: Workshop, over: bool) -> None:
    """A line would tell it a second time and not say so; also when it is over meanwhile."""
    town.telegram.faults.append(Uncertain("the answer was lost"))
    await alarms(town, 1)
    await town.deliver()
    if over:
        await town.act(Verb.CLOSE, reason="已整改")
    town.now += 100
    await alarms(town, 30, first=1)
    await town.deliver()
    assert digests(town)
    for _ in range(3):
        town.now += 61_000
        await town.deliver()
    assert 1 not in numbers(*digests(town))
    first, second = [one for one in messages(town) if re.search(r"#1\b", one.post.text)]
    assert "可能重复" not in first.history[0]
    assert "可能重复" in second.history[0]


async def test_an_emergency_never_waits_for_a_storm(town: Workshop) -> None:
    """It has a card of its own, and the place for it was kept."""
    await alarms(town, 60)
    await town.deliver()
    await town.report(id="fall", hazard="fall", zone="pit")
    await town.deliver()
    assert messages(town)[-1].post.text.startswith("🔴")


async def test_what_comes_later_joins_the_digest_by_an_edit(town: Workshop) -> None:
    """No further message; after a calm minute a case has its own card again."""
    await alarms(town, 20)
    await town.deliver()
    many = len(messages(town))
    await alarms(town, 2, first=20)
    await town.deliver()
    town.now += 1_500
    await town.deliver()
    assert len(messages(town)) == many
    assert {21, 22} <= set(numbers(*digests(town)))
    town.now += 61_000
    await alarms(town, 1, first=22)
    await town.deliver()
    assert numbers(messages(town)[-1]) == [23]


async def test_a_digest_tells_the_end_of_its_cases(town: Workshop) -> None:
    """A line says what its case's card would say of the state; over, it offers no buttons."""
    await alarms(town, 30)
    await town.deliver()
    digest = await digest_of(town, 25)
    for number in digest.cases:
        await town.act(Verb.CLOSE, number, reason="已整改")
    town.now += 1_500
    await town.deliver()
    (copy,) = [c for c in await town.store.digest_copies(25) if c.digest == digest.id]
    shown = town.telegram.messages[copy.message_id].post
    assert f"已关闭 {len(digest.cases)}" in shown.text
    assert shown.text.count("已关闭（已整改）") == len(digest.cases)
    assert shown.buttons == ()


async def test_a_case_that_becomes_graver_gets_its_own_card(town: Workshop) -> None:
    """Where it was only a line before; the line stays."""
    await alarms(town, 30)
    await town.deliver()
    case = await town.store.get_case(25)
    assert case is not None
    graver = replace(CONFIG, responses={"no_helmet": Override(severity=Severity.SERIOUS)})
    town.core.responses = response_table(graver)
    await town.report(id="worse", zone=case.zone)
    await town.deliver()
    card, told = messages(town)[-2:]
    assert card.post.text.startswith("🟠")
    assert (numbers(card), told.reply_to) == ([25], card.id)
    assert 25 in (await digest_of(town, 25)).cases


async def test_a_card_on_request_comes_once(town: Workshop) -> None:
    """Asked again, the answer points to it."""
    await alarms(town, 30)
    await town.deliver()
    many = len(messages(town))
    await town.act(Verb.CARD, 25, chat=GROUP)
    await town.deliver()
    assert len(messages(town)) == many + 1
    assert messages(town)[-1].post.text.startswith("🟡")
    assert numbers(messages(town)[-1]) == [25]
    await town.act(Verb.CARD, 25, chat=GROUP)
    await town.deliver()
    assert messages(town)[-1].reply_to == messages(town)[-2].id


async def test_a_digest_carries_the_picture_of_the_gravest(town: Workshop) -> None:
    """Of those that have one."""
    clear = Picture(jpeg(32, 24), "a" * 64)
    await alarms(town, 12)
    await alarms(town, 12, first=12, shot=Shot(annotated=clear))
    sha = await town.pictures.put(clear.jpeg)
    assert sha
    await town.deliver()
    assert digests(town)


async def test_a_digest_that_may_have_arrived_comes_again_and_says_so(town: Workshop) -> None:
    """Both are ours: the known one is edited, the other is adopted when somebody presses it."""
    await alarms(town, 6)
    await town.deliver()
    await alarms(town, 9, first=6)
    town.telegram.faults.append(Uncertain("cut"))
    await town.deliver()
    town.now += 30_000
    await town.deliver()
    shown = [one for one in digests(town) if "可能重复" in one.history[0]]
    assert len(shown) == 1
    ghost = next(one for one in digests(town) if one is not shown[0])
    digest = await digest_of(town, numbers(ghost)[0])
    async with town.store.begin() as tx:
        await tx.add_digest_copy(digest.id, GROUP, ghost.id, False, 0, town.now)
    await town.act(Verb.CLOSE, digest.cases[0], reason="好了")
    town.now += 1_500
    await town.deliver()
    assert all("已关闭 1" in one.post.text for one in (ghost, shown[0]))


async def test_the_pace_holds_over_a_restart_in_the_middle(town: Workshop) -> None:
    """What became a line of a digest was no message, and is not counted as one."""
    await alarms(town, 40)
    await town.deliver()
    await alarms(town, 60, first=40)
    await town.deliver()
    town.now += 5_000
    await town.deliver()
    assert len(messages(town)) <= LIMIT
    assert set(numbers(*messages(town))) == set(range(1, 101))


@pytest.mark.parametrize("fault", [RetryLater("429", 7.0), Rejected("no")])
async def test_a_digest_that_fails_loses_no_line(town: Workshop, fault: Exception) -> None:
    """Limited, it comes later; refused for good, it is a dead letter and the next cases go on."""
    await alarms(town, 6)
    await town.deliver()
    town.telegram.faults.append(fault)  # type: ignore[arg-type]  # both are faults of delivery
    await alarms(town, 14, first=6)
    await town.deliver()
    town.now += 7_000
    await alarms(town, 4, first=20)
    await town.deliver()
    town.now += 2_000
    await town.deliver()
    if isinstance(fault, RetryLater):
        assert set(numbers(*messages(town))) == set(range(1, 25))
        return
    dead = [row for row in await town.store.undelivered() if row.state == "dead"]
    assert [row.kind for row in dead] == ["digest"]
    assert {21, 22, 23, 24} <= set(numbers(*messages(town)))


async def test_after_an_outage_what_is_over_comes_as_one_message(town: Workshop) -> None:
    """Live cases have cards of their own; those that ended meanwhile are lines of a digest."""
    town.telegram.faults.extend([RetryLater("away")] * 6)
    await alarms(town, 6)
    await town.deliver()
    for number in (1, 2, 3, 4, 5):
        await town.act(Verb.CLOSE, number, actor=WANG, reason="好了")
    town.telegram.faults.clear()
    town.now = T0 + 121_000
    await town.deliver()
    (digest,) = digests(town)
    assert sorted(numbers(digest)) == [1, 2, 3, 4, 5]
    cards = [one for one in messages(town) if one is not digest]
    assert 6 in numbers(*cards)


async def test_a_hundred_clocks_that_run_out_fill_no_chat(town: Workshop) -> None:
    """Nobody acknowledged any of them: few messages name all of them, and call whose turn it is."""
    await alarms(town, 60)
    await town.deliver()
    town.now += 10 * 60_000 + 1_000
    begun = len(messages(town))
    for timer in await town.store.due_timers(town.now, 500):
        await town.timers.due(timer)
    await town.deliver()
    town.now += 61_000
    await town.deliver()
    calls = [one for one in messages(town)[begun:] if one.post.text.startswith("⬆️")]
    assert len(calls) <= 20
    assert sorted(numbers(*calls)) == list(range(1, 61))
    assert all([mention.name for mention in one.post.mentions] == ["李工"] for one in calls)
    (entry,) = [
        row.entry
        for row in await town.store.history(60)
        if row.entry.event == "delivery" and row.entry.data["kind"] == "text"
    ]
    assert entry.data["outcome"] in ("gathered", "delivered")
