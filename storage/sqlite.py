"""Tortoise's SQLite engine with transactions that begin by taking the write lock.

SQLite begins deferred: two processes that read first and write later get "database is locked" at
once, whatever the busy time-out.  BEGIN IMMEDIATE waits its turn instead.  This is the only place
where a transaction begins on SQLite.
"""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import cast

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.exceptions import OperationalError


class _ImmediateWrapper(SqliteTransactionWrapper):
    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            raise OperationalError(exc) from exc


class _ImmediateContext(SqliteTransactionContext):
    """Like its parent, but gives the connection's lock back when beginning fails."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:  # whatever it was, cancellation included: the lock must not stay held
            self._trxlock.release()
            raise
        return self.connection

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        try:
            if exc_type is None:
                await self._commit_or_roll_back()
            else:
                await self.connection.rollback()
        finally:
            self._trxlock.release()

    async def _commit_or_roll_back(self) -> None:
        try:
            await self.connection.commit()
        except sqlite3.Error as exc:
            await self.connection.rollback()
            raise OperationalError(exc) from exc


class ImmediateSqliteClient(SqliteClient):
    """`SqliteClient` whose transactions are BEGIN IMMEDIATE."""

    def _in_transaction(self) -> TransactionContext:
        wrapper = cast(TransactionalDBClient, _ImmediateWrapper(self))
        return _ImmediateContext(wrapper, self._lock)


client_class = ImmediateSqliteClient
