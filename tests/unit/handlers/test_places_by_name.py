"""Which horn, camera or light is meant, where several could be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.casework.people import MUTE
from bot.domain.actuator import Actuator
from bot.domain.role import Role
from bot.domain.secret import Secret
from tests.support.chathouse import BOTH_SITES, ChatHouse, answers

pytestmark = pytest.mark.asyncio(loop_scope="module")


@contextmanager
def configured(house: ChatHouse, **keys: Any) -> Iterator[None]:
    """With a site file that says otherwise."""
    before = house.core.people.config
    house.core.people.config = replace(before, **keys)
    try:
        yield
    finally:
        house.core.people.config = before


async def test_a_name_that_two_horns_bear_is_asked_for(house: ChatHouse) -> None:
    """Nothing sounds on another site; the ids that the answer gives work."""
    config = house.core.people.config
    twin = replace(config.speakers[0], id="far-horn", site="yard-8", cameras=())
    with configured(house, speakers=(*config.speakers, twin)):
        rows = await house.says("喊话 大门喇叭 请让一让", chat=BOTH_SITES)
        assert "gate-horn (七号工地)、far-horn (八号工地)" in answers(rows)[0]["text"]
        assert not [row for row in rows if row.kind == "announce"]
        assert "“喊话 gate-horn 内容”" in await house.told("/say gate-horn", chat=BOTH_SITES)
        rows = await house.says("喊话 far-horn 请让一让", "wang", chat=BOTH_SITES)
        assert [row.target for row in rows if row.kind == "announce"] == ["far-horn"]
        rows = await house.says("喊话 大门喇叭 请让一让")
        assert [row.target for row in rows if row.kind == "announce"] == ["gate-horn"]


async def test_a_place_that_two_sites_have_is_asked_for(house: ChatHouse) -> None:
    """Every site has a gate."""
    config = house.core.people.config
    camera = replace(config.cameras[0], id="far-gate", site="yard-8")
    twin = replace(
        config.speakers[0], id="far-horn", name="远处", site="yard-8", cameras=("far-gate",)
    )
    with configured(house, cameras=(*config.cameras, camera), speakers=(*config.speakers, twin)):
        rows = await house.says("喊话 大门 请让一让", chat=BOTH_SITES)
        assert "gate-horn (七号工地)、far-horn (八号工地)" in answers(rows)[0]["text"]
        assert not [row for row in rows if row.kind == "announce"]


@pytest.mark.parametrize("called", ["宿舍", "宿舍喇叭", "dorm", "Dorm HORN"])
async def test_a_horn_is_called_without_the_word_for_what_it_is(
    house: ChatHouse, called: str
) -> None:
    """Nobody says 喇叭 to a horn."""
    config = house.core.people.config
    dorm = replace(
        config.speakers[0], id="sip-3", name="宿舍喇叭", aliases=("Dorm horn",), cameras=()
    )
    with configured(house, speakers=(*config.speakers, dorm)):
        rows = await house.says(f"/say {called} 请让一让")
        (spoken,) = [row for row in rows if row.kind == "announce"]
        assert (spoken.target, spoken.payload["text"]) == ("sip-3", "请让一让")


async def test_a_mute_of_a_name_that_two_cameras_bear_is_asked_for(house: ChatHouse) -> None:
    """The wrong gate would be silent for hours."""
    config = house.core.people.config
    camera = replace(config.cameras[0], id="far-gate", site="yard-8")
    with configured(house, cameras=(*config.cameras, camera)):
        for words in ("静音 大门 30分钟", "/snapshot 大门"):
            told = await house.told(words, "wang", chat=BOTH_SITES)
            assert "gate (七号工地)、far-gate (八号工地)" in told
        assert await house.store.all_learned(MUTE) == {}
        await house.told("静音 far-gate 30分钟", "wang", chat=BOTH_SITES)
        assert list(await house.store.all_learned(MUTE)) == ["far-gate"]
        await house.told("取消静音 far-gate", "wang", chat=BOTH_SITES)


async def test_a_light_of_a_name_that_two_bear_is_asked_for(house: ChatHouse) -> None:
    """No siren of another site goes off."""
    config = house.core.people.config
    members = [replace(one, role=Role.ADMIN) if one.id == "wang" else one for one in config.members]
    url = Secret("mqtt://127.0.0.1/x", listed=False)
    lights = (Actuator("red", "yard-7", "红灯", url), Actuator("far-red", "yard-8", "红灯", url))
    with configured(house, members=tuple(members), actuators=lights):
        rows = await house.says("/警灯 红灯", "wang", chat=BOTH_SITES)
        assert "red (七号工地)、far-red (八号工地)" in answers(rows)[0]["text"]
        assert {row.kind for row in rows} == {"text"}
        rows = await house.says("/警灯 far-red", "wang", chat=BOTH_SITES)
        assert {row.target for row in rows if row.kind == "switch_on"} == {"far-red"}
