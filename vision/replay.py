"""Running a recorded file through a camera's rules, as fast as it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vision.detector import Detector
from vision.pipeline import Pipeline
from vision.recording import Recorder
from vision.sources import open_source
from vision.specs import CameraSpec
from vision.urgency import Urgency
from vision.violation import Phase, Violation


@dataclass(frozen=True, slots=True)
class Change:
    """A violation that started or ended, `seconds` after the file's beginning."""

    seconds: float
    camera: str
    hazard: str
    phase: Phase
    zone: str | None
    confidence: float
    violation: Violation

    def __str__(self) -> str:
        because = f" ({self.violation.because})" if self.violation.because else ""
        return (
            f"{self.seconds:8.2f}  {self.camera}  {self.hazard}  {self.phase}{because}"
            f"  {self.zone or '-'}  {self.confidence:.2f}"
        )


def replay(
    file: Path, camera: CameraSpec, detectors: Mapping[str, Detector], out: Path | None = None
) -> Iterator[Change]:
    """Every start and end that the file gives on this camera, by the code that runs live.

    `out`: where to write the annotated looks as mp4. Raises `SourceError` and `SpecError`.
    """
    spec = replace(camera, source=str(file), loop=False)
    pipeline = Pipeline(spec, detectors)
    recorder = Recorder(out, spec) if out else None
    last = 0.0
    try:
        source = open_source(spec.source, spec.id, start=0.0)
        for frame in source.frames(lambda: looks_per_second(spec, pipeline)):
            last = frame.captured_at
            yield from _changes(pipeline.take(frame), last)
            if recorder:
                recorder.add(frame, pipeline.last_look)
        yield from _changes(pipeline.source_down(), last)
    finally:
        if recorder:
            recorder.close()


def looks_per_second(spec: CameraSpec, pipeline: Pipeline) -> float:
    """How often to look now: faster while something is being decided."""
    return spec.rate(deciding=pipeline.urgency is Urgency.DECIDING)


def _changes(violations: list[Violation], at: float) -> Iterator[Change]:
    for v in violations:
        if v.phase != "continue":
            yield Change(at, v.camera, v.hazard, v.phase, v.zone, v.confidence, v)
