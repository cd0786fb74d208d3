"""Tortoise's asyncpg engine with errors of one kind and transactions that leak no connection.

After a restart of the server a pooled connection is found dead when a transaction begins on it; the
stock engine never gives such a connection back, so that soon none would be left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.exceptions import OperationalError

_BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What asyncpg raises besides what tortoise translates: the server is away, or gave up."""


class _OneKindOfError(AsyncpgDBClient):
    async def _translate_exceptions(
        self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)
        except _BROKEN as exc:
            raise OperationalError(exc) from exc


class _Wrapper(_OneKindOfError, TransactionWrapper):
    pass


class _Transaction(TransactionContextPooled):
    """Like its parent, but the connection goes back to the pool whatever happens.

    The transaction is not made the task's current connection: a task that is started inside would
    inherit it.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            await self.ensure_connection()
            pool = self.client._parent._pool
            self.client._connection = await pool.acquire()
        except _BROKEN as exc:
            raise OperationalError(exc) from exc
        try:
            await self.client.begin()
        except BaseException:  # whatever it was, cancellation included: the pool is not endless
            await pool.release(self.client._connection)
            raise
        return self.client

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        try:
            if exc_type is None:
                await self._commit()
            else:
                with suppress(*_BROKEN):  # then the server has rolled back by itself
                    await self.client.rollback()
        finally:
            await self.client._parent._pool.release(self.client._connection)

    async def _commit(self) -> None:
        try:
            await self.client.commit()
        except _BROKEN as exc:
            raise OperationalError(exc) from exc


class PostgresClient(_OneKindOfError):
    """`AsyncpgDBClient` with the transactions above."""

    def _in_transaction(self) -> TransactionContext:
        wrapper = cast(TransactionalDBClient, _Wrapper(self))
        return _Transaction(wrapper, self._pool_init_lock)


client_class = PostgresClient
