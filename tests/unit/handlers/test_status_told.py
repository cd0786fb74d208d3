"""`/status`: what does not work is named, what works costs no line, and nobody sees other sites."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.casework.canaries import Verdict, keep
from bot.casework.people import UNKNOWN
from bot.domain.actuator import Actuator
from bot.domain.message import ChatRef, Incoming
from bot.domain.secret import Secret
from bot.ports import Outgoing, Undelivered
from tests.support.chathouse import GROUP, OTHER_GROUP, ChatHouse, answers, chat_house

MINUTE = 60_000
STRANGE = ChatRef("telegram", "-1077")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[ChatHouse]:
    """A desk in a house where nobody listens to the horn at the gate."""

    async def silent() -> Mapping[str, str]:
        return {"gate-horn": "0 open speaker pages"}

    async def dark(ids: Collection[str]) -> Collection[str]:
        return {"siren"} & set(ids)

    async with chat_house(tmp_path, silent=silent, dark=dark) as running:
        yield running


async def status(house: ChatHouse, who: str = "wang", chat: ChatRef = GROUP) -> str:
    found = answers(await house.take(house.message("/status", who, chat=chat)))
    return str(found[-1]["text"])


async def test_speakers_that_are_silent_are_named(house: ChatHouse) -> None:
    """As those that are silent, in zh and en; a site sees its own only."""
    assert "喇叭 0/1 可用，不响的：大门喇叭" in await status(house)
    told = await status(house, chat=OTHER_GROUP)
    assert "speakers 1/1 ready" in told
    assert "大门喇叭" not in told


async def test_lights_that_do_not_do_as_they_are_told_are_named(house: ChatHouse) -> None:
    """Nothing is said of them where there are none."""
    assert "警灯" not in await status(house)
    url = Secret("http://127.0.0.1:1", listed=False)
    lights = (
        Actuator("siren", "yard-7", "冲压警报", url),
        Actuator("strobe", "yard-7", "冲压警灯", url),
        Actuator("far", "yard-8", "Far lamp", url),
    )
    people = house.core.people
    people.config = replace(people.config, actuators=lights)
    assert "警灯 1/2 正常，不听指挥的：冲压警报" in await status(house)
    assert "lights 1/1 ready" in await status(house, chat=OTHER_GROUP)


async def test_nobody_on_duty_is_a_warning_where_there_is_a_rota(house: ChatHouse) -> None:
    """Yard 7 has none, and is not told every time."""
    assert "值班" not in await status(house)
    assert "on duty: @" in await status(house, chat=OTHER_GROUP)


async def test_what_did_not_get_through_is_told_where_it_concerns(house: ChatHouse) -> None:
    """What waits for its turn is not; what was given up is, for a day."""
    late = house.now[0] - 5 * MINUTE
    rows = [Outgoing("text", GROUP.key, {"text": f"x{n}"}, late) for n in range(3)]
    async with house.store.begin() as tx:
        await tx.send(*rows, Outgoing("text", GROUP.key, {"text": "now"}, house.now[0]))
    told = await status(house)
    assert "4 条还没送出去" in told
    assert "not delivered" not in await status(house, chat=OTHER_GROUP)
    claimed = await house.store.claim(house.now[0], MINUTE, 10, kinds=["text"])
    (first,) = [row for row in claimed if row.payload["text"] == "x0"]
    async with house.store.begin() as tx:
        await tx.finish(first, "dead", {"outcome": "dead", "why": "kicked"}, house.now[0])
    told = await status(house)
    assert "3 条还没送出去" in told
    assert "1 条送不出去，已放弃" in told
    (dead,) = await house.store.undelivered(Undelivered(("dead",)))
    assert dead.id == first.id


async def test_the_last_test_of_delivery_is_for_those_who_oversee(house: ChatHouse) -> None:
    """A site lead has other things to read."""
    at = house.now[0]
    async with house.store.begin() as tx:
        await keep(tx, Verdict(at, "daily", True, 1.24, {}, at))
    assert "送达测试" in await status(house)
    assert "1.2 秒" in await status(house)
    assert "送达测试" not in await status(house, "li")
    async with house.store.begin() as tx:
        await keep(tx, Verdict(at, "daily", False, None, {"telegram:-1009": "kicked"}, at))
    assert "没到：telegram:-1009" in await status(house)


def spoken_in(house: ChatHouse, chat: ChatRef, title: str) -> Incoming:
    return house.message("/help", "nobody", chat=chat, title=title)


async def test_groups_that_nobody_has_named_are_noted(house: ChatHouse) -> None:
    """By id and title, once; those of the site file are not, and a flood of them ends."""
    await house.take(spoken_in(house, GROUP, "七号工地群"))
    await house.take(spoken_in(house, STRANGE, "夜班群"), spoken_in(house, STRANGE, "夜班群"))
    noted = await house.store.all_learned(UNKNOWN)
    assert {key: told["title"] for key, told in noted.items()} == {STRANGE.key: "夜班群"}
    for number in range(60):
        await house.take(spoken_in(house, ChatRef("telegram", f"-2{number:03}"), "x" * 200))
    noted = await house.store.all_learned(UNKNOWN)
    assert len(noted) == 50
    assert max(len(str(told["title"])) for told in noted.values()) == 80
