"""Tortoise's asyncpg engine with errors of one kind and transactions that leak no connection.

After a restart of the server a pooled connection is found dead when a transaction begins on it; the
stock engine never gives such a connection back, so that soon none would be left.  And where the
server does not answer at all, neither taking a connection nor giving it back may wait for ever: one
that cannot be cleaned in time is cut, and the pool opens another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.exceptions import OperationalError

_BROKEN = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""What asyncpg raises besides what tortoise translates: the server is away, or gave up.

The internal error comes of cleaning a connection that was cut in the middle of a statement."""


_PATIENCE_S = 10
"""How long (s) a connection is waited for, and how long cleaning one may take."""


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
            self.client._connection = await pool.acquire(timeout=_PATIENCE_S)
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
            with suppress(*_BROKEN):  # then it was cut, and what was committed is
                await self.client._parent._pool.release(self.client._connection)

    async def _commit(self) -> None:
        try:
            await self.client.commit()
        except _BROKEN as exc:
            raise OperationalError(exc) from exc


class _Pooled(PoolConnectionWrapper[Any]):
    """A connection for one statement, given back within bounds; see above."""

    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        self.connection = await self.client._pool.acquire(timeout=_PATIENCE_S)
        return self.connection

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        with suppress(*_BROKEN):
            await super().__aexit__(exc_type, exc_val, exc_tb)


class PostgresClient(_OneKindOfError):
    """`AsyncpgDBClient` with the connections and transactions above."""

    def acquire_connection(self) -> Any:
        return _Pooled(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        wrapper = cast(TransactionalDBClient, _Wrapper(self))
        return _Transaction(wrapper, self._pool_init_lock)


client_class = PostgresClient
