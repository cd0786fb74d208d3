"""A case as other systems are told of it: the same facts by the API and by webhooks."""

from __future__ import annotations

from typing import Any

from bot.domain.case import Case
from bot.domain.rfc3339 import utc, utc_or_none


def case_view(case: Case) -> dict[str, Any]:
    """A case as lists show it."""
    return {
        "case": case.number,
        "site": case.site,
        "hazard": case.hazard,
        "severity": case.severity.word,
        "state": case.state.value,
        "outcome": case.outcome.value if case.outcome else None,
        "suspected": case.suspected,
        "trial": case.trial,
        "camera": case.camera,
        "zone": case.zone,
        "people": case.people,
        "sightings": case.count,
        "note": case.note,
        "opened_at": utc(case.opened_at),
        "first_seen": utc(case.first_seen),
        "last_seen": utc(case.last_seen),
        "acknowledged_by": case.acknowledged_by,
        "acknowledged_at": utc_or_none(case.acknowledged_at),
        "arrived_by": case.arrived_by,
        "arrived_at": utc_or_none(case.arrived_at),
        "rectified_by": case.rectified_by,
        "rectified_at": utc_or_none(case.rectified_at),
        "closed_at": utc_or_none(case.closed_at),
        "acknowledge_due": utc_or_none(case.acknowledge_due),
        "rectify_due": utc_or_none(case.rectify_due),
        "assigned_to": case.assigned_to,
        "reported_by": case.reported_by,
        "reviewed_by": case.reviewed_by,
        "level": case.level,
        "work_order": case.work_order,
    }
