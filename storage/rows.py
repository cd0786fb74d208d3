"""Between rows and the core's values."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from bot.domain.case import Case, Event, LastChange, Outcome, State, TimerKind
from bot.domain.hazard import Severity
from bot.domain.message import ChatRef, Incoming, Media, Sender
from bot.ports import AuditRow, Copy, Entry, InboxRow, OutboxRow, Snapshot, Timer
from storage.tables import (
    AuditEntryRow,
    CaseRow,
    CopyRow,
    InboxItemRow,
    OutboxItemRow,
    SnapshotRow,
    TimerRow,
)

_PLAIN = [
    field.name
    for field in fields(Case)
    if field.name not in {"severity", "state", "outcome", "state_before", "last", "subjects"}
]


def case_columns(case: Case) -> dict[str, Any]:
    """The columns of a case, without its number and the audit chain's head."""
    last = case.last
    columns = {name: getattr(case, name) for name in _PLAIN}
    del columns["number"]
    return columns | {
        "severity": int(case.severity),
        "state": case.state.value,
        "outcome": case.outcome.value if case.outcome else None,
        "state_before": case.state_before.value if case.state_before else None,
        "subjects": dict(case.subjects),
        "last_event": last.event.value if last else None,
        "last_actor": last.actor if last else None,
        "last_name": last.name if last else None,
        "last_at": last.at if last else None,
        "last_undo": dict(last.before) if last and last.before is not None else None,
        "last_before": last.state_before.value if last and last.state_before else None,
    }


def case_of(row: CaseRow) -> Case:
    """The case in a row."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Case(
        **plain,
        severity=Severity(row.severity),
        state=State(row.state),
        outcome=Outcome(row.outcome) if row.outcome else None,
        state_before=State(row.state_before) if row.state_before else None,
        subjects=row.subjects,
        last=_last_of(row),
    )


def _last_of(row: CaseRow) -> LastChange | None:
    if row.last_event is None or row.last_actor is None or row.last_at is None:
        return None
    before = State(row.last_before) if row.last_before else None
    name = row.last_name or row.last_actor
    return LastChange(
        Event(row.last_event), row.last_actor, name, row.last_at, before, row.last_undo or {}
    )


def incoming_body(incoming: Incoming) -> dict[str, Any]:
    """An `Incoming` as JSON."""
    return asdict(incoming)


def incoming_of(body: dict[str, Any]) -> Incoming:
    """The `Incoming` that `incoming_body` wrote."""
    given = dict(body)
    given["chat"] = ChatRef(**given["chat"])
    given["sender"] = Sender(**given["sender"])
    given["media"] = tuple(Media(**media) for media in given["media"])
    return Incoming(**given)


def inbox_of(row: InboxItemRow) -> InboxRow:
    return InboxRow(row.id, incoming_of(row.body), row.attempts, row.received_at)


def outbox_of(row: OutboxItemRow) -> OutboxRow:
    names = [field.name for field in fields(OutboxRow)]
    return OutboxRow(**{name: getattr(row, name) for name in names})


def copy_of(row: CopyRow) -> Copy:
    chat = ChatRef(row.channel, row.chat, row.topic, row.private)
    return Copy(
        row.id, row.case, chat, row.message_id, row.has_picture, row.shown, row.wanted, row.lost
    )


def timer_of(row: TimerRow) -> Timer:
    return Timer(row.id, row.case, TimerKind(row.kind), row.due)


def snapshot_of(row: SnapshotRow) -> Snapshot:
    return Snapshot(row.case, row.kind, row.sha256, row.at, row.by)


def audit_of(row: AuditEntryRow) -> AuditRow:
    entry = Entry(row.at, row.event, row.actor, row.data, row.private or {})
    return AuditRow(row.case, row.n, entry, row.hash)
