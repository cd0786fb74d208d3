"""The outbox's statements: which row goes next, and who has it.

A row waits while `due` is set, and is over when it is NULL.  A claim pushes `due` on by a lease, so
that a row whose process died comes back; `inflight` tells then that the last try was broken off,
and may have been delivered (`unsure`).  The number of attempts names the claim: who holds an older
one changes nothing any more.

Rows of one stream (a case in a chat) go one after another, by id.  Of pictures that come after
their words the newest goes first: on a thin line, after a gap, what happens now must not wait for
what happened then.
"""

from __future__ import annotations

from functools import cache

from bot.ports import LANES, PARTS, OutboxRow
from storage.sql import marks

_FIRST_IN_STREAM = """NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
    WHERE earlier.stream = o.stream AND earlier.due IS NOT NULL AND earlier.id < o.id)"""

RELEASE = """
UPDATE outbox SET due = ?, inflight = FALSE, attempts = attempts - 1
WHERE id = ? AND attempts = ? AND due IS NOT NULL
"""

TAKE_OVER = """
UPDATE outbox SET due = ? WHERE due IS NOT NULL AND inflight
"""

WAITING = f"""
SELECT target,
    CASE WHEN kind IN ('announce', 'alert', 'webhook') THEN kind
        WHEN kind IN ('switch_on', 'switch_off') THEN 'switch' ELSE 'chat' END AS what,
    CASE WHEN kind IN ('photo', 'webhook') THEN 0
        WHEN attempts > 1 OR (kind <> 'edit' AND "rank" <= {LANES["serious"]}) THEN 1
        ELSE 0 END AS pressing,
    COUNT(*) AS number, MIN(created_at) AS since
FROM outbox WHERE due IS NOT NULL AND created_at <= ?
    AND NOT (kind = 'switch_off' AND attempts = 0)
GROUP BY 1, 2, 3
"""  # noqa: S608 - nothing but our own words

HELD_ON = """
SELECT id FROM outbox WHERE kind = 'switch_off' AND target = ? AND due > ? AND NOT inflight LIMIT 1
"""
"""Values: the actuator, now."""

HELD_ON_BUT = """
SELECT id FROM outbox WHERE kind = 'switch_off' AND target = ? AND id <> ?
    AND due IS NOT NULL AND ((due > ? AND NOT inflight) OR id > ?)
LIMIT 1
"""
"""Values: the actuator, the row that asks, now, the same row.  A row that is being delivered has a
`due` that is its lease: of two such the later one decides."""

LET_GO = """
UPDATE outbox SET due = ? WHERE kind = 'switch_off' AND due > ? AND NOT inflight
"""
"""Values: now, now, and those of what it is narrowed to."""

WORDS_ABOUT = """
SELECT "case", payload FROM outbox
WHERE finished_at >= ? AND target = ? AND kind = 'text' AND state = 'done'
    AND outcome ->> 'message' = ?
ORDER BY finished_at DESC LIMIT 1
"""
"""Values: since when, the chat's key, the message's id there."""

SAID_SINCE = """
SELECT target, finished_at, lane, outcome ->> 'began_at' AS began FROM outbox
WHERE kind = 'announce' AND finished_at >= ?
    AND outcome ->> 'outcome' IN ('spoken', 'sent', 'not_confirmed', 'cut_off', 'preempted')
"""
"""Value: since when."""

REVIVE_CHAT = """
UPDATE outbox SET state = 'waiting', due = ?, created_at = ?, attempts = 0, inflight = FALSE,
    finished_at = NULL
WHERE state = 'dead' AND due IS NULL AND kind IN ('card', 'direct', 'digest', 'photo')
    AND (target = ? OR target LIKE ?)
    AND ("case" IS NULL OR "case" IN (SELECT number FROM hazard_case WHERE state <> 'closed'))
RETURNING id
"""
"""Values: now, now, the chat's key, the same and `/%` for its topics."""


@cache
def claim(kinds: int, busy: int, parts: int, lock: str) -> str:
    """Values: now, kinds, parts, busy targets, limit, end of the lease."""
    return f"""
WITH picked AS MATERIALIZED (
    SELECT o.id FROM outbox AS o
    WHERE o.due <= ? AND o.kind IN ({marks(kinds)}){_in(parts)}
        AND (o."rank" = {LANES["emergency"]} OR o.target NOT IN ({_some(busy)}))
        AND {_FIRST_IN_STREAM}
    ORDER BY o."rank", CASE WHEN o.kind = 'photo' THEN -o.id ELSE o.due END, o.id LIMIT ?{lock})
UPDATE outbox SET due = ?, attempts = attempts + 1, unsure = (unsure OR inflight), inflight = TRUE
WHERE id IN (SELECT id FROM picked)
RETURNING *
"""  # noqa: S608 - nothing but marks and our own words


@cache
def renew(rows: int) -> str:
    """Values: the new end of the lease, ids."""
    return f"""
UPDATE outbox SET due = ? WHERE id IN ({marks(rows)}) AND due IS NOT NULL AND inflight
"""  # noqa: S608 - nothing but marks


@cache
def next_due(kinds: int, parts: int) -> str:
    """Values: kinds, parts.  Rows that wait for others of their stream are not looked at."""
    return f"""
SELECT o.due FROM outbox AS o
WHERE o.due IS NOT NULL AND o.kind IN ({marks(kinds)}){_in(parts)} AND {_FIRST_IN_STREAM}
ORDER BY o.due LIMIT 1
"""  # noqa: S608 - nothing but marks


@cache
def sent_since(kinds: int, parts: int) -> str:
    """Values: kinds, parts, since.  What is under way, or was at a crash, has no time yet."""
    return f"""
SELECT target, finished_at FROM outbox AS o
WHERE kind IN ({marks(kinds)}){_in(parts)}
    AND (inflight OR (finished_at >= ? AND state IN ('done', 'uncertain')))
"""  # noqa: S608 - nothing but marks


def turn(row: OutboxRow) -> tuple[int, int]:
    """The order in which rows claimed together are started."""
    return LANES[row.lane], row.id


def _in(parts: int) -> str:
    """Only rows of so many parts; whoever has all of them is not asked."""
    return "" if parts == PARTS else f" AND o.part IN ({marks(parts)})"


def _some(number: int) -> str:
    """Values for NOT IN, which finds everything unlike an empty text (NULL would find nothing)."""
    return marks(number) if number else "''"
