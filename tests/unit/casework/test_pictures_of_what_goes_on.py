"""A case that opens because a violation goes on shows that violation as it is then."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bot.domain.case import State
from bot.domain.command import Verb
from bot.seeing import VisionReports
from tests.support.cases import T0
from tests.support.scenes import Scene, camera, zone
from tests.support.workshop import Workshop, running
from vision.violation import Violation

IN = (0.25, 0.9)


class Eyes:
    """A camera with somebody in its zone, whose violations become reports."""

    def __init__(self, shop: Workshop) -> None:
        core = shop.core
        self._shop = shop
        self._scene = Scene(camera(zone()), step=1.0, at=T0 / 1000)
        self.reports = VisionReports(
            core.people.config,
            core.responses,
            shop.intake,
            shop.pictures,
            lambda: shop.now,
            lambda: shop.now / 1000,
        )

    async def watch(self, seconds: float) -> None:
        """Somebody stands there; every violation is reported at its time."""
        async with running(self._shop.intake.run):
            for violation in self._scene.play(seconds, IN):
                await self.hand_on(violation)

    async def hand_on(self, violation: Violation) -> None:
        self._shop.now = round(violation.last_seen * 1000)
        await self.reports.on_violation(violation)
        await self.reports.settled()


def kept(shop: Workshop, folder: Path) -> set[str]:
    return {file.name for file in (folder / "pictures").rglob("*.jpg")}


async def kinds(shop: Workshop, case: int) -> list[str]:
    return sorted(one.kind for one in await shop.store.snapshots(case))


async def test_a_case_that_opens_while_it_goes_on_has_a_picture(shop: Workshop) -> None:
    """Annotated, blurred for groups, and clean; of the moment of its opening."""
    eyes = Eyes(shop)
    await eyes.watch(5)
    assert await kinds(shop, 1) == ["annotated", "blurred", "clean"]
    await shop.act(Verb.CLOSE, reason="看过了")
    await eyes.watch(140)
    case = await shop.store.get_case(2)
    assert case is not None
    assert case.state is State.OPEN
    assert await kinds(shop, 2) == ["annotated", "blurred", "clean"]
    (shown,) = [one for one in await shop.store.snapshots(2) if one.kind == "annotated"]
    assert shown.at >= T0 + 120_000
    jpeg = await shop.pictures.get(shown.sha256)
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (360, 640, 3)


@pytest.mark.parametrize("verb", [None, Verb.FALSE_ALARM])
async def test_what_lasts_fills_no_disk(shop: Workshop, tmp_path: Path, verb: Verb | None) -> None:
    """Whether its case is open or was called a false alarm: no further pictures are kept."""
    eyes = Eyes(shop)
    await eyes.watch(5)
    if verb is not None:
        await shop.act(verb)
    before = kept(shop, tmp_path)
    assert before
    await eyes.watch(300)
    assert kept(shop, tmp_path) == before
    assert await shop.store.get_case(2) is None
