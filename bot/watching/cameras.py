"""The cameras' figures for /metrics, taken at the moment when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from vision.status import CameraStatus

_LABELS = ("camera",)


class CameraFigures(Collector):
    """Register it with the registry that /metrics shows."""

    def __init__(self, status: Callable[[], Sequence[CameraStatus]]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        """A line for each camera; ages are missing as long as there was no frame, no look."""
        cameras = self._status()
        yield _gauge(
            "loudhailer_camera_up",
            "1 while a camera gives pictures.",
            [(one.camera, float(one.state == "live")) for one in cameras],
        )
        yield _gauge(
            "loudhailer_camera_looks_per_second",
            "Looks of the detector over the last seconds.",
            [(one.camera, one.looks_per_second) for one in cameras],
        )
        yield _gauge(
            "loudhailer_camera_too_few_looks",
            "1 while people are in the picture and looks are too few to decide.",
            [(one.camera, float(one.shortage is not None)) for one in cameras],
        )
        yield _gauge(
            "loudhailer_camera_frame_age_seconds",
            "Since the last frame arrived.",
            [(one.camera, one.frame_age_s) for one in cameras],
        )
        yield _gauge(
            "loudhailer_camera_look_age_seconds",
            "Since the last look of the detector.",
            [(one.camera, one.look_age_s) for one in cameras],
        )
        dropped = CounterMetricFamily(
            "loudhailer_camera_dropped_frames",
            "Frames worth a look for which there was no time.",
            labels=_LABELS,
        )
        for one in cameras:
            dropped.add_metric((one.camera,), one.dropped)
        yield dropped


def _gauge(name: str, help: str, values: Iterable[tuple[str, float | None]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help, labels=_LABELS)
    for camera, value in values:
        if value is not None:
            family.add_metric((camera,), value)
    return family
