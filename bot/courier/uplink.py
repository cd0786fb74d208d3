"""How fast pictures leave, as far as it was measured: whether words go ahead of their picture.

Times are seconds, sizes bytes, rates bytes a second.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable

PATIENT_S = 1.5
"""A picture that is expected to take longer comes after its words."""
PICTURE_S = 3.0
"""How long a picture may take on a thin line; it is made as small as that needs."""
MOST = 79_000
LEAST = 24_000
FIRST = 48_000
"""On a line that is known to be thin: at most, at least, and while nothing is measured."""
_USUAL = 300_000
_SLOW_ANSWER_S = 1.0
_REMEMBERED_S = 15 * 60.0
_MEASURED = 4
_AT_ONCE = 8
_AT_ONCE_THIN = 2


class Uplink:
    """What was measured lately, per channel; `thin` where the site file says so."""

    def __init__(self, *, thin: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._thin = thin
        self._sent: defaultdict[str, deque[tuple[float, int, float]]] = defaultdict(
            lambda: deque(maxlen=_MEASURED)
        )
        self._answered: dict[str, float] = {}

    def measured(self, channel: str, size: int, seconds: float) -> None:
        """A picture of `size`, or as much of it, took so long."""
        self._sent[channel].append((self._clock(), size, max(seconds, 0.001)))

    def answered(self, channel: str, seconds: float) -> None:
        """Words without a picture took so long."""
        self._answered[channel] = seconds

    def is_thin(self, channel: str) -> bool:
        """Whether a usual picture takes long there."""
        return self._thin or self._expected(channel, _USUAL) > PATIENT_S

    def words_first(self, channel: str, size: int) -> bool:
        """Whether a picture of that size would keep its words waiting."""
        return self._thin or self._expected(channel, size) > PATIENT_S

    def pictures_at_once(self) -> int:
        """How many pictures may be on their way beside the words.

        On a thin line two: when packets of one are lost the line lies idle for seconds, and with
        one at a time the newest emergency's picture waited behind it.
        """
        thin = self._thin or any(self.is_thin(channel) for channel in tuple(self._sent))
        return _AT_ONCE_THIN if thin else _AT_ONCE

    def room(self, channel: str) -> int | None:
        """How large a picture may be there; None: as it is."""
        if not self.is_thin(channel):
            return None
        rate = self._rate(channel)
        fitting = FIRST if rate is None else max(round(rate * PICTURE_S), LEAST)
        return min(fitting, MOST) if self._thin else fitting

    def _expected(self, channel: str, size: int) -> float:
        rate = self._rate(channel)
        if rate is not None:
            return size / rate
        slow = self._answered.get(channel, 0.0) > _SLOW_ANSWER_S
        return 2 * PATIENT_S if slow else 0.0

    def _rate(self, channel: str) -> float | None:
        """Of the last pictures together; None where none was sent lately."""
        since = self._clock() - _REMEMBERED_S
        lately = [(size, seconds) for at, size, seconds in self._sent[channel] if at >= since]
        if not lately:
            return None
        return sum(size for size, _ in lately) / sum(seconds for _, seconds in lately)
