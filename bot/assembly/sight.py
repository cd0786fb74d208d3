"""The cameras of this process: models, sources, and what becomes of what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.assembly.foundation import Foundation
from bot.casework import Intake
from bot.domain.site import Camera
from bot.eyes import CameraEyes
from bot.seeing import VisionReports, camera_spec, live_keys

if TYPE_CHECKING:
    from vision.detector import Detector
    from vision.watch import Vision


@dataclass(frozen=True)
class Sight:
    """`vision` is None where no camera is watched here."""

    vision: Vision | None
    eyes: CameraEyes

    async def begin(self, base: Foundation) -> None:
        """Look, beginning with what was live before; until the stack is closed."""
        if self.vision is not None:
            await self.vision.start(await live_keys(base.store, base.config.cameras))
            base.stack.push_async_callback(self.vision.stop)


def load_detectors(folder: Path, cameras: Sequence[Camera]) -> Mapping[str, Detector]:
    """Every model that a camera asks for; raises `ModelStoreError` where one is not here."""
    wanted = {model for camera in cameras for model in camera.models}
    if not wanted:
        return {}
    from storage.models import ModelStore
    from vision.detector import OnnxDetector

    models = ModelStore(folder)
    detectors = {name: OnnxDetector(models.path(name), models.classes(name)) for name in wanted}
    for detector in detectors.values():
        detector.warm_up()
    return detectors


def open_sight(
    base: Foundation, cameras: Sequence[Camera], detectors: Mapping[str, Detector], intake: Intake
) -> Sight:
    """The eyes, closed until `Sight.begin`; raises `VisionError` for what cannot be opened."""
    core = base.core
    reports = VisionReports(base.config, core.responses, intake, base.pictures, core.clock)
    base.stack.push_async_callback(reports.close)
    vision = None
    if cameras:
        from vision.watch import Vision

        specs = [camera_spec(camera, base.config, core.responses) for camera in cameras]
        vision = Vision(specs, detectors, reports.on_violation)
    return Sight(vision, CameraEyes(vision, base.pictures))
