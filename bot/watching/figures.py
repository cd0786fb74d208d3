"""The figures of delivery for Prometheus; docs/reference/http.md lists them all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.casework.canaries import verdict_of
from bot.ports import Clock, OutboxRow, Store, Waiting
from bot.watching.monitor import Monitor

_LOOK_S = 1.0
_CARD_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 120, 300, 600)


@dataclass
class Figures:
    """Counts outcomes as they come, and looks once a second at what waits."""

    registry: CollectorRegistry
    store: Store
    clock: Clock
    _known: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self._deliveries = Counter(
            "loudhailer_deliveries",
            "Tries of what was to be delivered, by what became of them.",
            ("channel", "kind", "outcome"),
            registry=self.registry,
        )
        self._card = Histogram(
            "loudhailer_card_seconds",
            "From the receipt of a report until the chat platform had the card.",
            ("channel",),
            registry=self.registry,
            buckets=_CARD_BUCKETS,
        )
        self._waiting = self._gauge("waiting", "Undelivered rows that are due.", "channel")
        self._oldest = self._gauge(
            "oldest_waiting_seconds", "For how long the oldest of them has been due.", "channel"
        )
        self._failing = self._gauge(
            "channel_failing_seconds", "For how long sending has failed; 0: it works.", "channel"
        )
        self._inbox = self._gauge("inbox_waiting", "Messages of people that wait to be handled.")
        self._inbox_oldest = self._gauge(
            "inbox_oldest_waiting_seconds", "For how long the oldest of them has waited."
        )
        self._timers = self._gauge("timer_late_seconds", "How late the latest timer is.")
        self._lag = self._gauge(
            "loop_lag_seconds", "How late the event loop was at its last regular wake-up."
        )

        self._canary_success = self._gauge(
            "canary_last_success", "When the last canary flew that arrived everywhere (epoch, s)."
        )
        self._canary_seconds = self._gauge(
            "canary_seconds", "How long the last canary took to the slowest chat."
        )

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"loudhailer_{name}", told, labels, registry=self.registry)

    def outcome(self, row: OutboxRow, outcome: Mapping[str, Any]) -> None:
        """What became of a try of a row; see `bot.courier.desk.Outcomes`."""
        channel = channel_of(row)
        word = str(outcome["outcome"])
        word = "uncertain" if outcome.get("unsure") else word
        self._deliveries.labels(channel, row.kind, word).inc()
        if row.kind == "card" and word == "delivered":
            self._card.labels(channel).observe((self.clock() - row.created_at) / 1000)

    async def run(self, monitor: Monitor) -> None:
        """Look until cancelled."""
        turn: Callable[[], float] = asyncio.get_running_loop().time
        while True:
            meant = turn() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self._lag.set(max(turn() - meant, 0))
            await self.look(monitor)

    async def look(self, monitor: Monitor) -> None:
        """One look at what waits."""
        now = self.clock()
        waiting = await self.store.waiting(now)
        self._known |= {one.channel for one in waiting} | set(monitor.channels)
        for channel in self._known:
            mine = [one for one in waiting if one.channel == channel]
            self._waiting.labels(channel).set(sum(one.count for one in mine))
            self._oldest.labels(channel).set(_seconds(mine, now))
        for name, channel in monitor.channels.items():
            longest = max((c.failing_for(now) for c in channel.courses.values()), default=0)
            self._failing.labels(name).set(longest / 1000)
        count, since = await self.store.inbox_waiting()
        self._inbox.set(count)
        self._inbox_oldest.set(max(now - since, 0) / 1000 if since is not None else 0)
        canary = await verdict_of(self.store)
        self._canary_success.set((canary.success_at or 0) / 1000 if canary else 0)
        seconds = canary.seconds if canary else None
        self._canary_seconds.set(math.nan if seconds is None else seconds)
        timer = await self.store.next_timer()
        self._timers.set(max(now - timer, 0) / 1000 if timer is not None else 0)


def channel_of(row: OutboxRow) -> str:
    """The chat platform, or "speakers", "lights" or "alerts"."""
    kind = row.kind if row.kind in ("announce", "alert", "webhook") else "chat"
    if row.kind in ("switch_on", "switch_off"):
        kind = "switch"
    return Waiting(row.target, kind, False, 1, 0).channel


def _seconds(waiting: list[Waiting], now: int) -> float:
    return max((now - one.since for one in waiting), default=0) / 1000
