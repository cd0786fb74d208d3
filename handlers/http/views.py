"""Cases and what belongs to them, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.case import Case, Event
from bot.domain.evidence import ERASED
from bot.domain.rfc3339 import utc, utc_or_none
from bot.ports import AuditRow, OutboxRow, Snapshot
from bot.redact import redact_value
from handlers.http.pictures import PictureLinks

Json = dict[str, Any]
_EVENTS = frozenset(Event) | {ERASED}


def entry_view(row: AuditRow) -> Json:
    """One thing done to a case."""
    entry = row.entry
    said = entry.data.get("reason") or entry.data.get("rule")
    reason = entry.private.get("reason") or said or ""
    return {
        "n": row.n,
        "at": utc(entry.at),
        "event": entry.event,
        "actor": entry.actor,
        "reason": reason,
        "hash": row.hash,
    }


def is_history(row: AuditRow) -> bool:
    """Whether an audit entry tells something done to the case (deliveries are listed apart)."""
    return row.entry.event in _EVENTS


def delivery_view(row: OutboxRow) -> Json:
    """One thing sent because of a case, and what became of it."""
    return {
        "kind": row.kind,
        "target": row.target,
        "state": row.state,
        "attempts": row.attempts,
        "created_at": utc(row.created_at),
        "finished_at": utc_or_none(row.finished_at),
        "unsure": row.unsure,
        "outcome": _outcome(row.outcome) if row.outcome is not None else None,
    }


def _outcome(told: Mapping[str, Any]) -> Json:
    """As it is on record, but for the time at which a horn began."""
    outcome = redact_value(dict(told))
    if "began_at" in outcome:
        outcome["began_at"] = utc(outcome["began_at"])
    return outcome


def snapshot_view(snapshot: Snapshot, links: PictureLinks, now: int) -> Json:
    """A picture or clip of a case, with a link that works for an hour or two."""
    kind = "clips" if snapshot.kind == "clip" else "pictures"
    return {
        "kind": snapshot.kind,
        "at": utc(snapshot.at),
        "by": snapshot.by,
        "sha256": snapshot.sha256,
        "url": links.path(snapshot.sha256, now, kind=kind),
        "erased_at": utc_or_none(snapshot.erased_at),
    }


def work_order_view(case: Case, party: str | None) -> Json:
    """A work order: who has to put what right, until when."""
    return {
        "work_order": case.work_order,
        "case": case.number,
        "site": case.site,
        "party": party,
        "hazard": case.hazard,
        "severity": case.severity.word,
        "state": case.state.value,
        "outcome": case.outcome.value if case.outcome else None,
        "assigned_to": case.assigned_to,
        "due": utc_or_none(case.rectify_due),
        "opened_at": utc(case.opened_at),
        "rectified_at": utc_or_none(case.rectified_at),
        "closed_at": utc_or_none(case.closed_at),
    }


def page(name: str, items: list[Json], following: int | None) -> Mapping[str, Any]:
    """A page of a list; `next` is the cursor to go on with, null at the end."""
    return {name: items, "next": str(following) if following is not None else None}
