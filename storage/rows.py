"""Between rows (column -> value) and the core's values."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from bot.domain.case import Case, Event, LastChange, Outcome, State, TimerKind
from bot.domain.hazard import Severity
from bot.domain.message import ChatRef, Incoming, Media, Sender
from bot.ports import (
    LANES,
    AuditRow,
    Copy,
    Entry,
    InboxRow,
    OutboxRow,
    Outgoing,
    Snapshot,
    Timer,
    part_of,
)
from storage.sql import from_json, to_json

log = logging.getLogger(__name__)

Columns = Mapping[str, Any]
_V = TypeVar("_V")

_PLAIN = tuple(
    field.name
    for field in fields(Case)
    if field.name not in {"severity", "state", "outcome", "state_before", "last", "subjects"}
)
_OUTBOX = tuple(field.name for field in fields(OutboxRow))


def readable(found: Iterable[Columns], read: Callable[[Columns], _V]) -> list[_V]:
    """Every row as a value; one that makes no sense is told in the log and spoils no list."""
    values: list[_V] = []
    for row in found:
        try:
            values.append(read(row))
        except (ValueError, TypeError, KeyError) as fault:
            known = row.get("number", row.get("id"))
            log.error("row %s cannot be read and is left out: %r", known, fault)
    return values


def case_columns(case: Case) -> dict[str, Any]:
    """The columns of a case, without the head of its audit chain."""
    last = case.last
    return {name: getattr(case, name) for name in _PLAIN} | {
        "severity": int(case.severity),
        "state": case.state.value,
        "outcome": case.outcome.value if case.outcome else None,
        "state_before": case.state_before.value if case.state_before else None,
        "subjects": to_json(dict(case.subjects)),
        "last_event": last.event.value if last else None,
        "last_actor": last.actor if last else None,
        "last_name": last.name if last else None,
        "last_at": last.at if last else None,
        "last_undo": to_json(dict(last.before)) if last else None,
        "last_before": last.state_before.value if last and last.state_before else None,
    }


def case_of(row: Columns) -> Case:
    """The case in a row."""
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    plain["trial"] = bool(row["trial"])
    return Case(
        **plain,
        severity=Severity(row["severity"]),
        state=State(row["state"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        state_before=State(row["state_before"]) if row["state_before"] else None,
        subjects=from_json(row["subjects"]),
        last=_last_of(row),
    )


def _last_of(row: Columns) -> LastChange | None:
    event, actor, at = row["last_event"], row["last_actor"], row["last_at"]
    if event is None or actor is None or at is None:
        return None
    before = State(row["last_before"]) if row["last_before"] else None
    undo = from_json(row["last_undo"]) or {}
    return LastChange(Event(event), actor, row["last_name"] or actor, at, before, undo)


def outbox_columns(row: Outgoing) -> dict[str, Any]:
    """A new row of the outbox."""
    return {
        "kind": row.kind,
        "target": row.target,
        "part": part_of(row.target),
        "lane": row.lane,
        "rank": LANES[row.lane],
        "case": row.case,
        "stream": row.stream,
        "dedupe_key": row.dedupe_key,
        "payload": to_json(dict(row.payload)),
        "state": "waiting",
        "due": row.due,
        "attempts": 0,
        "inflight": False,
        "unsure": False,
        "created_at": row.due,
    }


def outbox_of(row: Columns) -> OutboxRow:
    """The delivery in a row."""
    columns: dict[str, Any] = {name: row[name] for name in _OUTBOX}
    columns["payload"] = from_json(row["payload"])
    columns["outcome"] = from_json(row["outcome"])
    columns["unsure"] = bool(row["unsure"])
    return OutboxRow(**columns)


def inbox_columns(incoming: Incoming, now: int, queue: str) -> dict[str, Any]:
    """A new row of the inbox."""
    return {
        "platform_id": incoming.command_id,
        "queue": queue or incoming.chat.key,
        "part": part_of(incoming.chat.key),
        "body": to_json(storable(asdict(incoming))),
        "state": "waiting",
        "attempts": 0,
        "received_at": now,
    }


def storable(value: Any) -> Any:
    """Foreign words without what databases refuse: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return (
            value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    if isinstance(value, dict):
        return {name: storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


def incoming_of(body: Mapping[str, Any]) -> Incoming:
    """The `Incoming` that was stored."""
    given = dict(body)
    given["chat"] = ChatRef.read(given["chat"])
    given["sender"] = Sender(**given["sender"])
    given["media"] = tuple(Media(**media) for media in given["media"])
    return Incoming(**given)


def inbox_of(row: Columns) -> InboxRow:
    """The waiting message in a row."""
    incoming = incoming_of(from_json(row["body"]))
    return InboxRow(row["id"], row["queue"], incoming, row["attempts"], row["received_at"])


def copy_of(row: Columns) -> Copy:
    """The copy in a row."""
    return Copy(
        id=row["id"],
        case=row["case"],
        chat=ChatRef(row["channel"], row["chat"], row["topic"], bool(row["private"])),
        message_id=row["message_id"],
        has_picture=bool(row["has_picture"]),
        shown=row["shown"],
        wanted=row["wanted"],
        lost=bool(row["lost"]),
        digest=row["digest"],
        repeat=bool(row["repeated"]),
    )


def timer_of(row: Columns) -> Timer:
    """The clock in a row."""
    return Timer(row["id"], row["case"], TimerKind(row["kind"]), row["due"])


def snapshot_of(row: Columns) -> Snapshot:
    """The picture's name in a row."""
    kept = row["case"], row["kind"], row["sha256"], row["at"], row["by"]
    return Snapshot(*kept, row["erased_at"])


def audit_of(row: Columns) -> AuditRow:
    """The entry in a row."""
    data, private = from_json(row["data"]), from_json(row["private"]) or {}
    entry = Entry(row["at"], row["event"], row["actor"], data, private)
    return AuditRow(row["case"], row["n"], entry, row["hash"], from_json(row["facts"]) or {})
