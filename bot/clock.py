"""The clock that the program runs by; everything else is given its times."""

from __future__ import annotations

import time


def epoch_ms() -> int:
    """Now, in epoch milliseconds."""
    return time.time_ns() // 1_000_000
