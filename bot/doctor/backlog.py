"""What was not delivered lately."""

from __future__ import annotations

from collections import Counter
from functools import partial

from bot.clock import epoch_ms
from bot.doctor.finding import Finding, Probe
from bot.ports import OutboxRow, Undelivered
from bot.settings import Settings

_LATELY_MS = 24 * 3_600_000
_LONG_MS = 5 * 60_000
_MOST = 10_000


def probes(settings: Settings) -> list[Probe]:
    """One for the outbox."""
    return [Probe("deliveries", "", partial(backlog, settings))]


async def backlog(settings: Settings) -> Finding:
    """What was given up within a day, and what waits for long."""
    from storage.database import DatabaseUnusable, OutdatedSchema, open_database
    from storage.store import SqlStore
    from storage.wake import LocalWake

    try:
        async with open_database(settings.database.reveal()) as opened:
            rows = await SqlStore(opened, LocalWake()).undelivered(Undelivered(limit=_MOST))
    except (DatabaseUnusable, OutdatedSchema, OSError):  # the database has a line of its own
        return Finding("deliveries", "", True, "deliveries.fine")
    now = epoch_ms()
    counted = Counter(row.state for row in rows if _counts(row, now - row.created_at))
    params = {name: counted[name] for name in ("dead", "uncertain", "waiting")}
    fine = not any(counted.values())
    return Finding("deliveries", "", fine, f"deliveries.{'fine' if fine else 'fault'}", params)


def _counts(row: OutboxRow, age: int) -> bool:
    return age > _LONG_MS if row.state == "waiting" else age < _LATELY_MS
