"""How many cores this process may really use."""

from __future__ import annotations

import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota: Path = QUOTA) -> int:
    """Cores of the machine, less where the process or its container is bound to fewer; >= 1."""
    try:
        bound = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        bound = os.cpu_count() or 1
    return max(1, min(bound, _allowed(quota) or bound))


def _allowed(quota: Path) -> int | None:
    """What the container's quota comes to in whole cores, None without one."""
    try:
        most, _, period = quota.read_text().partition(" ")
        return max(1, int(most) // int(period))
    except (OSError, ValueError):  # no such file; "max"
        return None
