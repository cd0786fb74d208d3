"""A camera without pictures is a case, half a site's are one; pictures again close it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.domain.case import Case, Outcome, State
from bot.domain.site import Camera
from bot.ports import CaseFilter
from bot.watching.devices import DOWN_MS, STARTING_MS, Devices
from tests.support.databases import sqlite_url
from tests.support.workshop import CONFIG, Workshop, running, until, workshop
from vision.status import CameraStatus
from vision.status import State as Doing

__all__ = ["sqlite_url"]

SECOND = 1_000
FOUR = replace(CONFIG, cameras=tuple(Camera(f"cam-{n}", "yard-7", f"摄像头{n}") for n in range(4)))


class Yard:
    """Four cameras that do what they are told, and the watch over them."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self.doing: dict[str, str] = {camera.id: "live" for camera in FOUR.cameras}
        self.devices = self.started()

    def started(self) -> Devices:
        """A new watch, as after a start."""
        shop = self.shop
        return Devices(FOUR, shop.intake, shop.store, lambda: shop.now, self._status)

    def _status(self) -> Sequence[CameraStatus]:
        return [
            CameraStatus(camera, cast("Doing", state), None, 0.0, None)
            for camera, state in self.doing.items()
        ]

    async def wait(self, seconds: int) -> None:
        """Look once a second, and let the clocks run."""
        async with running(self.shop.intake.run):
            for _ in range(seconds):
                self.shop.now += SECOND
                await self.devices.look()
        self.shop.wake.ring("timers")
        async with running(self.shop.clockwork.run):

            async def served() -> bool:
                due = await self.shop.store.next_timer()
                return due is None or due > self.shop.now

            await until(served)

    async def cases(self) -> list[Case]:
        return sorted(await self.shop.store.list_cases(CaseFilter()), key=lambda one: one.number)

    async def told(self) -> list[tuple[str, str | None, State]]:
        return [(case.hazard, case.camera, case.state) for case in await self.cases()]


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Yard]:
    async with workshop(sqlite_url, tmp_path, FOUR) as shop:
        yield Yard(shop)


@pytest.mark.parametrize("state", ["failed", "stale"])
async def test_a_camera_that_fails_is_a_case_and_closes_itself(yard: Yard, state: str) -> None:
    """Unplugged, noticed; plugged in again, closed after its window; one case for it all."""
    yard.doing["cam-1"] = state
    await yard.wait(10)
    assert await yard.cases() == []
    await yard.wait(100)
    assert await yard.told() == [("device_offline", "cam-1", State.OPEN)]
    yard.doing["cam-1"] = "live"
    await yard.wait(70)
    (case,) = await yard.cases()
    assert (case.state, case.outcome) == (State.CLOSED, Outcome.SELF_CLOSED)


@pytest.mark.parametrize("state", ["ended", "starting", "live"])
async def test_what_is_no_fault_opens_nothing(yard: Yard, state: str) -> None:
    """A recording that is over, and a camera that waits for the first picture of its life."""
    yard.doing["cam-1"] = state
    await yard.wait(200)
    assert await yard.cases() == []


async def test_a_camera_that_gave_pictures_before_a_restart_and_none_since_is_a_case(
    yard: Yard,
) -> None:
    """It went while the program was down; the others are given time to come, too."""
    await yard.wait(2)
    yard.devices = yard.started()
    await yard.devices._take_up()
    yard.doing["cam-1"] = "starting"
    await yard.wait(STARTING_MS // SECOND - 1)
    assert await yard.cases() == []
    await yard.wait(DOWN_MS // SECOND)
    assert await yard.told() == [("device_offline", "cam-1", State.OPEN)]
    yard.doing["cam-1"] = "live"
    await yard.wait(70)
    assert await yard.told() == [("device_offline", "cam-1", State.CLOSED)]


async def test_a_moment_without_pictures_is_no_case(yard: Yard) -> None:
    """Each outage is counted by itself."""
    for _ in range(4):
        yard.doing["cam-1"] = "stale"
        await yard.wait(DOWN_MS // SECOND - 2)
        yard.doing["cam-1"] = "live"
        await yard.wait(2)
    assert await yard.cases() == []


async def test_half_a_sites_cameras_at_once_are_one_case(yard: Yard) -> None:
    """One cause, one card; it ends when most are back, and who stays away is told then."""
    yard.doing |= {"cam-0": "stale", "cam-1": "failed", "cam-2": "stale"}
    await yard.wait(60)
    assert await yard.told() == [("site_offline", None, State.OPEN)]
    yard.doing |= {"cam-0": "live", "cam-1": "live"}
    await yard.wait(70)
    assert await yard.told() == [
        ("site_offline", None, State.CLOSED),
        ("device_offline", "cam-2", State.OPEN),
    ]


async def test_cameras_that_fail_one_after_the_other_are_cases_of_their_own(yard: Yard) -> None:
    """Minutes apart there is no common cause to be told."""
    for camera in ("cam-0", "cam-1"):
        yard.doing[camera] = "failed"
        await yard.wait(90)
    assert [hazard for hazard, _, _ in await yard.told()] == ["device_offline"] * 2


async def test_a_case_from_before_the_start_is_ended_after_it(yard: Yard) -> None:
    """The camera came back while the program was down."""
    yard.doing["cam-1"] = "failed"
    await yard.wait(30)
    yard.devices = yard.started()
    await yard.devices._take_up()
    await yard.wait(30)
    assert len(await yard.cases()) == 1
    yard.doing["cam-1"] = "live"
    await yard.wait(70)
    assert await yard.told() == [("device_offline", "cam-1", State.CLOSED)]
