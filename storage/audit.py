"""The hash chain of a case: how an entry is sealed, and how a chain is verified.

    hash(n) = SHA-256( hash(n-1) || canonical JSON of {case, n, at, event, actor, data, private} )

where `private` stands for the salted SHA-256 of the private part.  Names, words and pictures can so
be erased by rule, and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.ports import Entry
from storage.tables import AuditEntryRow


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the chain of a case does not hold."""

    case: int
    n: int
    message: str


def seal(case: int, n: int, previous: str, entry: Entry) -> AuditEntryRow:
    """The row of entry number `n` (from 1) after the entry with hash `previous` ("" at first)."""
    salt = secrets.token_hex(16) if entry.private else None
    private = dict(entry.private) or None
    digest = _private_digest(salt, private) if salt and private else None
    fields = _sealed(case, n, entry.at, entry.event, entry.actor, dict(entry.data), digest)
    return AuditEntryRow(
        case=case,
        n=n,
        at=entry.at,
        event=entry.event,
        actor=entry.actor,
        data=dict(entry.data),
        private=private,
        salt=salt,
        private_digest=digest,
        previous=previous,
        hash=_link(previous, fields),
    )


def verify_chain(case: int, head: str, count: int, rows: Sequence[AuditEntryRow]) -> list[Fault]:
    """Every place where `rows`, in order, are not the chain that ends in `head` after `count`."""
    faults: list[Fault] = []
    previous = ""
    for expected, row in enumerate(rows, start=1):
        faults += [Fault(case, row.n, message) for message in _wrong(row, expected, previous)]
        previous = row.hash
    if len(rows) != count:
        faults.append(
            Fault(case, len(rows), f"{count} entries were written, {len(rows)} are there")
        )
    if previous != head:
        faults.append(Fault(case, len(rows), "the last entry is not the one the case remembers"))
    return faults


def _wrong(row: AuditEntryRow, expected: int, previous: str) -> list[str]:
    found: list[str] = []
    if row.n != expected:
        found.append(f"entry {expected} is missing")
    if row.previous != previous:
        found.append("does not follow the entry before it")
    fields = _sealed(row.case, row.n, row.at, row.event, row.actor, row.data, row.private_digest)
    if row.hash != _link(row.previous, fields):
        found.append("was changed after it was written")
    if row.private is not None and _private_digest(row.salt, row.private) != row.private_digest:
        found.append("its private part was changed after it was written")
    return found


def _sealed(
    case: int,
    n: int,
    at: int,
    event: str,
    actor: str,
    data: Mapping[str, Any],
    private: str | None,
) -> dict[str, Any]:
    return {
        "case": case,
        "n": n,
        "at": at,
        "event": event,
        "actor": actor,
        "data": data,
        "private": private,
    }


def _link(previous: str, fields: Mapping[str, Any]) -> str:
    return hashlib.sha256((previous + _canonical(fields)).encode()).hexdigest()


def _private_digest(salt: str | None, private: Mapping[str, Any]) -> str:
    return hashlib.sha256(((salt or "") + _canonical(private)).encode()).hexdigest()


def _canonical(value: Mapping[str, Any]) -> str:
    """JSON in which equal values are equal text, on every engine that keeps JSON its own way."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
