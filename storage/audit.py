"""The hash chain of a case: how an entry is sealed, and how a chain is verified.

    hash(n) = SHA-256( hash(n-1)
        || canonical JSON of {case, n, at, event, actor, data, facts, private} )

`data` and `facts` are the entry's JSON as it was written, letter by letter: databases that keep
JSON in a form of their own would give numbers back in other words.  `facts` is what the entry seals
of the case and its pictures.  `private` stands for the SHA-256 of a salt and
the private part's JSON.  Names, words and pictures can so be erased by rule, and the chain still
verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.evidence import ERASED as ERASED
from bot.ports import Entry
from storage.sql import to_json

COLUMNS = (
    "case",
    "n",
    "at",
    "event",
    "actor",
    "data",
    "facts",
    "private",
    "salt",
    "private_digest",
    "previous",
    "hash",
)


_SEALED = ("case", "n", "at", "event", "actor", "data", "facts")
NOTED = "noted"
"""An entry that only seals what changed without anybody having done something."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the evidence does not hold; case 0: it concerns no single case."""

    case: int
    n: int
    message: str


def seal(
    case: int, n: int, previous: str, entry: Entry, facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The columns of entry number `n` (from 1) after the one with hash `previous` ("" at first)."""
    private = to_json(dict(entry.private)) if entry.private else None
    salt = secrets.token_hex(16) if private else None
    row: dict[str, Any] = {
        "case": case,
        "n": n,
        "at": entry.at,
        "event": entry.event,
        "actor": entry.actor,
        "data": to_json(dict(entry.data)),
        "facts": to_json(dict(facts)) if facts else None,
        "private": private,
        "salt": salt,
        "private_digest": _private_digest(salt, private) if private else None,
        "previous": previous,
    }
    return row | {"hash": _link(row)}


def verify_chain(
    case: int, head: str, count: int, rows: Sequence[Mapping[str, Any]]
) -> list[Fault]:
    """Every place where `rows`, in order, are not the chain that ends in `head` after `count`."""
    faults: list[Fault] = []
    previous = ""
    for expected, row in enumerate(rows, start=1):
        faults += [Fault(case, row["n"], message) for message in _wrong(row, expected, previous)]
        previous = row["hash"]
    if len(rows) != count:
        told = f"{count} entries were written, {len(rows)} are there"
        faults.append(Fault(case, len(rows), told))
    if previous != head:
        faults.append(Fault(case, len(rows), "the last entry is not the one the case remembers"))
    return faults


def _wrong(row: Mapping[str, Any], expected: int, previous: str) -> list[str]:
    found: list[str] = []
    if row["n"] != expected:
        found.append(f"entry {expected} is missing")
    if row["previous"] != previous:
        found.append("does not follow the entry before it")
    if row["hash"] != _link(row):
        found.append("was changed after it was written")
    private = row["private"]
    if private is not None and _private_digest(row["salt"], private) != row["private_digest"]:
        found.append("its private part was changed after it was written")
    return found


def _link(row: Mapping[str, Any]) -> str:
    sealed = {name: row[name] for name in _SEALED}
    sealed["private"] = row["private_digest"]
    canonical = json.dumps(sealed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((row["previous"] + canonical).encode()).hexdigest()


def _private_digest(salt: str | None, private: str) -> str:
    return hashlib.sha256(((salt or "") + private).encode()).hexdigest()
