"""Boxes out of the raw heads of a YOLO model, in numpy.

Each cell of a head says how far the four sides of a box are from the cell's centre, each as a
distribution over 16 distances (Li et al. 2020, Generalized Focal Loss), and how sure it is of
each class. Only cells that are sure enough are decoded, a handful of thousands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 16
Floats = NDArray[np.float32]


def decode(heads: Sequence[Floats], height: int, least: float) -> tuple[Floats, Floats]:
    """Candidates of one picture: N x 4 corners in model pixels, and N x classes scores.

    `heads`: (64 + classes) x rows x columns each. `height`: of the model's input, pixels.
    """
    parts = [_level(head, height / head.shape[1], least) for head in heads]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _level(head: Floats, stride: float, least: float) -> tuple[Floats, Floats]:
    logits = head[4 * BINS :]
    rows, columns = np.nonzero(logits.max(axis=0) >= np.log(least / (1 - least)))
    scores = 1 / (1 + np.exp(-logits[:, rows, columns].T))
    raw = head[: 4 * BINS, rows, columns].T.reshape(-1, 4, BINS)
    weights = np.exp(raw - raw.max(axis=2, keepdims=True))
    distances = (weights * np.arange(BINS)).sum(axis=2) / weights.sum(axis=2)
    centres = np.stack([columns + 0.5, rows + 0.5], axis=1)
    corners = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
    return (corners * stride).astype(np.float32), scores.astype(np.float32)
