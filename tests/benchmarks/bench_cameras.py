"""How many cameras a machine can watch: looks a second per camera, and whether falls are seen.

Run: `python -m tests.benchmarks.bench_cameras CLIP... [--seconds 60] [--busy N]`

Every clip is a live camera that repeats it. A clip whose name holds `fall` shows one fall per pass,
and is said to be missed where a pass brought no `start`. `--busy`: so many other processes that
never sleep.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections import Counter
from pathlib import Path

import av
import cv2

from storage.models import SHIPPED, ModelStore
from vision.detector import OnnxDetector
from vision.specs import CameraSpec
from vision.violation import Violation
from vision.watch import Vision


def spin() -> None:
    """A neighbour that takes all it can get."""
    while True:
        pass


def passes(clip: str, seconds: float) -> float:
    """How many times the clip is shown meanwhile."""
    with av.open(clip) as container:
        return seconds / ((container.duration or 0) / av.time_base)


async def watch(clips: list[str], model: Path, seconds: float) -> None:
    """Let them run, then say what each camera got."""
    detector = OnnxDetector(model, SHIPPED["person-fall"].classes)
    starts: Counter[str] = Counter()

    async def hear(violation: Violation) -> None:
        if violation.phase == "start" and violation.hazard == "fall":
            starts[violation.camera] += 1

    cameras = [CameraSpec(f"cam-{n}", clip, loop=True) for n, clip in enumerate(clips)]
    vision = Vision(cameras, {"person-fall": detector}, hear)
    rates: dict[str, list[float]] = {camera.id: [] for camera in cameras}
    began, used = time.monotonic(), time.process_time()
    await vision.start()
    while time.monotonic() - began < seconds:
        await asyncio.sleep(1)
        if time.monotonic() - began > 6:
            for status in vision.status():
                rates[status.camera].append(status.looks_per_second)
    used = time.process_time() - used
    spent = time.monotonic() - began
    await vision.stop()
    for camera in cameras:
        seen = sorted(rates[camera.id])
        name = Path(camera.source).name
        shown = f", {starts[camera.id]} falls told in {passes(camera.source, spent):.1f} passes"
        print(
            f"{camera.id} {name:<20} looks/s mean {sum(seen) / len(seen):4.1f}"
            f" least {seen[0]:4.1f}{shown if 'fall' in name else ''}",
            flush=True,
        )
    print(f"{used / spent:.2f} cores used", flush=True)


def main() -> None:
    """Read the command line, start the neighbours, watch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--busy", type=int, default=0)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    others = [multiprocessing.get_context("spawn").Process(target=spin) for _ in range(args.busy)]
    for other in others:
        other.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            model = ModelStore(Path(folder)).pull("person-fall")
            asyncio.run(watch(args.clips, model, args.seconds))
    finally:
        for other in others:
            other.terminate()


if __name__ == "__main__":
    main()
