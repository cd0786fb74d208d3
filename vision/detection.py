"""`Detections`: the one value type that detectors, tracker, rules and drawing all speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """N things found in one frame.

    `xyxy`: N x 4 float32, pixels, left-top-right-bottom. `confidence`: N float32, 0 to 1.
    `class_name`: N names. `track_id`: N integers once a tracker has seen them, else None.
    """

    xyxy: NDArray[np.float32]
    confidence: NDArray[np.float32]
    class_name: tuple[str, ...]
    track_id: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        count = len(self.class_name)
        if self.xyxy.shape != (count, 4) or self.confidence.shape != (count,):
            raise ValueError(f"{count} names, {self.xyxy.shape} boxes, {self.confidence.shape}")
        if self.track_id is not None and self.track_id.shape != (count,):
            raise ValueError(f"{count} names, {self.track_id.shape} track ids")

    @classmethod
    def of(
        cls,
        boxes: Sequence[Sequence[float]],
        confidence: Sequence[float],
        class_name: Sequence[str],
        track_id: Sequence[int] | None = None,
    ) -> Detections:
        """Build from plain sequences."""
        return cls(
            np.asarray(boxes, np.float32).reshape(-1, 4),
            np.asarray(confidence, np.float32),
            tuple(class_name),
            None if track_id is None else np.asarray(track_id, np.int64),
        )

    @classmethod
    def none(cls) -> Detections:
        """Nothing was found."""
        return cls.of([], [], [], [])

    def __len__(self) -> int:
        return len(self.class_name)

    def take(self, indices: Sequence[int] | NDArray[np.int64]) -> Detections:
        """The detections at these indices, in this order."""
        chosen = np.asarray(indices, np.int64)
        return Detections(
            self.xyxy[chosen],
            self.confidence[chosen],
            tuple(self.class_name[i] for i in chosen),
            None if self.track_id is None else self.track_id[chosen],
        )

    def with_tracks(self, track_id: Sequence[int]) -> Detections:
        """The same detections, each with the id of its track."""
        return replace(self, track_id=np.asarray(track_id, np.int64))
