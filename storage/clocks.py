"""Moving along with the clock what is relative to it: deadlines, leases, pauses.

What was seen and done keeps the time that was noted: it is evidence.
"""

from __future__ import annotations

from storage.sql import Sql

_OUTBOX = "UPDATE outbox SET due = due + ?, created_at = created_at + ? WHERE due IS NOT NULL"
_TIMERS = "UPDATE timer SET due = due + ?"
_NOT_THIS_ONE = "UPDATE timer SET due = ? WHERE id = ? AND due = ?"
_SHOWN = """
UPDATE hazard_case SET acknowledge_due = acknowledge_due + ?, rectify_due = rectify_due + ?
WHERE state <> 'closed'
"""
_AHEAD = 'UPDATE hazard_case SET "{name}" = "{name}" + ? WHERE "{name}" > ?'
_PULL_IN = """
UPDATE outbox SET due = ?, created_at = CASE WHEN created_at > ? THEN ? ELSE created_at END
WHERE due > ? OR (due IS NOT NULL AND created_at > ?)
"""


async def rebase(sql: Sql, jump: int, now: int, true: dict[int, int]) -> None:
    """The clock jumps by `jump` ms to `now`; timers in `true` (id -> due) were by the right one."""
    await sql.change(_OUTBOX, jump, jump)
    await sql.change(_TIMERS, jump)
    await sql.many(_NOT_THIS_ONE, [(due, id, due + jump) for id, due in true.items()])
    await sql.change(_SHOWN, jump, jump)
    if jump < 0:  # a close or a sight in the future would keep a hazard silent until then
        for name in ("closed_at", "last_seen"):
            await sql.change(_AHEAD.format(name=name), jump, now)


async def pull_in(sql: Sql, now: int, ahead: int) -> int:
    """What is to be sent only after `ahead` ms goes now: nothing is ever put off for so long."""
    limit = now + ahead
    return await sql.change(_PULL_IN, now, limit, now, limit, limit)
