"""The clock that the program runs by; everything else is given its times."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

JUMP_MS = 2_000
"""A wall clock that is corrected bit by bit is followed; more than this at once is a jump."""


def epoch_ms() -> int:
    """Now, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def elapsed_ms() -> int:
    """Milliseconds since some moment; it cannot be set, and goes on while the machine sleeps."""
    boottime = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # only Linux has it
    return time.clock_gettime_ns(boottime) // 1_000_000


@dataclass(frozen=True, slots=True)
class Uptime:
    """A clock that nobody sets, the same for all processes of a machine until it is restarted.

    `boot` names that time; "" where it is not known, and then nothing can be told from it.
    """

    boot: str = ""
    elapsed: Callable[[], int] = elapsed_ms

    def mark(self) -> list[str | int]:
        """This moment, as plain JSON."""
        return [self.boot, self.elapsed()]

    def since(self, mark: Sequence[str | int] | None) -> int | None:
        """Milliseconds since a moment; None for one of another machine, or before its restart."""
        if not mark or not self.boot or mark[0] != self.boot:
            return None
        return self.elapsed() - int(mark[1])


def this_boot() -> Uptime:
    """That of this machine; blocking, for a moment."""
    try:
        return Uptime(_BOOT_ID.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError):  # only Linux tells
        return Uptime()


class SteadyClock:
    """Epoch milliseconds that hold their course when the wall clock jumps, until `adopt`.

    Whoever adopts a jump has first moved along what is relative: deadlines, leases, pauses.
    """

    def __init__(
        self, wall: Callable[[], int] = epoch_ms, elapsed: Callable[[], int] = elapsed_ms
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._offset = wall() - elapsed()

    def __call__(self) -> int:
        """Now; the wall clock's time but for a jump that is not adopted yet."""
        course = self._elapsed() + self._offset
        drift = self._wall() - course
        if abs(drift) >= JUMP_MS:
            return course
        self._offset += drift
        return course + drift

    def jump(self) -> int:
        """By how much the wall clock has jumped (ms, negative: it was set back); 0: it has not."""
        drift = self._wall() - self._elapsed() - self._offset
        return drift if abs(drift) >= JUMP_MS else 0

    def adopt(self, jump: int) -> None:
        """From now on the time is what the wall clock says."""
        self._offset += jump
