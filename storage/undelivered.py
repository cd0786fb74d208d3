"""What was not delivered: finding it, and trying again what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.domain.case import Case
from bot.ports import OutboxRow, Undelivered
from storage import rows
from storage.sql import Sql, marks

_WORDS_LIVE_MS = 10 * 60_000
"""A sentence about a case tells what was true then; its card tells what is true now."""


def given_up(which: Undelivered) -> Undelivered:
    """The same, but for what still waits for its turn."""
    return replace(which, states=tuple(s for s in which.states if s in ("dead", "uncertain")))


async def find(sql: Sql, which: Undelivered) -> list[OutboxRow]:
    """The rows that are meant, the oldest first."""
    wanted: list[str] = [f"state IN ({marks(len(which.states))})"]
    values: list[Any] = [*which.states]
    if which.ids:
        wanted.append(f"id IN ({marks(len(which.ids))})")
        values += which.ids
    if which.case is not None:
        wanted.append('"case" = ?')
        values.append(which.case)
    if which.target is not None:
        wanted.append("(target = ? OR substr(target, 1, ?) = ?)")
        topics = f"{which.target}/"
        values += [which.target, len(topics), topics]
    if not which.states:
        return []
    statement = f"SELECT * FROM outbox WHERE {' AND '.join(wanted)} ORDER BY id LIMIT ?"  # noqa: S608 - our own words
    return rows.readable(await sql.rows(statement, *values, which.limit), rows.outbox_of)


async def revive(sql: Sql, ids: Sequence[int], now: int) -> set[int]:
    """Make them due as if they were new; what may have arrived will say that it is a repeat.

    Which of them: somebody else may have been first.
    """
    if not ids:
        return set()
    statement = f"""
        UPDATE outbox SET state = 'waiting', due = ?, created_at = ?, attempts = 0,
            inflight = FALSE, unsure = (unsure OR state = 'uncertain'), finished_at = NULL
        WHERE id IN ({marks(len(ids))}) AND due IS NULL RETURNING id"""  # noqa: S608 - nothing but marks
    return {row["id"] for row in await sql.rows(statement, now, now, *ids)}


def is_over(row: OutboxRow, case: Case | None, now: int) -> bool:
    """Whether it would tell nobody anything any more.

    The answer to a press is waited for a few seconds; words about a case that is closed are told by
    its card, and an announcement, or a light, is never held back and then given.
    """
    if row.kind in ("press", "announce", "switch_on"):
        return True
    old = now - row.created_at > _WORDS_LIVE_MS
    return row.kind == "text" and row.case is not None and old and (case is None or not case.live)
