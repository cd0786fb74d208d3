"""The demo's own cameras: somebody walks into the zone, and later it is seen empty."""

from __future__ import annotations

import asyncio
import time
from itertools import takewhile
from pathlib import Path

import pytest

from storage.models import SHIPPED
from tests.support.models import pulled
from tests.support.patience import PATIENCE_S
from vision.detector import OnnxDetector
from vision.pipeline import Pipeline
from vision.sources import open_source
from vision.sources.pan import PERIOD_S, ZONE
from vision.specs import CameraSpec, ZoneSpec
from vision.violation import Violation
from vision.watch import Vision

pytestmark = pytest.mark.slow


def violations(source: str, seconds: float, zone: ZoneSpec | None = None) -> list[Violation]:
    detector = OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes)
    spec = CameraSpec("demo", source, zones=(zone,) if zone else ())
    pipeline = Pipeline(spec, {"person-fall": detector})
    frames = open_source(source, "demo", start=0.0).frames(lambda: 2.0)
    short = takewhile(lambda frame: frame.captured_at < seconds, frames)
    return [v for frame in short for v in pipeline.take(frame)]


def test_the_street_picture_tells_the_whole_story() -> None:
    """Within ten seconds somebody is in the zone, later the zone is seen empty."""
    street = pulled("sample-street")
    zone = ZoneSpec("pavement", "zone_intrusion", ZONE, dwell_s=1.0)
    said = violations(f"pan:{street}", PERIOD_S, zone)
    (start, end) = [v for v in said if v.phase != "continue"]
    assert (start.phase, end.phase, end.because) == ("start", "end", "rectified")
    assert start.last_seen < 10
    assert end.last_seen < 16
    assert end.people == 0
    assert {v.hazard for v in said} == {"zone_intrusion"}


def test_the_cyclists_fall_for_nobody() -> None:
    """The second camera shows life and raises no fall."""
    assert violations(str(pulled("sample-bikes")), 10) == []


def _all_pulled() -> list[Path]:
    return [pulled(name) for name in ("person-fall", "sample-street", "sample-bikes")]


async def test_the_loop_stays_quick_while_the_model_works() -> None:
    """Two cameras, the real detector, real time: the loop's own thread has little to do in a turn.

    Its processor time is measured; what other programs of the machine do is no matter.
    """
    heard: list[Violation] = []

    async def hear(violation: Violation) -> None:
        heard.append(violation)

    model, street, bikes = await asyncio.to_thread(_all_pulled)
    classes = SHIPPED["person-fall"].classes
    detector = await asyncio.to_thread(OnnxDetector, model, classes)
    zone = ZoneSpec("pavement", "zone_intrusion", ZONE, dwell_s=1.0)
    cameras = [
        CameraSpec("street", f"pan:{street}", zones=(zone,)),
        CameraSpec("bikes", str(bikes), loop=True),
    ]
    vision = Vision(cameras, {"person-fall": detector}, hear)
    await vision.start()
    busy: list[float] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not heard or len(busy) < 400:
                began = time.thread_time()
                await asyncio.sleep(0.01)
                busy.append(time.thread_time() - began)
    finally:
        await vision.stop()
    busy.sort()
    assert heard[0].phase == "start"
    assert {status.state for status in vision.status()} <= {"live", "ended"}
    assert busy[len(busy) * 99 // 100] < 0.1
