"""How often a camera is really looked at, and whether that is enough to decide anything.

A fall is told from bending down by several looks in a row. A machine that cannot keep up, or a
camera that sends a picture every other second, gives too few of them, and then a fall is missed
without a trace: so it is said.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

WINDOW_S = 5.0  # looks are counted over this long
ENOUGH = 1.75  # looks a second: at 2 a second, five seconds may hold only nine
SETTLING_S = 3.0  # people must have been in view for so long before their looks are counted
CALM_S = 10.0  # it must have been enough for so long before all is said to be well again

Shortage = Literal["machine", "camera"]
"""Whose fault it is: nobody had time for the pictures, or there were too few of them."""


class Pace:
    """The looks of one camera; every moment is given, in seconds of a clock that only goes on."""

    def __init__(self) -> None:
        self.dropped = 0
        self.looked_at: float | None = None
        self.shortage: Shortage | None = None
        self._looks: deque[float] = deque()
        self._drops: deque[float] = deque()
        self._people_since: float | None = None
        self._short_at: float | None = None

    def look(self, now: float, *, people: bool) -> None:
        """Count a look; `people`: whether it knows of anyone in the picture."""
        self.looked_at = now
        self._looks.append(now)
        if not people:
            self._people_since = None
        elif self._people_since is None:
            self._people_since = now

    def drop(self, now: float) -> None:
        """Count a picture that was worth a look and did not get one."""
        self.dropped += 1
        self._drops.append(now)

    def forget_people(self) -> None:
        """The source broke: nobody is known to be in view."""
        self._people_since = None

    def rate(self, now: float) -> float:
        """Looks a second over the last seconds."""
        self._trim(now)
        return len(self._looks) / WINDOW_S

    def judge(self, now: float) -> bool:
        """Bring `shortage` up to date; whether it has begun or ended with this."""
        before = self.shortage
        if self._is_short(now):
            self._short_at = now
            self.shortage = before or ("machine" if self._drops else "camera")
        elif self._short_at is not None and now - self._short_at >= CALM_S:
            self._short_at = self.shortage = None
        return (before is None) != (self.shortage is None)

    def _is_short(self, now: float) -> bool:
        self._trim(now)
        if self._people_since is None or now - self._people_since < SETTLING_S:
            return False
        since = max(self._people_since, now - WINDOW_S)
        return sum(at >= since for at in self._looks) < ENOUGH * (now - since)

    def _trim(self, now: float) -> None:
        for moments in (self._looks, self._drops):
            while moments and now - moments[0] > WINDOW_S:
                moments.popleft()
