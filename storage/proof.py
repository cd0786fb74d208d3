"""Whether a case, its pictures and its deliveries are what its chain of entries tells.

`storage.audit` proves that a chain is whole; here the chain is played through, and what stands in
the other tables is compared with what it leads to.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bot.domain.evidence import SEALED, facts_of
from bot.ports import PictureStore
from storage import rows
from storage.audit import ERASED, Fault, verify_chain
from storage.sql import Row, Sql, from_json, to_json

_NO_ENTRY = ("edit", "press")
"""Kinds of delivery that leave no entry: a card is edited too often, a toast proves nothing."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLURAL = {"case": "cases", "canary": "canaries"}
_OVER = ("done", "dead", "uncertain")


async def verify_case(sql: Sql, row: Row, pictures: PictureStore | None) -> list[Fault]:
    """Every place where the evidence of a case does not hold; files only with `pictures`.

    Whatever somebody wrote there, the case is named, and the others are verified.
    """
    try:
        return await _verify_case(sql, row, pictures)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        return [Fault(row["number"], 0, f"its evidence cannot be read: {fault!r}")]


async def _verify_case(sql: Sql, row: Row, pictures: PictureStore | None) -> list[Fault]:
    number = row["number"]
    entries = await _of_case(sql, "audit_entry", number, "n")
    faults = verify_chain(number, row["audit_head"], row["audit_count"], entries)
    told = _Told(entries)
    last = len(entries)
    faults += [Fault(number, n, "its private part is gone") for n in told.bared()]
    faults += [Fault(number, last, words) for words in _differences(row, told)]
    snapshots = await _of_case(sql, "snapshot", number, "id")
    faults += [Fault(number, last, words) for words in _pictures(snapshots, told)]
    deliveries = await _of_case(sql, "outbox", number, "id")
    faults += [Fault(number, last, words) for words in _deliveries(deliveries, told)]
    if pictures is not None:
        faults += [Fault(number, last, words) for words in await _files(pictures, told)]
    return faults


async def verify_whole(sql: Sql, cases: Sequence[Row]) -> list[Fault]:
    """What no case can tell alone: numbers count by one, and every entry has its case."""
    numbers = [row["number"] for row in cases]
    faults = await _verify_series(sql, "case", 1, [n for n in numbers if n > 0])
    faults += await _verify_series(sql, "canary", -1, [-n for n in numbers if n < 0])
    named = await sql.rows('SELECT DISTINCT "case" FROM audit_entry ORDER BY "case"')
    known = set(numbers)
    orphans = [row["case"] for row in named if row["case"] not in known]
    return faults + [Fault(n, 0, "there are entries of it, but no case") for n in orphans]


async def _verify_series(sql: Sql, name: str, sign: int, numbers: Sequence[int]) -> list[Fault]:
    """Whether the numbers are those that a counter gave out; canaries count below zero."""
    counter = await sql.first("SELECT value FROM counter WHERE name = ?", name)
    counted = counter["value"] if counter else 0
    known = sorted(numbers)
    given = [number for number in known if number <= counted]
    faults = [Fault(0, 0, words) for words in _gaps([0, *given, counted + 1], name)]
    never = known[len(given) :]
    return faults + [Fault(sign * n, 0, "its number was never given out") for n in never]


def _gaps(numbers: Sequence[int], name: str) -> Iterator[str]:
    for before, after in pairwise(numbers):
        if after - before == 2:
            yield f"{name} {before + 1} is missing"
        elif after - before > 2:
            yield f"the {_PLURAL[name]} {before + 1} to {after - 1} are missing"


class _Told:
    """What the entries of a chain lead to, taken one after another."""

    def __init__(self, entries: Sequence[Row]) -> None:
        self.entries = entries
        self.facts: dict[str, Any] = {}
        self.pictures: Counter[tuple[str, str]] = Counter()
        self.deliveries: Counter[str] = Counter()
        self.note: str | None = ""
        self.erased_pictures: set[str] = set()
        self.once_erased: set[str] = set()
        self._erased_entries: set[int] = set()
        for entry in entries:
            self._take(entry)

    def _take(self, entry: Row) -> None:
        facts = _object(entry["facts"])
        for kind, sha in facts.pop("pictures", ()):
            self.pictures[kind, sha] += 1
            self.erased_pictures.discard(sha)  # it came again, and is to be there
        self.facts |= facts
        if entry["private"] is not None:
            self.note = _object(entry["private"]).get("note", self.note)
        elif entry["private_digest"] is not None and facts:
            self.note = None  # it may have been in what was erased
        if entry["event"] == "delivery":
            self.deliveries[_canonical(_object(entry["data"]))] += 1
        if entry["event"] == ERASED:
            data = _object(entry["data"])
            self.erased_pictures.update(data.get("pictures", ()))
            self.once_erased |= self.erased_pictures
            self._erased_entries.update(data.get("entries", ()))

    def bared(self) -> Iterator[int]:
        """Entries without their private part, though nothing tells that it was erased by rule."""
        for entry in self.entries:
            gone = entry["private"] is None and entry["private_digest"] is not None
            if gone and entry["n"] not in self._erased_entries:
                yield entry["n"]


def _differences(row: Row, told: _Told) -> Iterator[str]:
    """Fields of the case that are not what its entries say."""
    try:
        case = rows.case_of(row)
    except (ValueError, TypeError, KeyError) as fault:
        yield f"the case cannot be read: {fault}"
        return
    facts = facts_of(case)
    for name in SEALED:
        if facts.get(name) != told.facts.get(name):
            yield f"{name} is {facts.get(name)!r}, its entries say {told.facts.get(name)!r}"
    if told.note is not None and case.note != told.note:
        yield "its note is not the one that its entries tell"


def _pictures(snapshots: Sequence[Row], told: _Told) -> Iterator[str]:
    """Pictures that belong to the case by one of both, the entries and the list, alone."""
    listed = Counter((row["kind"], row["sha256"]) for row in snapshots)
    for kind, sha in (told.pictures - listed).elements():
        if sha not in told.erased_pictures:
            yield f"the {kind} picture {sha} is not listed any more"
    for kind, sha in (listed - told.pictures).elements():
        yield f"no entry tells of the {kind} picture {sha}"
    for row in snapshots:
        if row["erased_at"] is not None and row["sha256"] not in told.once_erased:
            yield f"no entry tells that the {row['kind']} picture {row['sha256']} was erased"


def _deliveries(outbox: Sequence[Row], told: _Told) -> Iterator[str]:
    """Deliveries whose outcome is not the one that was written down with them."""
    for row in outbox:
        if row["state"] not in _OVER or row["kind"] in _NO_ENTRY:
            continue
        outcome = _object(row["outcome"])
        entry = _canonical({"kind": row["kind"], "to": row["target"], **outcome})
        untrue = outcome.get("outcome") == "delivered" and row["state"] != "done"
        if untrue or not told.deliveries[entry]:
            what = f"delivery {row['id']} ({row['kind']} to {row['target']})"
            yield f"{what} is not what was written down of it"


async def _files(pictures: PictureStore, told: _Told) -> list[str]:
    """Pictures that are not there, or no longer what they were."""
    found: list[str] = []
    for kind, sha in sorted(told.pictures):
        jpeg = await pictures.get(sha) if _SHA256.fullmatch(sha) else None
        if jpeg is None:
            if sha not in told.erased_pictures:
                found.append(f"the {kind} picture {sha} is missing")
        elif hashlib.sha256(jpeg).hexdigest() != sha:
            found.append(f"the {kind} picture {sha} was changed")
    return found


async def _of_case(sql: Sql, table: str, case: int, order: str) -> list[Row]:
    return await sql.rows(f'SELECT * FROM {table} WHERE "case" = ? ORDER BY {order}', case)  # noqa: S608 - our own


def _object(stored: Any) -> dict[str, Any]:
    """A JSON object; whatever else somebody wrote there is an empty one."""
    try:
        found = from_json(stored)
    except ValueError:
        return {}
    return dict(found) if isinstance(found, Mapping) else {}


def _canonical(value: Mapping[str, Any]) -> str:
    return to_json(dict(sorted(value.items())))
