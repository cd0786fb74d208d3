"""What a camera is doing, for tiles, checks and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vision.pace import Shortage

State = Literal["starting", "live", "stale", "ended", "failed"]


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera now.

    `stale`: the source is open, but no frame came for too long. `ended`: a file is over.
    `failed`: see `reason`. `looks_per_second`: frames that the detector has seen, over the last
    seconds; few where nothing moves. `frame_age_s`, `look_age_s`: since the last frame arrived and
    since the last look, None before the first. `dropped`: frames worth a look that got none, since
    the start. `shortage`: people are in the picture and looks are too few to decide, and why.
    """

    camera: str
    state: State
    reason: str | None
    looks_per_second: float
    frame_age_s: float | None
    look_age_s: float | None = None
    dropped: int = 0
    shortage: Shortage | None = None
