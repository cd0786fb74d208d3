"""What vision costs: CPU milliseconds per picture, and pictures made safe per second.

Run: `python -m tests.benchmarks.bench_vision [CLIP]`
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from storage.models import SHIPPED, ModelStore
from vision.detection import Detections
from vision.detector import OnnxDetector
from vision.frame import Frame
from vision.gate import MotionGate
from vision.pictures import PictureDesk
from vision.shots import take_shot
from vision.sources import open_source
from vision.tracker import Tracker


def cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """CPU time of this process per call, after one call to warm up."""
    work()
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) * 1000 / rounds


def report(what: str, value: float, unit: str = "CPU ms") -> None:
    print(f"{what:<46} {value:8.2f} {unit}", flush=True)


def detector(store: ModelStore) -> None:
    """Per picture and input size, one thread."""
    model, classes = store.pull("person-fall"), SHIPPED["person-fall"].classes
    street = cv2.imread(str(store.pull("sample-street")))
    for longest in (640, 480, 320):
        engine = OnnxDetector(model, classes, longest=longest)
        for name, size in (("1:1", (1080, 1080)), ("4:3", (1440, 1080)), ("16:9", (1920, 1080))):
            image = np.asarray(cv2.resize(street, size), np.uint8)
            cost = cpu_ms(lambda: engine.detect([image]), 5)  # noqa: B023  called at once
            report(f"detect, longest side {longest}, {name}", cost)


def small_things(image: np.ndarray) -> None:
    """Everything else on a look's way, at 1920 x 1080."""
    gate, tracker = MotionGate(), Tracker()
    boxes = [[x, 200, x + 120, 600] for x in range(50, 1850, 200)]
    found = Detections.of(boxes, [0.8] * len(boxes), ["person"] * len(boxes))
    moments = iter(np.arange(0, 1e6, 0.25))
    report("motion gate", cpu_ms(lambda: gate.passes(image, 0.0), 50))
    report("tracker, 9 people", cpu_ms(lambda: tracker.update(found, next(moments), 1920), 200))
    tracked = tracker.update(found, next(moments), 1920)
    frame = Frame("bench", 0.0, image)
    report("three JPEGs of a shot", cpu_ms(lambda: take_shot(frame, tracked, marked=[1]), 5))


def decoding(clip: Path) -> None:
    """A whole file, of which 4 frames a second are handed out."""
    began = time.process_time()
    frames = list(open_source(str(clip), "bench", start=0.0).frames(lambda: 4.0))
    report(f"decode {clip.name}, per look", (time.process_time() - began) * 1000 / len(frames))


async def desk(jpeg: bytes, seconds: float = 5.0, rate: float = 20.0) -> None:
    """Pictures from outside, 20 a second: how long each waits for its clean copy."""
    pictures = PictureDesk()
    await pictures.start()

    async def one() -> float:
        began = time.perf_counter()
        await pictures.sanitise(jpeg)
        return (time.perf_counter() - began) * 1000

    await asyncio.gather(one(), one())
    tasks = []
    for _ in range(int(seconds * rate)):
        tasks.append(asyncio.create_task(one()))
        await asyncio.sleep(1 / rate)
    took = sorted(await asyncio.gather(*tasks))
    await pictures.close()
    report("foreign 1080p picture at 20/s, p50", took[len(took) // 2], "ms")
    report("foreign 1080p picture at 20/s, p99", took[len(took) * 99 // 100], "ms")


def main() -> None:
    """All of it."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        store = ModelStore(Path(folder))
        street = np.asarray(cv2.imread(str(store.pull("sample-street"))), np.uint8)
        image = np.asarray(cv2.resize(street, (1920, 1080)), np.uint8)
        small_things(image)
        decoding(Path(sys.argv[1]) if len(sys.argv) > 1 else store.pull("sample-bikes"))
        detector(store)
        asyncio.run(desk(cv2.imencode(".jpg", image)[1].tobytes()))


if __name__ == "__main__":
    main()
