"""What a camera is doing, for tiles, checks and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["starting", "live", "stale", "ended", "failed"]


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera now.

    `stale`: the source is open, but no frame came for too long. `ended`: a file is over.
    `failed`: see `reason`. `looks_per_second`: frames that went through gate and detector, over
    the last seconds. `frame_age_s`: since the last frame arrived, None before the first.
    """

    camera: str
    state: State
    reason: str | None
    looks_per_second: float
    frame_age_s: float | None
