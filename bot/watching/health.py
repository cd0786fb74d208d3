"""Whether alarms get through now: what /readyz says."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

from bot.casework.canaries import Verdict, verdict_of
from bot.domain.rfc3339 import utc
from bot.ports import Clock, Store, Waiting
from bot.watching.monitor import Monitor
from handlers.http.context import Check

log = logging.getLogger(__name__)

PRESSING_MS = 60_000
"""So long may what is grave, an answer, or was tried in vain before, wait to be delivered."""
IN_TURN_MS = 5 * 60_000
"""So long may what only waits for its turn: a storm in one chat is no fault."""
TIMERS_MS = 60_000
SKEW_MS = 10_000


class Health:
    """Healthy means delivered: the database answers and nothing due has been waiting for long."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        monitor: Monitor,
        keeping: Callable[[], Sequence[Check]] = tuple,
    ) -> None:
        self._keeping = keeping
        self._store = store
        self._clock = clock
        self._monitor = monitor

    async def checks(self) -> Sequence[Check]:
        """One line each: database, outbox, timers, channels, clock, canary, and what is kept."""
        try:
            return await self._asked()
        except Exception as error:  # noqa: BLE001  boundary: each engine's own errors, all mean: away
            log.warning("the database does not answer: %s", error)
            return [Check("database", False, type(error).__name__), *self._keeping()]

    async def _asked(self) -> Sequence[Check]:
        now = self._clock()
        waiting = await self._store.waiting(now)
        timer = await self._store.next_timer()
        late = now - timer if timer is not None and timer < now else 0
        canary = await verdict_of(self._store)
        return [
            Check("database", True),
            _delivery(waiting, now),
            Check("timers", late < TIMERS_MS, f"latest timer: {late} ms late"),
            self._channels(now),
            self._skew(),
            _canary(canary, now),
            *self._keeping(),
        ]

    def _channels(self, now: int) -> Check:
        failing = {
            course.name: f"{course.name}: failing for {course.failing_for(now)} ms: {course.error}"
            for course in self._monitor.failing()
        }
        fine = [name for name in self._monitor.channels if name not in failing]
        ill = [name for name in failing if not name.startswith("webhook:")]
        return Check("channels", not ill, "; ".join([*failing.values(), *fine]))

    def _skew(self) -> Check:
        """Against the chat servers, as far as they have said what time it is there."""
        ahead = {
            name: channel.reception.ahead_ms
            for name, channel in self._monitor.channels.items()
            if channel.reception.ahead_ms is not None
        }
        told = [f"{name} is {ms} ms ahead of us" for name, ms in ahead.items()]
        fine = all(abs(ms) < SKEW_MS for ms in ahead.values())
        return Check("clock", fine, "; ".join(told) or "nobody to compare it with")


def _canary(last: Verdict | None, now: int) -> Check:
    """How the last test of delivery went; what is found broken gets a moment to be repaired."""
    if last is None:
        return Check("canary", True, "none has flown yet")
    told = "; ".join(f"{path}: {why}" for path, why in last.faults.items())
    seconds = "" if last.seconds is None else f", delivered in {last.seconds:.1f} s"
    detail = f"{last.why} {utc(last.at)}{seconds}"
    fine = last.ok or now - last.at < PRESSING_MS
    return Check("canary", fine, f"{detail}; {told}" if told else detail)


def _delivery(waiting: Sequence[Waiting], now: int) -> Check:
    """The oldest undelivered row of every channel, due by now."""
    oldest: defaultdict[str, int] = defaultdict(int)
    count: defaultdict[str, int] = defaultdict(int)
    fine = True
    for one in waiting:
        lag = now - one.since
        oldest[one.channel] = max(oldest[one.channel], lag)
        count[one.channel] += one.count
        if one.kind != "webhook":  # another system that is away keeps no alarm from people
            fine = fine and lag < (PRESSING_MS if one.pressing else IN_TURN_MS)
    told = [f"{name}: {count[name]} waiting, oldest {lag} ms" for name, lag in oldest.items()]
    return Check("delivery", fine, "; ".join(told) or "oldest undelivered: 0 ms")
