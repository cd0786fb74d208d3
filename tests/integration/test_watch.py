"""The cameras of a site from the loop's side: threads start, look, hand over and end."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.patience import PATIENCE_S, until
from tests.support.scenes import Scripted, camera, people, picture, zone
from vision.detection import Detections
from vision.errors import PictureUnreadable, SourceError, SpecError
from vision.frame import Frame
from vision.handover import Handover
from vision.pipeline import Pipeline
from vision.specs import CameraSpec
from vision.violation import Key, Violation
from vision.watch import Vision

IN, OUT = people((0.25, 0.9)), people((0.75, 0.9))


def jpeg(brightness: int = 60) -> bytes:
    return cv2.imencode(".jpg", picture(brightness))[1].tobytes()


@asynccontextmanager
async def watching(
    *cameras: CameraSpec,
    detector: Scripted,
    live: tuple[Key, ...] = (),
    paced: bool = True,
    workers: int = 0,
) -> AsyncIterator[tuple[Vision, list[Violation]]]:
    heard: list[Violation] = []

    async def hear(violation: Violation) -> None:
        heard.append(violation)

    vision = Vision(cameras, {"person-fall": detector}, hear, paced=paced, workers=workers)
    await vision.start(live)
    try:
        yield vision, heard
    finally:
        await vision.stop()


async def feed(vision: Vision, detector: Scripted, at: float, looks: int, bright: int = 0) -> float:
    """Push frames one by one, each only after the one before was looked at."""
    for n in range(looks):
        before = detector.looks
        assert await vision.push("gate", jpeg((60 * n + bright) % 250), at)
        await until(lambda: detector.looks > before)  # noqa: B023  awaited at once
        at += 0.25
    return at


async def test_pushed_pictures_become_violations() -> None:
    """Start, continue and end arrive on the loop, in order, with their pictures."""
    detector = Scripted(IN)
    async with watching(camera(zone()), detector=detector) as (vision, heard):
        at = await feed(vision, detector, 1000.0, 8)
        detector.said = OUT
        await feed(vision, detector, at, 12)
        await until(lambda: heard and heard[-1].phase == "end")
    assert [v.phase for v in heard] == ["start", "continue", "end"]
    assert heard[0].best is not None
    assert heard[-1].because == "rectified"


async def test_threads_end_with_stop() -> None:
    """Nothing leaks, and stopping ends no violation: after a restart they are taken up again."""
    before = set(threading.enumerate())
    detector = Scripted(IN)
    async with watching(camera(zone()), detector=detector) as (vision, heard):
        await feed(vision, detector, 1000.0, 3)
        await until(lambda: heard)
        assert {"camera-gate", "looker-0"} <= {t.name for t in threading.enumerate()}
    left = {t for t in threading.enumerate() if t.name.startswith(("camera-", "looker"))} - before
    assert not left
    assert [v.phase for v in heard] == ["start"]


async def test_live_keys_are_resumed() -> None:
    """What lasted before the restart is continued under its old key."""
    key = Key("gate", "pit", "zone_intrusion", "track-9")
    detector = Scripted(IN)
    async with watching(camera(zone()), detector=detector, live=(key,)) as (vision, heard):
        await feed(vision, detector, 1000.0, 2)
        await until(lambda: heard)
    assert (heard[0].phase, heard[0].key) == ("continue", key)


async def test_snapshots_and_frames_of_a_moment() -> None:
    """The newest, the nearest, and None where there is none."""
    detector = Scripted()
    async with watching(camera(), detector=detector) as (vision, _):
        assert vision.snapshot("gate") is None
        await feed(vision, detector, 1000.0, 9)
        newest, near = vision.snapshot("gate"), vision.frame_near("gate", 1000.6)
        assert newest is not None
        assert near is not None
        assert newest[1] == 1002.0
        assert near[1] == 1000.5
        assert vision.frame_near("gate", 2000) is None
        assert vision.snapshot("nowhere") is None


async def test_an_unreadable_source_shows_and_disturbs_nobody() -> None:
    """The others go on; the status says what is wrong with which file."""
    detector = Scripted(IN)
    broken = CameraSpec("yard", "/nowhere/clip.mp4")
    async with watching(broken, camera(zone()), detector=detector) as (vision, heard):
        await until(lambda: vision.status()[0].state == "failed")
        assert "/nowhere/clip.mp4" in (vision.status()[0].reason or "")
        await feed(vision, detector, 1000.0, 2)
        await until(lambda: heard)
        status = vision.status()[1]
    assert (status.state, status.reason) == ("live", None)
    assert status.looks_per_second > 0
    assert status.frame_age_s is not None


async def test_a_file_that_ends_says_source_down(tmp_path: Path) -> None:
    """The end of a recording is no proof that the hazard is gone."""
    cv2.imwrite(str(tmp_path / "still.png"), picture())
    spec = camera(zone(), source=str(tmp_path / "still.png"))
    async with watching(spec, detector=Scripted(IN), paced=False) as (vision, heard):
        await until(lambda: heard and heard[-1].phase == "end")
        assert vision.status()[0].state == "ended"
    assert heard[-1].because == "source_down"


async def test_recorded_sources_keep_real_time(tmp_path: Path) -> None:
    """A file is played at its own pace, not as fast as it decodes."""
    cv2.imwrite(str(tmp_path / "still.png"), picture())
    detector = Scripted(IN)
    spec = camera(zone(), source=str(tmp_path / "still.png"), looks_per_second=4.0)
    began = time.time()
    async with watching(spec, detector=detector) as (_, heard):
        await until(lambda: detector.looks >= 4)
    assert time.time() - began >= 0.4
    assert heard[0].first_seen >= began - 0.01


async def test_a_camera_that_sends_nothing_any_more_goes_stale() -> None:
    """Its violations end unproved, and go on when it is back."""
    detector = Scripted(IN)
    async with watching(camera(zone(), stale_after_s=0.3), detector=detector) as (vision, heard):
        at = await feed(vision, detector, 1000.0, 3)
        await until(lambda: vision.status()[0].state == "stale")
        await until(lambda: heard[-1].phase == "end")
        assert heard[-1].because == "source_down"
        await feed(vision, detector, at + 60, 2, bright=30)
        await until(lambda: heard[-1].phase == "continue")
        assert vision.status()[0].state == "live"
    assert len({v.key for v in heard}) == 1


class Slow(Scripted):
    """A detector that takes its time, like a real one."""

    def detect(self, images):
        time.sleep(0.2)
        return super().detect(images)


async def test_a_slow_detector_stalls_neither_loop_nor_sources(tmp_path: Path) -> None:
    """Looks are left out, the loop stays quick, the newest frame is looked at."""
    cv2.imwrite(str(tmp_path / "still.png"), picture())
    spec = camera(
        zone(),
        source=str(tmp_path / "still.png"),
        looks_per_second=50.0,
        deciding_per_second=50.0,
    )
    detector = Slow(IN)
    rounds: list[float] = []
    async with watching(spec, detector=detector) as (vision, _):
        await until(lambda: detector.looks >= 1)
        for _ in range(50):
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            rounds.append(time.perf_counter() - began)
        snapshot = vision.snapshot("gate")
        assert snapshot is not None
        assert time.time() - snapshot[1] < 1.0
    assert detector.looks < 8
    assert statistics.median(rounds) < 0.15  # with a look in each it would be more


class Together(Scripted):
    """Every look waits for a look at another camera at the same time."""

    def __init__(self, said: Detections) -> None:
        super().__init__(said)
        self.both = threading.Barrier(2)

    def detect(self, images):
        self.both.wait(timeout=20)
        return super().detect(images)


async def test_two_cores_look_at_two_cameras_at_once() -> None:
    """One thread alone would wait at the barrier for ever."""
    detector = Together(IN)
    cameras = [camera(zone()), camera(zone(), id="yard")]
    async with watching(*cameras, detector=detector, workers=2) as (vision, heard):
        for n in range(3):
            looks = detector.looks
            for id in ("gate", "yard"):
                assert await vision.push(id, jpeg(60 * n), 1000.0 + n / 4)
            await until(lambda: detector.looks >= looks + 2)  # noqa: B023  awaited at once
        await until(lambda: len(heard) >= 2)
    assert {v.camera for v in heard} == {"gate", "yard"}


class Tired(Scripted):
    """Twenty looks a second at most; the first camera's pictures are bright."""

    def __init__(self, said: Detections) -> None:
        super().__init__(said)
        self.seen: Counter[str] = Counter()

    def detect(self, images):
        time.sleep(0.05)
        self.seen["bright" if images[0].mean() > 150 else "dark"] += 1
        return super().detect(images)


async def test_where_something_is_decided_looks_come_first(tmp_path: Path) -> None:
    """Somebody is everywhere, a dwell runs at one: it gets most looks, and nobody gets none."""
    cameras = []
    for n in range(6):
        file = tmp_path / f"{n}.png"
        cv2.imwrite(str(file), picture(60 if n else 200))
        zones = () if n else (zone(dwell_s=1000.0),)
        cameras.append(CameraSpec(f"cam-{n}", str(file), loop=True, zones=zones))
    detector = Tired(IN)
    async with watching(*cameras, detector=detector, workers=1) as (vision, _):
        await until(lambda: detector.seen.total() >= 12, 60)
        before = Counter(detector.seen)
        await until(lambda: detector.seen.total() >= 60, 60)
        status = vision.status()
    looks = detector.seen - before
    assert looks["bright"] > 2 * looks["dark"] / 5
    assert all(one.look_age_s is not None and one.look_age_s < 8 for one in status)
    assert all(one.dropped > 0 for one in status[1:])


async def test_too_few_looks_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With somebody in the picture and a look a second nobody can tell a fall: said once."""

    class Slower(Scripted):
        def detect(self, images):
            time.sleep(1.0)
            return super().detect(images)

    cv2.imwrite(str(tmp_path / "still.png"), picture())
    spec = CameraSpec("gate", str(tmp_path / "still.png"), loop=True)
    async with watching(spec, detector=Slower(IN)) as (vision, _):
        await until(lambda: vision.status()[0].shortage == "machine", 30)
        await asyncio.sleep(2.5)
        status = vision.status()[0]
    assert status.dropped > 0
    assert status.looks_per_second < 1.75
    said = [r for r in caplog.records if "cannot keep up" in r.message]
    assert len(said) == 1
    assert "camera gate" in said[0].message


async def test_what_the_gate_stops_takes_nobodys_turn() -> None:
    """A still picture is looked at once, and nothing was left out."""
    detector = Scripted()
    async with watching(camera(), detector=detector) as (vision, _):
        at = await feed(vision, detector, 1000.0, 1, bright=60)
        for n in range(12):
            assert await vision.push("gate", jpeg(), at + n / 4)
            await asyncio.sleep(0.02)
        await until(lambda: vision.snapshot("gate")[1] >= at + 2.5)  # type: ignore[index]  # pushed
        status = vision.status()[0]
    assert detector.looks == 1
    assert status.dropped == 0


class Broken(Scripted):
    """A detector that fails at the first picture."""

    def detect(self, images):
        if not self.looks:
            self.looks += 1
            raise RuntimeError("no memory")
        return super().detect(images)


async def test_one_broken_look_does_not_end_the_watch(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged with its camera, and the next frame is looked at."""
    detector = Broken(IN)
    async with watching(camera(zone()), detector=detector) as (vision, heard):
        await feed(vision, detector, 1000.0, 3)
        await until(lambda: heard)
    assert "frame of camera gate failed" in caplog.text


def test_a_camera_without_a_model_only_shows() -> None:
    """Its pictures are there for boxes and people; that nobody was looked for proves nothing."""
    pipeline = Pipeline(camera(zone(), models=()), {})
    pipeline.resume([Key("gate", "pit", "zone_intrusion", "track-1")])
    frames = [Frame("gate", 1000.0 + n, picture(20 * n)) for n in range(8)]
    assert [violation for frame in frames for violation in pipeline.take(frame)] == []


async def test_bad_pushes_are_named() -> None:
    """Cameras that take no pictures, bytes that are none, and frames of the past."""
    async with watching(camera(), detector=Scripted()) as (vision, _):
        with pytest.raises(SourceError, match="yard"):
            await vision.push("yard", jpeg(), 1.0)
        with pytest.raises(PictureUnreadable):
            await vision.push("gate", b"no picture", 1.0)
        assert await vision.push("gate", jpeg(), 5.0)
        assert not await vision.push("gate", jpeg(), 4.0)


async def test_a_picture_can_be_had_without_faces() -> None:
    """The heads of the people in that very picture, and nothing else; it is no look of a rule."""
    rough = np.random.default_rng(7).integers(0, 255, picture().shape, np.uint8)
    sharp = cv2.imencode(".png", rough)[1].tobytes()
    detector = Scripted(IN)
    async with watching(camera(zone()), detector=detector) as (vision, heard):
        made = await vision.blurred("gate", sharp)
        assert await vision.blurred("gate", made) != made
    shown = cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_COLOR)
    left, top, right, bottom = (round(float(value)) for value in IN.xyxy[0])
    head = shown[top + 5 : top + 40, left + 5 : right - 5]
    legs = shown[bottom - 40 : bottom, left:right]
    assert head.std() < legs.std() / 2
    assert heard == []


def test_a_camera_without_its_model_is_refused() -> None:
    """At once, not when the first frame comes."""

    async def nobody(_: Violation) -> None: ...

    with pytest.raises(SpecError, match="helmet"):
        Vision([camera(models=("helmet",))], {"person-fall": Scripted()}, nobody)


def violation(phase: str, subject: str = "track-1", seen: float = 0.0) -> Violation:
    key = Key("gate", None, "fall", subject)
    return Violation(phase, None, key, 0.0, seen, 0.9, 1, None)  # type: ignore[arg-type]  # phase as given


async def test_a_callback_that_fails_gets_the_same_violation_again() -> None:
    """Nothing is lost and nothing overtakes; of the waiting continues only the newest is kept."""
    taken: list[tuple[str, str, float]] = []
    failures = 2

    async def take(v: Violation) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise ConnectionError("store is down")
        taken.append((v.phase, v.subject, v.last_seen))

    handover = Handover(take, retry_s=0.01)
    task = asyncio.create_task(handover.run())
    handover.put(violation("start"))
    for seen in (1.0, 2.0, 3.0):
        handover.put(violation("continue", seen=seen))
        handover.put(violation("continue", "track-2", seen=seen))
    handover.put(violation("end", seen=4.0))
    await until(lambda: len(taken) == 4)
    handover.close()
    await asyncio.wait_for(task, PATIENCE_S)
    assert taken[0] == ("start", "track-1", 0.0)
    assert sorted(taken[1:3]) == [("continue", "track-1", 3.0), ("continue", "track-2", 3.0)]
    assert taken[3] == ("end", "track-1", 4.0)


def test_frames_are_arrays_of_bytes() -> None:
    """Guards the scene helpers above."""
    assert picture().dtype == np.uint8
