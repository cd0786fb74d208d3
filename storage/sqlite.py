"""Tortoise's SQLite engine with transactions that begin by taking the write lock.

SQLite begins deferred: two processes that read first and write later get "database is locked" at
once, whatever the busy time-out.  BEGIN IMMEDIATE waits its turn instead.  This is the only place
where a transaction begins on SQLite.

What is asked of the connection is done in the order in which it was asked, by a thread of its own,
also when who asked was cancelled meanwhile.  So a rollback that follows always finds the end of
what came before, and the connection is never left inside a transaction.
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

    async def commit(self) -> None:
        try:
            await self._connection.commit()
        except sqlite3.Error as exc:
            raise OperationalError(exc) from exc

    async def rollback(self) -> None:
        """Does nothing where no transaction is open (any more)."""
        await self._connection.rollback()

    async def execute_script(self, query: str) -> None:
        """One statement after another: `executescript` would commit the transaction first."""
        rest = query
        while rest.strip():
            end = _end_of_statement(rest)
            await self.execute_query(rest[:end])
            rest = rest[end:]


def _end_of_statement(script: str) -> int:
    at = script.find(";") + 1
    while at and not sqlite3.complete_statement(script[:at]):
        at = script.find(";", at) + 1
    return at or len(script)


class _ImmediateContext(SqliteTransactionContext):
    """Like its parent, but whatever happens leaves connection and lock free.

    The transaction is not made the task's current connection: a task that is started inside would
    inherit it, and write into a transaction that others may roll back.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:  # cancellation included: BEGIN may yet be carried out
            try:
                await self._roll_back()
            finally:
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
            if exc_type is not None:
                await self.connection.rollback()
                return
            try:
                await self.connection.commit()
            except BaseException:  # a commit that failed must not leave its transaction open
                await self.connection.rollback()
                raise
        finally:
            self._trxlock.release()

    async def _roll_back(self) -> None:
        if self.connection._connection:
            await self.connection.rollback()


class ImmediateSqliteClient(SqliteClient):
    """`SqliteClient` whose transactions are BEGIN IMMEDIATE."""

    def _in_transaction(self) -> TransactionContext:
        wrapper = cast(TransactionalDBClient, _ImmediateWrapper(self))
        return _ImmediateContext(wrapper, self._lock)


client_class = ImmediateSqliteClient
