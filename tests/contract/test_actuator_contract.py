"""What every kind of actuator does and reports, at real receivers: an HTTP relay board, a device
behind a real MQTT broker, an ONVIF camera."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from bot.ports import CONFIRMED, REFUSED, SENT, UNREACHABLE
from bot.sitefile.address import ACTUATOR_SCHEMES
from tests.support.lamps import PASSWORD, RIGS, Rig

PROMISED_S = 10.0


@pytest.fixture(params=sorted(RIGS))
async def rig(request: pytest.FixtureRequest) -> AsyncGenerator[Rig]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(RIGS[request.param](stack))
        yield made
        for port in (made.port, made.stranger, made.blind, made.nobody, made.mute):
            await port.close()


def test_every_kind_of_address_has_a_rig() -> None:
    """A kind without a rig would be a kind without a contract."""
    assert {scheme.removesuffix("s") for scheme in ACTUATOR_SCHEMES} == set(RIGS)


async def test_on_and_off_are_done_and_confirmed_by_the_lamp_itself(rig: Rig) -> None:
    on = await rig.port.switch(True)
    assert (on.outcome, on.on, rig.lamp.lit) == (CONFIRMED, True, True), on
    off = await rig.port.switch(False)
    assert (off.outcome, off.on, rig.lamp.lit) == (CONFIRMED, False, False), off


async def test_the_same_order_twice_is_as_good_as_once(rig: Rig) -> None:
    for _ in range(2):
        assert (await rig.port.switch(True)).outcome == CONFIRMED
    assert rig.lamp.orders == ["on", "on"]


async def test_a_lamp_that_says_yes_and_stays_dark_is_not_confirmed(rig: Rig) -> None:
    rig.lamp.stuck = True
    ended = await rig.port.switch(True)
    assert (ended.outcome, rig.lamp.orders) == (REFUSED, ["on"]), ended
    assert ended.detail


async def test_a_lamp_whose_state_nothing_tells_was_only_sent_the_order(rig: Rig) -> None:
    ended = await rig.blind.switch(True)
    assert (ended.outcome, ended.on) == (SENT, None), ended
    async with asyncio.timeout(PROMISED_S):
        while not rig.lamp.lit:  # a broker's yes comes before the device hears of it
            await asyncio.sleep(0.01)


async def test_a_wrong_password_is_refused_and_switches_nothing(rig: Rig) -> None:
    for ended in (await rig.stranger.switch(True), await rig.stranger.look()):
        assert ended.outcome == REFUSED, ended
        assert "password" in ended.detail
        assert PASSWORD not in ended.detail
    assert rig.lamp.orders == []


async def test_nobody_there_is_unreachable(rig: Rig) -> None:
    for ended in (await rig.nobody.switch(True), await rig.nobody.look()):
        assert (ended.outcome, bool(ended.detail)) == (UNREACHABLE, True), ended


async def test_who_takes_the_call_and_says_nothing_is_unreachable_in_time(rig: Rig) -> None:
    began = time.monotonic()
    ended = await rig.mute.switch(True)
    assert ended.outcome == UNREACHABLE, ended
    assert time.monotonic() - began < PROMISED_S


async def test_a_lamp_that_falls_silent_is_unreachable_and_comes_back(rig: Rig) -> None:
    rig.lamp.silent = True
    assert (await rig.port.switch(True)).outcome == UNREACHABLE
    rig.lamp.silent = False
    assert (await rig.port.switch(True)).outcome == CONFIRMED


async def test_a_look_tells_the_state_and_changes_nothing(rig: Rig) -> None:
    for lit in (False, True):
        rig.lamp.lit = lit
        looked = await rig.port.look()
        assert (looked.outcome, looked.on) == (CONFIRMED, lit), looked
    assert rig.lamp.orders == []


async def test_a_look_where_nothing_tells_the_state_finds_somebody_there(rig: Rig) -> None:
    looked = await rig.blind.look()
    assert (looked.outcome, looked.on, rig.lamp.orders) == (SENT, None, []), looked


async def test_an_order_that_is_cut_short_leaves_the_next_one_whole(rig: Rig) -> None:
    """Cancelling, as a stop does, neither hangs nor breaks what comes after."""
    task = asyncio.create_task(rig.port.switch(True))
    await asyncio.sleep(0.01)
    task.cancel()
    async with asyncio.timeout(PROMISED_S):
        await asyncio.wait([task])
    assert (await rig.port.switch(False)).outcome == CONFIRMED
    assert not rig.lamp.lit


async def test_closing_twice_is_no_fault(rig: Rig) -> None:
    await rig.port.switch(True)
    await rig.port.close()
    await rig.port.close()
