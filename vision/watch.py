"""`Vision`: the cameras of a site, from the event loop's side.

Everything that blocks runs in threads: one per source, one per core that looks. The loop only gets
finished violations and copies of finished JPEGs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np

from vision.annotate import encode
from vision.blur import blur_heads
from vision.camera import Camera
from vision.cores import cores
from vision.detector import Detector
from vision.errors import PictureUnreadable, SourceError
from vision.frame import Frame, Image
from vision.handover import Handover, OnViolation
from vision.looker import Looker
from vision.pipeline import Pipeline
from vision.ring import Snapshot
from vision.sources import PushSource, Source, open_source
from vision.specs import CameraSpec
from vision.status import CameraStatus
from vision.violation import Key, Violation

log = logging.getLogger(__name__)

STOP_S = 5.0


class Vision:
    """Watches cameras and calls `on_violation` for everything that starts, lasts or ends.

    `detectors`: by the model names that the cameras ask for. The callback runs on the loop, one
    violation at a time, in order. `paced=False` reads recorded sources as fast as they are looked
    at, leaving nothing out. `workers`: threads that look, 0 for one per core. Raises `SpecError`
    for a camera that makes no sense; a source that cannot be read shows in `status` instead, and
    the others go on.
    """

    def __init__(
        self,
        cameras: Sequence[CameraSpec],
        detectors: Mapping[str, Detector],
        on_violation: OnViolation,
        *,
        paced: bool = True,
        workers: int = 0,
    ) -> None:
        self._on_violation = on_violation
        self._pushed = {spec.id: PushSource(spec.id) for spec in cameras if spec.source == "push"}
        self._handover: Handover | None = None
        self._delivering: asyncio.Task[None] | None = None
        self._looker = Looker(self._hand_on)
        self._workers = workers
        self._cameras = {
            spec.id: Camera(
                spec,
                partial(self._open, spec),
                Pipeline(spec, detectors),
                self._looker.wake,
                paced=paced,
            )
            for spec in cameras
        }

    async def start(self, live: Iterable[Key] = ()) -> None:
        """Begin to watch. `live`: violations that lasted when the program stopped."""
        self._handover = Handover(self._on_violation)
        self._delivering = asyncio.create_task(self._handover.run(), name="violations")
        self.resume(live)
        workers = self._workers or await asyncio.to_thread(cores)
        self._looker.start(list(self._cameras.values()), workers)
        for camera in self._cameras.values():
            camera.start()

    async def stop(self) -> None:
        """Stop reading, let the look in progress finish, hand over what is there."""
        for camera in self._cameras.values():
            camera.stop()
        self._looker.stop()
        late = await asyncio.to_thread(self._join)
        for name in late:
            log.warning("thread of %s did not end in %.0f s", name, STOP_S)
        if self._delivering is not None and self._handover is not None:
            await asyncio.sleep(0)  # lets in what the threads handed on last
            self._handover.close()
            await asyncio.wait([self._delivering], timeout=STOP_S)
            self._delivering.cancel()
            await asyncio.gather(self._delivering, return_exceptions=True)

    def resume(self, keys: Iterable[Key]) -> None:
        """Take up violations known from before: each will be continued or ended by what is seen."""
        for key in keys:
            if camera := self._cameras.get(key.camera):
                camera.resume([key])

    async def push(self, camera: str, jpeg: bytes, at: float) -> bool:
        """Hand a picture (JPEG or PNG) to a `push` camera; False where it is not newer.

        The bytes must have passed `vision.pictures` if they come from outside. Raises
        `PictureUnreadable`, and `SourceError` for a camera that takes no pictures.
        """
        source = self._pushed.get(camera)
        if source is None:
            raise SourceError(camera, "is no camera that pictures can be pushed to")
        image = await asyncio.to_thread(_decode, jpeg)
        return source.push(Frame(camera, at, image))

    def snapshot(self, camera: str) -> Snapshot | None:
        """The newest JPEG of a camera and its time, None for unknown cameras or none yet."""
        known = self._cameras.get(camera)
        return known.ring.newest() if known else None

    async def blurred(self, camera: str, jpeg: bytes) -> bytes:
        """A picture of this camera without faces, as far as its models find the people in it."""
        return await asyncio.to_thread(_blurred, self._cameras[camera].pipeline, jpeg)

    def frame_near(self, camera: str, at: float) -> Snapshot | None:
        """The JPEG nearest to a moment of the last seconds, None where there is none."""
        known = self._cameras.get(camera)
        return known.ring.near(at) if known else None

    def status(self) -> list[CameraStatus]:
        """What every camera is doing."""
        return [camera.status() for camera in self._cameras.values()]

    def _open(self, spec: CameraSpec) -> Source:
        pushed = self._pushed.get(spec.id)
        return pushed or open_source(spec.source, spec.id, loop=spec.loop)

    def _hand_on(self, violation: Violation) -> None:
        if self._handover is not None:
            self._handover.put(violation)

    def _join(self) -> list[str]:
        late = [c.spec.id for c in self._cameras.values() if not c.join(STOP_S)]
        return late + ([] if self._looker.join(STOP_S) else ["looker"])


def _blurred(pipeline: Pipeline, jpeg: bytes) -> bytes:
    image = _decode(jpeg)
    return encode(blur_heads(image, pipeline.find_people(image)))


def _decode(data: bytes) -> Image:
    import cv2

    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise PictureUnreadable("it cannot be decoded")
    return np.asarray(image, np.uint8)
