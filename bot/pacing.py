"""How many messages a chat may get: a sliding log of the last 60 seconds, with a reserve.

A token bucket that holds twenty and refills at twenty a minute lets 39 through in one minute, and
the platform answers 429.  A log of what was really sent does not.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

WINDOW_MS = 60_000
URGENT = frozenset({"emergency", "answer"})
_RESERVED = 0.2


class Pacing:
    """Per target the times of the last minute's messages; times are epoch milliseconds."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, deque[int]] = defaultdict(deque)
        self._held: dict[str, int] = {}

    def seed(self, sent: Iterable[tuple[str, int]]) -> None:
        """What was sent before a restart still counts."""
        for target, at in sorted(sent, key=lambda pair: pair[1]):
            self._sent[target].append(at)

    def wait(self, target: str, lane: str, limit: int, now: int) -> int:
        """Milliseconds until a message of `lane` may go; 0: now.  `limit` 0: no limit.

        A fifth of the limit is kept for emergencies and answers to people.
        """
        held = max(self._held.get(target, 0) - now, 0)
        if limit <= 0:
            return held
        log = self._recent(target, now)
        allowed = limit if lane in URGENT else max(limit - max(int(limit * _RESERVED), 1), 1)
        if len(log) < allowed:
            return held
        return max(log[len(log) - allowed] + WINDOW_MS - now, held, 1)

    def sent(self, target: str, now: int) -> None:
        """A message was handed to the platform (whether or not its answer came back)."""
        self._sent[target].append(now)

    def hold(self, target: str, until: int) -> None:
        """The platform asked for silence until then."""
        self._held[target] = max(self._held.get(target, 0), until)

    def _recent(self, target: str, now: int) -> deque[int]:
        log = self._sent[target]
        while log and log[0] <= now - WINDOW_MS:
            log.popleft()
        return log
