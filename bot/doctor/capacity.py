"""Whether this machine can look at all its cameras often enough to tell a fall."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bot.doctor.finding import Finding, Probe, in_thread
from bot.domain.site import Camera, SiteConfig
from bot.settings import Settings

WANTED = 2.0
"""Looks a second at a camera with people in its picture: fewer cannot tell a fall."""


def probes(settings: Settings, config: SiteConfig) -> list[Probe]:
    """One for all cameras that are looked at here."""
    cameras = [camera for camera in config.cameras if camera.models]
    look = partial(in_thread, partial(capacity, settings.models_dir, cameras))
    return [Probe("looks", "", look)] if cameras else []


def capacity(folder: Path, cameras: Sequence[Camera]) -> Finding:
    """With people in all pictures at once, while nothing else runs. Blocking, a few seconds."""
    from storage.models import ModelStore, ModelStoreError
    from vision.cores import cores
    from vision.detector import OnnxDetector
    from vision.effort import look_seconds
    from vision.errors import ModelError

    models = ModelStore(folder)
    try:
        seconds = {
            name: look_seconds(OnnxDetector(models.path(name), models.classes(name)))
            for name in {name for camera in cameras for name in camera.models}
        }
    except (ModelStoreError, ModelError):  # a line of its own says what is wrong with the model
        return Finding("looks", "", True, "looks.unknown")
    cost = sum(seconds[name] for camera in cameras for name in camera.models)
    params = {"count": len(cameras), "rate": f"{cores() / cost:.1f}", "cores": cores()}
    if cores() / cost < WANTED:
        return Finding("looks", "", False, "looks.few", params)
    return Finding("looks", "", True, "looks.fine", params)
