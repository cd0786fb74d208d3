"""Real clips through the real model and the whole core: which cases open, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.casework import Core, Intake, People, Timers
from bot.clock import epoch_ms
from bot.clockwork import Clockwork
from bot.domain.case import Case, Outcome, State
from bot.domain.response import response_table
from bot.domain.site import SiteConfig
from bot.ports import CaseFilter
from bot.seeing import VisionReports, camera_spec
from bot.sitefile import load_site
from bot.supervisor import Supervisor
from storage.database import open_database
from storage.models import SHIPPED
from storage.pictures import PictureFolder
from storage.store import SqlStore
from storage.wake import LocalWake
from tests.support.models import pulled
from vision.detector import OnnxDetector
from vision.replay import replay
from vision.violation import Violation

SITE = """
[[sites]]
id = "lab"
name = "Lab"

[[cameras]]
id = "hall"
site = "lab"
name = "Hall"
source = "push"
models = ["person-fall"]

[[cameras]]
id = "table"
site = "lab"
name = "Table"
source = "push"
models = ["person-fall"]
  [[cameras.zones]]
  id = "table"
  name = "Table"
  polygon = [[0.50, 0.75], [0.74, 0.75], [0.74, 1.0], [0.50, 1.0]]
  dwell = "0s"

[responses.zone_intrusion]
self_close_after = "2s"
cooldown = "0s"
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


LOOKS = 4.0
"""A second, as a camera is looked at by default."""


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    """The shipped model; 480 pixels find the same on these clips as 640, in less time."""
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes, longest=480)


@pytest.fixture(scope="module")
def quick() -> OnnxDetector:
    """On still smaller pictures, which find the same too, for the long clips."""
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes, longest=384)


@pytest.fixture
def config(tmp_path: Path) -> SiteConfig:
    file = tmp_path / "site.toml"
    file.write_text(SITE)
    return load_site(file, {})


async def cases_of(
    clip: Path,
    camera: str,
    config: SiteConfig,
    detector: OnnxDetector,
    folder: Path,
    looks: float = LOOKS,
) -> Sequence[Case]:
    """Every case that the clip makes on this camera, oldest first."""
    async with _core(config, folder) as (core, intake):
        reports = VisionReports(
            config, core.responses, intake, PictureFolder(folder / "pictures"), core.clock
        )
        seen = await asyncio.to_thread(_violations, clip, camera, config, detector, looks)
        for violation in seen:
            await reports.on_violation(violation)
            await reports.settled()
        found = await core.store.list_cases(CaseFilter(limit=100))
        return sorted(found, key=lambda case: case.number)


def _violations(
    clip: Path, camera: str, config: SiteConfig, detector: OnnxDetector, looks: float
) -> list[Violation]:
    configured = config.camera(camera)
    assert configured is not None
    spec = camera_spec(configured, config, response_table(config))
    spec = replace(spec, looks_per_second=looks, deciding_per_second=LOOKS)
    return [change.violation for change in replay(clip, spec, {"person-fall": detector})]


@asynccontextmanager
async def _core(config: SiteConfig, folder: Path) -> AsyncIterator[tuple[Core, Intake]]:
    async with open_database(f"sqlite://{folder / 'db.sqlite3'}") as database:
        wake = LocalWake()
        core = Core(SqlStore(database, wake), People(config), response_table(config), epoch_ms)
        intake = Intake(core)
        supervisor = Supervisor()
        supervisor.start("intake", intake.run)
        supervisor.start("clockwork", Clockwork(core, Timers(core), wake).run)
        try:
            yield core, intake
        finally:
            await supervisor.stop()


@pytest.mark.parametrize("clip", ["fall-forward.mp4", "fall-sideways.mp4"])
async def test_a_fall_opens_one_case_that_does_not_close_itself(
    shared: Path, config: SiteConfig, detector: OnnxDetector, tmp_path: Path, clip: str
) -> None:
    """The person lies there when the clip ends, and an emergency waits for people anyway."""
    cases = await cases_of(shared / "footage" / clip, "hall", config, detector, tmp_path)
    assert [(case.hazard, case.state) for case in cases] == [("fall", State.OPEN)]


@pytest.mark.long
async def test_who_walks_about_opens_nothing(
    shared: Path, config: SiteConfig, quick: OnnxDetector, tmp_path: Path
) -> None:
    clip = shared / "footage" / "walking.mp4"
    assert await cases_of(clip, "hall", config, quick, tmp_path) == []


async def test_who_bends_down_opens_nothing(
    shared: Path, config: SiteConfig, detector: OnnxDetector, tmp_path: Path
) -> None:
    """Three looks take it for lying: seconds count."""
    clip = shared / "footage" / "pick-up.mp4"
    assert await cases_of(clip, "hall", config, detector, tmp_path) == []


async def test_six_visits_are_six_cases_each_closed_by_itself(
    shared: Path, config: SiteConfig, quick: OnnxDetector, tmp_path: Path
) -> None:
    """One person after the other at the table, with gaps of 3 to 6 seconds."""
    clip = shared / "footage" / "one-by-one.mp4"
    cases = await cases_of(clip, "table", config, quick, tmp_path, looks=2.0)
    ends = [(case.hazard, case.state, case.outcome) for case in cases]
    assert ends == [("zone_intrusion", State.CLOSED, Outcome.SELF_CLOSED)] * 6
    assert all(case.people == 1 for case in cases)
