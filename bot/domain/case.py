"""What a case is: a value, and the words for where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.hazard import Severity


class State(StrEnum):
    """Where a case stands; everything but `closed` is live."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RECTIFIED = "rectified"
    ESCALATED = "escalated"
    WORK_ORDER = "work_order"
    CLOSED = "closed"


LIVE = frozenset(State) - {State.CLOSED}
UNRECTIFIED = LIVE - {State.RECTIFIED}


class Outcome(StrEnum):
    """How a closed case ended."""

    RECTIFIED = "rectified"
    SELF_CLOSED = "self_closed"
    LEFT = "left"
    FALSE_ALARM = "false_alarm"
    OTHER = "other"


class Event(StrEnum):
    """What can happen to a case, and the name under which its history keeps it."""

    OPENED = "opened"
    ATTACHED = "attached"
    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"
    RECTIFIED = "rectified"
    VERIFIED = "verified"
    VERIFY_FAILED = "verify_failed"
    CLOSED = "closed"
    ESCALATED = "escalated"
    WORK_ORDER = "work_order"
    REOPENED = "reopened"
    SEEN_AGAIN = "seen_again"
    SEEN_GONE = "seen_gone"
    UNDONE = "undone"
    ASSIGNED = "assigned"
    DISPUTED = "disputed"
    EVIDENCE = "evidence"
    TALKED = "talked"
    HEARD = "heard"


class TimerKind(StrEnum):
    """The clocks that run on a case."""

    ACKNOWLEDGE_BY = "acknowledge_by"
    RECTIFY_BY = "rectify_by"
    ARRIVE_BY = "arrive_by"
    SELF_CLOSE = "self_close"
    SPEAK_AGAIN = "speak_again"
    COOLDOWN = "cooldown"


SENSOR = "sensor"
"""Stands for the member by whose word a case is confirmed: a second, independent source."""


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last thing done to a case by a person or a clock: who was first, what undo takes back.

    `before` holds what the change wrote over, field -> old value (texts, numbers or None).
    """

    event: Event
    actor: str
    name: str
    at: int
    state_before: State | None = None
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Case:
    """One hazard at one place, from first report to close.  Times are epoch milliseconds.

    `seq` counts decisions and is carried by buttons; `version` counts everything a card shows.
    `live_key` is held while the hazard lasts, `place_key` for ever.  `subjects` maps who is
    involved to a mark of `bot.domain.presence` (there, or why gone, and since when); `gone_at` is
    set while the hazard is seen to be gone but the case is not yet ended by it.  `source` is who
    reported it first, `confirmed_by` the member (or `SENSOR`) by whose word it is more than a
    suspicion: to have looked at a picture, or to be on one's way, is not yet to confirm.
    """

    number: int
    site: str
    hazard: str
    severity: Severity
    place_key: str
    opened_at: int
    first_seen: int
    last_seen: int
    camera: str | None = None
    zone: str | None = None
    state: State = State.OPEN
    outcome: Outcome | None = None
    seq: int = 1
    version: int = 1
    live_key: str | None = None
    received_at: int = 0
    count: int = 1
    people: int = 1
    subjects: Mapping[str, str] = field(default_factory=dict[str, str])
    gone_at: int | None = None
    level: int = 0
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None
    arrived_by: str | None = None
    arrived_at: int | None = None
    rectified_by: str | None = None
    rectified_at: int | None = None
    state_before: State | None = None
    closed_at: int | None = None
    assigned_to: str | None = None
    reviewed_by: str | None = None
    reported_by: str | None = None
    work_order: str | None = None
    acknowledge_due: int | None = None
    rectify_due: int | None = None
    note: str = ""
    trial: bool = False
    spoken: int = 0
    sounded_at: int | None = None
    source: str | None = None
    confirmed_by: str | None = None
    last: LastChange | None = None

    @property
    def live(self) -> bool:
        """Not closed."""
        return self.state is not State.CLOSED

    @property
    def emergency(self) -> bool:
        """Rings on two paths and never closes itself."""
        return self.severity is Severity.EMERGENCY

    @property
    def house(self) -> bool:
        """No case at all: the chain of what belongs to none is kept under its number."""
        return self.number == 0

    @property
    def canary(self) -> bool:
        """A test of delivery: numbered from -1 down, so that the numbers of cases have no gap."""
        return self.number < 0

    @property
    def suspected(self) -> bool:
        """疑似: only a machine has seen it, no person has looked yet."""
        return self.reviewed_by is None and self.reported_by is None
