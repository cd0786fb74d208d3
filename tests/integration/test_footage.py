"""Real clips through the real model: what is a fall, what is an intrusion, and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from storage.models import SHIPPED
from tests.support.models import pulled
from vision.detector import OnnxDetector
from vision.replay import Change, replay
from vision.specs import CameraSpec, ZoneSpec

TABLE = ((0.50, 0.75), (0.74, 0.75), (0.74, 1.0), (0.50, 1.0))
"""The floor before the table in one-by-one.mp4, where visitors stand."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="session")
def person_fall() -> OnnxDetector:
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes)


@pytest.fixture(scope="session")
def quick() -> OnnxDetector:
    """The same model on smaller pictures, for the long clips: half the time, the same findings."""
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes, longest=480)


def changes(file: Path, detector: OnnxDetector, *zones: ZoneSpec) -> list[Change]:
    spec = CameraSpec("cam", "push", zones=zones, looks_per_second=4.0, deciding_per_second=4.0)
    return list(replay(file, spec, {"person-fall": detector}))


def told(found: Sequence[Change]) -> list[tuple[str, str, str | None]]:
    return [(change.hazard, change.phase, change.violation.because) for change in found]


@pytest.mark.parametrize("clip", ["fall-forward.mp4", "fall-sideways.mp4"])
def test_a_fall_is_found_once(shared: Path, person_fall: OnnxDetector, clip: str) -> None:
    """One start; the person still lies there when the clip ends."""
    found = changes(shared / "footage" / clip, person_fall)
    assert told(found) == [("fall", "start", None), ("fall", "end", "source_down")]
    shot = found[0].violation.best
    assert shot is not None
    assert "fallen" in shot.boxes.class_name


def test_bending_down_is_no_fall(shared: Path, person_fall: OnnxDetector) -> None:
    """Three looks at four a second show it lying; seconds count."""
    assert told(changes(shared / "footage" / "pick-up.mp4", person_fall)) == []


@pytest.mark.parametrize("clip", ["walking.mp4", "lying.mp4"])
def test_what_is_no_fall(shared: Path, quick: OnnxDetector, clip: str) -> None:
    """Walking about, and lying there since before the camera looked."""
    assert told(changes(shared / "footage" / clip, quick)) == []


def test_six_visits_to_the_table(shared: Path, quick: OnnxDetector) -> None:
    """Six people one after the other, 3 to 6 s apart: six violations, each seen rectified."""
    table = ZoneSpec("table", "zone_intrusion", TABLE, clear_after_s=2.0)
    found = changes(shared / "footage" / "one-by-one.mp4", quick, table)
    pair = [("zone_intrusion", "start", None), ("zone_intrusion", "end", "rectified")]
    assert told(found) == pair * 6
    assert [change.violation.people for change in found] == [1, 0] * 6
    assert len({change.violation.key for change in found}) == 6


def test_a_worker_in_a_taped_zone(shared: Path, person_fall: OnnxDetector) -> None:
    """A GIF, a site, a hard hat: the worker walks in and is found."""
    zone = ZoneSpec("taped", "zone_intrusion", ((0, 0.3), (1, 0.3), (1, 1), (0, 1)))
    found = changes(shared / "footage" / "worker-zone.gif", person_fall, zone)
    assert told(found)[0] == ("zone_intrusion", "start", None)
