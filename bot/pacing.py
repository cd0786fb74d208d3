"""How many messages a chat may get: a sliding log of the last 60 seconds, with a reserve.

A token bucket that holds twenty and refills at twenty a minute lets 39 through in one minute, and
the platform answers 429.  A log of what was really sent does not.  A message counts while it is
under way, and from the moment its outcome is known: the platform took it no later than that.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable

WINDOW_MS = 60_000
URGENT = frozenset({"emergency", "answer"})
_RESERVED = 0.2
_LOOK_AGAIN_MS = 1_000


class Pacing:
    """Per target the times of the last minute's messages; times are epoch milliseconds."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, deque[int]] = defaultdict(deque)
        self._under_way: Counter[str] = Counter()
        self._held: dict[str, int] = {}

    def seed(self, sent: Iterable[tuple[str, int]]) -> None:
        """What was sent before a restart, or by another process, still counts.

        It takes the place of what was known of these targets.
        """
        found: defaultdict[str, deque[int]] = defaultdict(deque)
        for target, at in sorted(sent, key=lambda pair: pair[1]):
            found[target].append(at)
        self._sent.update(found)

    def wait(self, target: str, lane: str, limit: int, now: int) -> int:
        """Milliseconds until a message of `lane` may go; 0: now.  `limit` 0: no limit.

        A fifth of the limit is kept for emergencies and answers to people.
        """
        held = max(self._held.get(target, 0) - now, 0)
        if limit <= 0:
            return held
        log = self._recent(target, now)
        too_many = len(log) + self._under_way[target] - _allowed(limit, lane)
        if too_many < 0:
            return held
        if too_many >= len(log):  # those under way fill it alone
            return max(held, _LOOK_AGAIN_MS)
        return max(log[too_many] + WINDOW_MS - now, held, 1)

    def left(self, target: str, lane: str, limit: int, now: int) -> int:
        """How many messages of `lane` may go within this minute still, 0 when held."""
        if self._held.get(target, 0) > now:
            return 0
        used = len(self._recent(target, now)) + self._under_way[target]
        return max(_allowed(limit, lane) - used, 0)

    def starts(self, target: str) -> None:
        """A message is handed to the platform."""
        self._under_way[target] += 1

    def ends(self, target: str, now: int, *, counts: bool) -> None:
        """Its outcome is known; it `counts` unless the platform surely did not take it."""
        self._under_way[target] -= 1
        if counts:
            self._sent[target].append(now)

    def clock_jumped(self, jump: int) -> None:
        """The clock jumped by so many milliseconds; the minute that counts is the same."""
        self._sent = defaultdict(
            deque, {target: deque(at + jump for at in log) for target, log in self._sent.items()}
        )
        self._held = {target: until + jump for target, until in self._held.items()}

    def hold(self, target: str, until: int) -> None:
        """The platform asked for silence until then."""
        self._held[target] = max(self._held.get(target, 0), until)

    def _recent(self, target: str, now: int) -> deque[int]:
        log = self._sent[target]
        while log and log[0] <= now - WINDOW_MS:
            log.popleft()
        return log


def _allowed(limit: int, lane: str) -> int:
    if lane in URGENT:
        return limit
    return max(limit - max(int(limit * _RESERVED), 1), 1)
