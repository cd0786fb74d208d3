"""Questions: commands that wait for their person's word."""

from __future__ import annotations

from typing import Any

from bot.ports import Question
from storage.sql import Row, Sql, from_json, insert, to_json

_BODY = ("verb", "cases", "seqs", "reason", "args")
_COLUMNS = ("chat", "member", "body", "asked_at", "expires_at")
_ASK = insert("question", _COLUMNS) + " RETURNING id"
_QUESTION = "SELECT * FROM question WHERE id = ?"
_LAST = "SELECT * FROM question WHERE chat = ? AND member = ? ORDER BY id DESC LIMIT 1"

_WAITING = (
    "SELECT * FROM question WHERE chat = ? AND member = ?"
    " AND answered_at IS NULL AND expires_at >= ? ORDER BY id"
)


async def ask(sql: Sql, question: Question) -> int:
    """Keep it; the id it got."""
    body = {name: getattr(question, name) for name in _BODY}
    values = (question.chat, question.member, to_json(body))
    found = await sql.rows(_ASK, *values, question.asked_at, question.expires_at)
    return int(found[0]["id"])


async def question(sql: Sql, id: int) -> Question | None:
    """See `bot.ports.Tx`."""
    row = await sql.first(_QUESTION + sql.lock, id)
    return _question(row) if row else None


async def last(sql: Sql, chat: str, member: str) -> Question | None:
    """What the member was asked last in that chat."""
    row = await sql.first(_LAST + sql.lock, chat, member)
    return _question(row) if row else None


async def waiting(sql: Sql, chat: str, member: str, now: int) -> list[Question]:
    """See `bot.ports.Tx`."""
    return [_question(row) for row in await sql.rows(_WAITING + sql.lock, chat, member, now)]


async def is_asked(sql: Sql, chat: str, member: str, now: int) -> bool:
    """See `bot.ports.Store`."""
    return await sql.first(_WAITING, chat, member, now) is not None


async def answer(sql: Sql, id: int, now: int) -> None:
    """It was answered, one way or the other."""
    await sql.change("UPDATE question SET answered_at = ? WHERE id = ?", now, id)


def _question(row: Row) -> Question:
    body: dict[str, Any] = from_json(row["body"])
    names = ("id", "chat", "member", "asked_at", "expires_at", "answered_at")
    return Question(
        **{name: row[name] for name in names},
        verb=body["verb"],
        cases=tuple(body["cases"]),
        seqs=tuple(body["seqs"]),
        reason=body["reason"],
        args=body["args"],
    )
