"""Checkpoints: one chain over the heads of all cases' chains, and a short hash as a witness.

A case's own chain cannot tell that its last entries, or the whole case, were taken away together
with what the case remembers of them.  A checkpoint seals the heads that have moved since the one
before; its hash covers the one before, and so all that there was.  Its short hash is told to
people: who has it in their chat can prove that the database of today still holds what it held then.

    hash(n) = SHA-256( hash(n-1) || canonical JSON of {n, at, cases, heads} )
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.ports import Checkpoint
from storage.audit import Fault
from storage.sql import Row, Sql, from_json, insert, to_json

_GROUP = 4
_SHORT = 3 * _GROUP
_WITNESS = re.compile(r"[0-9a-f]{12,64}")
_COLUMNS = ("n", "at", "cases", "heads", "previous", "hash")

_SEAL = """
UPDATE hazard_case SET audit_sealed = audit_count WHERE audit_sealed <> audit_count
RETURNING number, audit_count, audit_head
"""
_LAST = "SELECT * FROM checkpoint ORDER BY n DESC LIMIT 1"
_HIGHEST = "SELECT COALESCE(MAX(number), 0) AS highest FROM hazard_case WHERE number > 0"


async def take(sql: Sql, now: int) -> Checkpoint | None:
    """Seal the heads that have moved since the last checkpoint; None where none has."""
    moved = await sql.rows(_SEAL)
    if not moved:
        return None
    heads = sorted([row["number"], row["audit_count"], row["audit_head"]] for row in moved)
    last = await sql.first(_LAST)
    highest = await sql.first(_HIGHEST)
    row: Row = {
        "n": last["n"] + 1 if last else 1,
        "at": now,
        "cases": highest["highest"] if highest else 0,
        "heads": to_json(heads),
        "previous": last["hash"] if last else "",
    }
    row["hash"] = _link(row)
    await sql.rows(insert("checkpoint", _COLUMNS), *(row[name] for name in _COLUMNS))
    return _checkpoint(row)


async def latest(sql: Sql) -> Checkpoint | None:
    """The last one taken."""
    row = await sql.first(_LAST)
    return _checkpoint(row) if row else None


async def verify(sql: Sql, cases: Sequence[Row], witness: str | None = None) -> list[Fault]:
    """Every place where the chain of checkpoints, or what it seals, does not hold.

    `witness` is the short hash of a checkpoint as people were told it.
    """
    chain = await sql.rows("SELECT * FROM checkpoint ORDER BY n")
    faults = [Fault(0, row["n"], words) for row, words in _wrong_links(chain)]
    if witness is not None and not _is_known(witness, chain):
        told = f"no checkpoint has the hash {witness}: what it sealed was taken away or rewritten"
        faults.append(Fault(0, 0, told))
    sealed: dict[int, int] = {}
    for row in chain:
        for case, n, head in _heads(row):
            sealed[case] = n
            entry = 'SELECT hash FROM audit_entry WHERE "case" = ? AND n = ?'
            found = await sql.first(entry, case, n)
            if found is None or found["hash"] != head:
                words = f"entry {n} is not the one that checkpoint {row['n']} sealed"
                faults.append(Fault(case, n, words))
    for row in cases:
        if row["audit_sealed"] != sealed.get(row["number"], 0):
            told = "no checkpoint sealed as much of it as it remembers"
            faults.append(Fault(row["number"], row["audit_sealed"], told))
    return faults


def short(hash: str) -> str:
    """`3f9a-71c2-0b5e`: what people are told of a hash."""
    return "-".join(hash[at : at + _GROUP] for at in range(0, _SHORT, _GROUP))


def _is_known(witness: str, chain: Sequence[Row]) -> bool:
    letters = re.sub(r"[\s-]", "", witness).lower()
    known = _WITNESS.fullmatch(letters) is not None
    return known and any(row["hash"].startswith(letters) for row in chain)


def _wrong_links(chain: Sequence[Row]) -> list[tuple[Row, str]]:
    found: list[tuple[Row, str]] = []
    previous = ""
    for expected, row in enumerate(chain, start=1):
        if row["n"] != expected:
            found.append((row, f"checkpoint {expected} is missing"))
        if row["previous"] != previous or row["hash"] != _link(row):
            found.append((row, f"checkpoint {row['n']} was changed after it was taken"))
        previous = row["hash"]
    return found


def _heads(row: Row) -> list[tuple[int, int, str]]:
    try:
        return [(int(case), int(n), str(head)) for case, n, head in from_json(row["heads"])]
    except (ValueError, TypeError):
        return []  # its hash tells that it was changed


def _link(row: Mapping[str, Any]) -> str:
    sealed = {name: row[name] for name in ("n", "at", "cases", "heads")}
    canonical = to_json(dict(sorted(sealed.items())))
    return hashlib.sha256((row["previous"] + canonical).encode()).hexdigest()


def _checkpoint(row: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(row["n"], row["at"], row["cases"], short(row["hash"]))
