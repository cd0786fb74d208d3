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

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="session")
def person_fall() -> OnnxDetector:
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes)


@pytest.fixture(scope="session")
def quick() -> OnnxDetector:
    """The same model on smaller pictures, for the long clips: quicker, the same findings."""
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes, longest=384)


def changes(file: Path, detector: OnnxDetector, *zones: ZoneSpec) -> list[Change]:
    spec = CameraSpec("cam", "push", zones=zones, looks_per_second=4.0, deciding_per_second=4.0)
    return list(replay(file, spec, {"person-fall": detector}))


def told(found: Sequence[Change]) -> list[tuple[str, str, str | None]]:
    return [(change.hazard, change.phase, change.violation.because) for change in found]


@pytest.mark.long
def test_lying_since_before_is_no_fall(shared: Path, quick: OnnxDetector) -> None:
    """Who has not been seen standing has not been seen falling."""
    assert told(changes(shared / "footage" / "lying.mp4", quick)) == []


def test_a_worker_in_a_taped_zone(shared: Path, person_fall: OnnxDetector) -> None:
    """A GIF, a site, a hard hat: the worker walks in and is found."""
    zone = ZoneSpec("taped", "zone_intrusion", ((0, 0.3), (1, 0.3), (1, 1), (0, 1)))
    found = changes(shared / "footage" / "worker-zone.gif", person_fall, zone)
    assert told(found)[0] == ("zone_intrusion", "start", None)
