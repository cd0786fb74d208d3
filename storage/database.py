"""Opening the database: which engine, which connections, and bringing the schema up to date."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

log = logging.getLogger(__name__)

MODELS = ("storage.tables", "storage.console", "storage.access")
APP = "loudhailer"
_SQLITE_PRAGMAS = {"busy_timeout": 5000, "synchronous": "FULL"}
_POOL = {"minsize": 1, "maxsize": 8}
_CONNECT_S = 10


def config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite:///path` (or `sqlite://path`) or `postgres://...`."""
    connections: dict[str, Any]
    if is_sqlite(url):
        credentials = {"file_path": str(sqlite_path(url)), **_SQLITE_PRAGMAS}
        connections = {
            "default": {"engine": "storage.sqlite", "credentials": credentials},
            "reader": {"engine": "storage.sqlite", "credentials": {**credentials, "query_only": 1}},
        }
    else:
        expanded = expand_db_url(url.replace("postgresql://", "postgres://", 1))
        credentials = _POOL | expanded["credentials"]
        connections = {"default": {"engine": expanded["engine"], "credentials": credentials}}
    apps = {
        APP: {
            "models": list(MODELS),
            "default_connection": "default",
            "migrations": "storage.migrations",
        }
    }
    return {"connections": connections, "apps": apps, "use_tz": True, "timezone": "UTC"}


def is_sqlite(url: str) -> bool:
    """Whether `url` names an SQLite file."""
    return url.startswith("sqlite:")


def sqlite_path(url: str) -> Path:
    """The file behind an SQLite URL: `sqlite:///abs`, `sqlite://rel`, without the query."""
    parts = urlsplit(url)
    return Path(unquote(parts.netloc + parts.path))


@dataclass(frozen=True)
class Database:
    """An open database: a connection that writes, and one for lists that cannot."""

    writer: BaseDBAsyncClient
    reader: BaseDBAsyncClient
    sqlite: bool

    def transaction(self) -> AbstractAsyncContextManager[BaseDBAsyncClient]:
        """A transaction on the writing connection; on SQLite it takes the write lock at once."""
        context = self.writer._in_transaction()  # the public in_transaction() needs a global
        return cast(AbstractAsyncContextManager[BaseDBAsyncClient], context)

    def place(self, n: int) -> str:
        """The n-th placeholder (from 1) of this engine's SQL."""
        return f"?{n}" if self.sqlite else f"${n}"


@asynccontextmanager
async def open_database(url: str, *, migrate: bool | None = None) -> AsyncIterator[Database]:
    """Open the database behind `url`.

    An SQLite file is created and migrated by itself; PostgreSQL only when `migrate` is true, so
    that many processes do not do it at once.  Raises `OutdatedSchema` where it should have been,
    and `DatabaseUnusable` where there is no such database, before anything is changed.
    """
    sqlite = is_sqlite(url)
    if sqlite:
        await asyncio.to_thread(_try_sqlite, sqlite_path(url))
    context = TortoiseContext()
    with context:
        try:
            await context.init(config=config(url))
            writer = context.db("default")
            if not sqlite:
                await _try_server(writer, url)
            await bring_up_to_date(writer, apply=sqlite if migrate is None else migrate)
            reader = context.db("reader") if sqlite else writer
            yield Database(writer, reader, sqlite)
        finally:
            await context.close_connections()


class DatabaseUnusable(RuntimeError):
    """There is no database to work with; the message names it, without its password, and why."""


def _try_sqlite(path: Path) -> None:
    """Raise `DatabaseUnusable` unless the file is, or can become, a database to write to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA schema_version")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise DatabaseUnusable(f"{path}: {error}") from error
    except OSError as error:
        raise DatabaseUnusable(f"{error.filename or path}: {error.strerror}") from error


async def _try_server(connection: BaseDBAsyncClient, url: str) -> None:
    """Connect once, because what reads the schema takes a dead server for an empty one."""
    parts = urlsplit(url)
    server = f"PostgreSQL at {parts.hostname}:{parts.port or 5432}{parts.path}"
    try:
        async with asyncio.timeout(_CONNECT_S):
            await connection.create_connection(with_db=True)
    except TimeoutError as error:
        raise DatabaseUnusable(f"{server} does not answer within {_CONNECT_S} s") from error
    except Exception as error:  # boundary: each driver has its own tree of errors
        reason = str(error) or type(error).__name__
        raise DatabaseUnusable(f"{server} cannot be used: {reason}") from error


class OutdatedSchema(RuntimeError):
    """The database wants `loudhailer migrate` first; `missing` names what was not applied."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"the database wants these migrations first: {', '.join(missing)}")
        self.missing = tuple(missing)


async def bring_up_to_date(connection: BaseDBAsyncClient, *, apply: bool) -> None:
    """Apply the missing migrations, or say which are missing."""
    executor = MigrationExecutor(connection, config("sqlite://unused")["apps"])
    targets = [MigrationTarget(app_label=APP, name="__latest__")]
    missing = [step.migration.name for step in await executor.plan(targets)]
    if not missing:
        return
    if not apply:
        raise OutdatedSchema(missing)
    log.info("applying migrations: %s", ", ".join(missing))
    await executor.migrate(targets)


TORTOISE_ORM = config("sqlite://data/loudhailer.db")
"""For tortoise's own command line: `tortoise -c storage.database.TORTOISE_ORM makemigrations`."""
