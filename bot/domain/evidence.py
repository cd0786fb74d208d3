"""What of a case its history must tell, so that the case and its history prove each other.

Every entry says which of these fields are others from then on.  What changes with every look of a
camera (when it was seen last, how often, by which tracks) is told by the reports and not sealed;
nor are deadlines, which are plans and move with a clock that jumps.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any

from bot.domain.case import Case

ERASED = "erased"
"""The event of an entry that tells what was erased by rule, and so excuses what is missing.

Its data: the `rule`, `entries`, the numbers of those whose private part is gone, and `pictures`,
the SHA-256 of those whose files are gone.
"""

SEALED = (
    "site",
    "hazard",
    "severity",
    "place_key",
    "camera",
    "zone",
    "state",
    "outcome",
    "state_before",
    "opened_at",
    "received_at",
    "first_seen",
    "level",
    "acknowledged_by",
    "acknowledged_at",
    "arrived_by",
    "arrived_at",
    "rectified_by",
    "rectified_at",
    "closed_at",
    "assigned_to",
    "reviewed_by",
    "reported_by",
    "confirmed_by",
    "work_order",
    "trial",
)

Facts = Mapping[str, Any]
"""Field -> value as JSON has it; a field that is None is not there."""


def facts_of(case: Case) -> dict[str, Any]:
    """The sealed fields of a case."""
    found = {name: _plain(getattr(case, name)) for name in SEALED}
    return {name: value for name, value in found.items() if value is not None}


def changed(before: Facts, after: Facts) -> dict[str, Any]:
    """What an entry tells: the fields that are others now, None for those that are empty now."""
    names = [name for name in SEALED if before.get(name) != after.get(name)]
    return {name: after.get(name) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return int(value) if isinstance(value, IntEnum) else value
