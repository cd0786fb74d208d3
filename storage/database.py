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
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

log = logging.getLogger(__name__)

MODELS = ("storage.tables", "storage.console", "storage.access")
APP = "loudhailer"
_CONNECT_S = 10
_LATEST = (MigrationTarget(app_label=APP, name="__latest__"),)
_SQLITE_PRAGMAS = {"busy_timeout": 5000, "synchronous": "FULL"}
_POSTGRES = {"minsize": 1, "maxsize": 8, "timeout": 5, "command_timeout": 10}
_NO_HASTE = {"command_timeout": None}
_READ_ONLY = {"server_settings": {"default_transaction_read_only": "on"}}
_MIGRATING = 0x6C6F7564
"""The advisory lock under which PostgreSQL's schema is changed, by one process at a time."""


def config(
    url: str, migrations: str = "storage.migrations", *, migrate: bool = False
) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite:///path` (or `sqlite://path`) or `postgres://...`.

    Both engines have a connection (or pool) that writes and another for looking, so that a use case
    that looks something up while its transaction is open never waits for itself.  A statement that
    is not answered within seconds is given up, but for the steps of a migration.
    """
    if is_sqlite(url):
        engine = "sqlite"
        writer: dict[str, Any] = {"file_path": str(sqlite_path(url)), **_SQLITE_PRAGMAS}
        reader = {**writer, "query_only": 1}
    else:
        engine = "postgres"
        writer = _POSTGRES | (_NO_HASTE if migrate else {}) | expand_db_url(url)["credentials"]
        reader = writer | _READ_ONLY
    # named by engine, because tortoise keeps its statements by the connection's name
    connections = {
        engine: {"engine": f"storage.{engine}", "credentials": writer},
        f"{engine}_reader": {"engine": f"storage.{engine}", "credentials": reader},
    }
    apps = {
        APP: {
            "models": list(MODELS),
            "default_connection": engine,
            "migrations": migrations,
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
        return _transaction(self.writer)


def _transaction(writer: BaseDBAsyncClient) -> AbstractAsyncContextManager[BaseDBAsyncClient]:
    context = writer._in_transaction()  # the public in_transaction() needs a global
    return cast(AbstractAsyncContextManager[BaseDBAsyncClient], context)


@asynccontextmanager
async def open_database(
    url: str, *, migrate: bool | None = None, migrations: str = "storage.migrations"
) -> AsyncIterator[Database]:
    """Open the database behind `url`.

    An SQLite file is created and migrated by itself; PostgreSQL only when `migrate` is true, so
    that nobody's start changes a schema under processes that still run.  `migrations` is the
    package that holds the steps.  Raises `OutdatedSchema` where that should have been done, and
    `DatabaseUnusable` where there is no such database, before anything is changed.
    """
    sqlite = is_sqlite(url)
    if sqlite:
        await asyncio.to_thread(_try_sqlite, sqlite_path(url))
    context = TortoiseContext()
    with context:
        try:
            settings = config(url, migrations, migrate=bool(migrate))
            await context.init(config=settings)
            writer, reader = (context.db(name) for name in settings["connections"])
            if not sqlite:
                await _try_server(writer, url)
            apply = sqlite if migrate is None else migrate
            await bring_up_to_date(writer, settings["apps"], apply=apply)
            # now, because who is cancelled while it connects would keep its lock for ever
            await reader.execute_query("SELECT 1")
            yield Database(writer, reader, sqlite)
        finally:
            await context.close_connections()


class DatabaseUnusable(RuntimeError):
    """There is no database to work with; the message names it, without its password, and why."""


_DISK = ("disk is full", "disk I/O error", "readonly database", "No space left")


def disk_trouble(error: Exception) -> str | None:
    """What a database says of a disk that takes nothing more; None for other errors."""
    words = str(error)
    told = isinstance(error, BaseORMException | sqlite3.Error)
    return words if told and any(one in words for one in _DISK) else None


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
    host = f"{parts.hostname}:{parts.port or 5432}" if parts.hostname else "its socket, "
    server = f"PostgreSQL at {host}{parts.path}"
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


async def bring_up_to_date(writer: BaseDBAsyncClient, apps: dict[str, Any], *, apply: bool) -> None:
    """Apply the missing migrations, or say which are missing."""
    missing = await _missing(MigrationExecutor(writer, apps))
    if missing and not apply:
        raise OutdatedSchema(missing)
    if missing:
        await _migrate(writer, apps)


async def _migrate(writer: BaseDBAsyncClient, apps: dict[str, Any]) -> None:
    """All steps and their record in one transaction, so that a crash leaves nothing half done.

    Processes that start together come here one after another; the later ones find nothing to do.
    """
    async with _transaction(writer) as connection:
        if connection.capabilities.dialect == "postgres":
            await connection.execute_query(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
        handler = get_connections()
        # the transactions that tortoise opens for each step become part of this one
        token = handler.set(writer.connection_name, connection)
        try:
            executor = MigrationExecutor(connection, apps)
            await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
            log.info("applying migrations: %s", ", ".join(await _missing(executor)) or "none left")
            await executor.migrate(_LATEST)
        finally:
            handler.reset(token)


async def _missing(executor: MigrationExecutor) -> list[str]:
    return [step.migration.name for step in await executor.plan(_LATEST)]


TORTOISE_ORM = config("sqlite://data/loudhailer.db")
"""For tortoise's own command line: `tortoise -c storage.database.TORTOISE_ORM makemigrations`."""
