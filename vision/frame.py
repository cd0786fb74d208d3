"""One picture of one camera at one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, blue-green-red, 8 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture and when the camera took it (epoch seconds; for files start + media time)."""

    camera: str
    captured_at: float
    image: Image

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.image.shape[0])
