"""Counting what comes too fast, given `now`."""

from __future__ import annotations

from collections import OrderedDict, deque


class SlidingCounter:
    """At most `limit` in any `window` milliseconds, for each name by itself.

    Keeps the times of the last `limit` takes of at most `names` names, the least recent go first.
    """

    def __init__(self, limit: int, window: int, names: int = 4096) -> None:
        self._limit = limit
        self._window = window
        self._names = names
        self._taken: OrderedDict[str, deque[int]] = OrderedDict()

    def take(self, name: str, now: int) -> int:
        """Count one; 0 if it is within the limit, else the milliseconds until the next may come.

        What is over the limit is not counted: whoever comes too fast still gets the full rate.
        """
        wait = self.wait(name, now)
        if not wait:
            self._taken.setdefault(name, deque()).append(now)
            self._taken.move_to_end(name)
            if len(self._taken) > self._names:
                self._taken.popitem(last=False)
        return wait

    def wait(self, name: str, now: int) -> int:
        """Milliseconds until one more would be within the limit; 0: at once."""
        times = self._taken.get(name)
        if not times:
            return 0
        # A clock that was set back must not lock anybody out: future times are dropped too.
        while times and not now - self._window < times[0] <= now:
            times.popleft()
        return times[0] + self._window - now if len(times) >= self._limit else 0


class Budget:
    """A number of bytes that several uploads may hold in memory at once."""

    def __init__(self, total: int) -> None:
        self._free = total

    def take(self, amount: int) -> bool:
        """Reserve `amount`; False if that much is not free."""
        if amount > self._free:
            return False
        self._free -= amount
        return True

    def give_back(self, amount: int) -> None:
        """End a reservation."""
        self._free += amount
