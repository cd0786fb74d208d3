"""Plain SQL for what is done with every report and every message.

Building such a query with the ORM costs several times what the database needs to answer it.  One
text serves both engines: values are written `?`, names are quoted, JSON travels as text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

Row = dict[str, Any]


class Sql:
    """Statements on one connection; everything raises tortoise's errors, whatever the engine."""

    def __init__(self, connection: BaseDBAsyncClient) -> None:
        self._on = connection
        self._postgres = connection.capabilities.dialect == "postgres"

    @property
    def lock(self) -> str:
        """The end of a SELECT whose rows nobody else may change before this transaction ends."""
        return " FOR UPDATE" if self._postgres else ""

    @property
    def skip_locked(self) -> str:
        """The same, passing over what others hold; SQLite has one writer at a time anyway."""
        return " FOR UPDATE SKIP LOCKED" if self._postgres else ""

    async def rows(self, statement: str, *values: Any) -> list[Row]:
        """What a SELECT, or a RETURNING, gives; nothing for other statements."""
        return list(await self._on.execute_query_dict(self._text(statement), list(values)))

    async def first(self, statement: str, *values: Any) -> Row | None:
        """The first of these rows."""
        found = await self.rows(statement, *values)
        return found[0] if found else None

    async def change(self, statement: str, *values: Any) -> int:
        """How many rows an UPDATE or DELETE changed; for an INSERT asyncpg's count is not read."""
        changed, _ = await self._on.execute_query(self._text(statement), list(values))
        return changed

    async def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """The statement once for each of `rows`."""
        if rows:
            await self._on.execute_many(self._text(statement), [list(row) for row in rows])

    def _text(self, statement: str) -> str:
        return _numbered(statement) if self._postgres else statement


@cache
def _numbered(statement: str) -> str:
    number = count(1)
    return "".join(f"${next(number)}" if letter == "?" else letter for letter in statement)


@cache
def insert(table: str, columns: tuple[str, ...]) -> str:
    """INSERT of one row."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({marks(len(columns))})"  # noqa: S608 - our names


@cache
def update(table: str, columns: tuple[str, ...], key: str) -> str:
    """UPDATE of one row; the values of `columns`, then that of `key`."""
    assignments = ", ".join(f'"{name}" = ?' for name in columns)
    return f'UPDATE {table} SET {assignments} WHERE "{key}" = ?'  # noqa: S608 - our names


def marks(number: int) -> str:
    """So many values, separated by commas; NULL for none, which IN finds nothing in."""
    return ", ".join("?" * number) or "NULL"


def to_json(value: Any) -> str:
    """JSON as it is stored."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(stored: Any) -> Any:
    """JSON as it comes back: text, or read already."""
    return json.loads(stored) if isinstance(stored, str) else stored
