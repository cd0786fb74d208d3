"""Schemas: what is on disk is what the code wants, and steps to come will work on real data."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

from storage.database import MODELS, Database, OutdatedSchema, config, open_database
from tests.support.databases import PostgresServer, rows_of
from tests.support.filled import fill

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("loudhailer", "0001_initial")]
    operations = [
        ops.AddField("CaseRow", "weather", fields.CharField(max_length=20, db_default="dry")),
        ops.AddField("OutboxItemRow", "tries", fields.IntField(db_default=3)),
        ops.AddField("CopyRow", "pinned", fields.BooleanField(db_default=False)),
        ops.AddField("TimerRow", "note", fields.TextField(null=True)),
        ops.AddIndex("CaseRow", Index(fields=("weather", "state"), name="idx_weather")),
"""
BREAKS = '        ops.RunSQL("UPDATE nowhere SET value = 1"),\n'


def models() -> list[type[Model]]:
    """Every table's model."""
    modules = [sys.modules[name] for name in MODELS]
    found = [value for module in modules for value in vars(module).values()]
    return [v for v in found if isinstance(v, type) and issubclass(v, Model) and v is not Model]


def steps(folder: Path, name: str, second: str) -> str:
    """A package of steps: those that are there, and a second one."""
    package = folder / name
    package.mkdir()
    (package / "__init__.py").touch()
    first = ROOT / "storage" / "migrations" / "0001_initial.py"
    (package / "0001_initial.py").write_text(first.read_text())
    (package / "0002_more.py").write_text(second)
    return name


async def applied(database: Database) -> list[str]:
    """Names of the steps that are on record."""
    return [row["name"] for row in await rows_of(database, "tortoise_migrations")]


async def test_the_steps_make_what_the_models_say() -> None:
    """`makemigrations` finds nothing to do."""
    settings = config("sqlite://unused")
    context = TortoiseContext()
    with context:
        await context.init(config=settings, init_connections=False)
        assert context.apps is not None
        found = await MigrationAutodetector(context.apps, settings["apps"]).changes()
    assert [writer.operations for writer in found] == []


async def test_every_table_has_something_in_it_when_filled(database: Database) -> None:
    """So that the steps below are tried on data, whatever table comes to them."""
    await fill(database)
    for model in models():
        assert await rows_of(database, model._meta.db_table), model


async def test_the_next_steps_work_on_data(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns with defaults, a column without, and an index; nothing that was there changes."""
    monkeypatch.syspath_prepend(tmp_path)
    name = steps(tmp_path, f"next_{database_url[:6]}", HEAD + "    ]\n")
    async with open_database(database_url) as database:
        await fill(database)
        before = await rows_of(database, "hazard_case")
    async with open_database(database_url, migrate=True, migrations=name) as database:
        assert await applied(database) == ["0001_initial", "0002_more"]
        after = await rows_of(database, "hazard_case")
        assert after == [{**row, "weather": "dry"} for row in before]
        assert {row["tries"] for row in await rows_of(database, "outbox")} == {3}
        assert {bool(row["pinned"]) for row in await rows_of(database, "copy")} == {False}
        assert [row["note"] for row in await rows_of(database, "timer")] == [None]


async def test_a_step_that_fails_leaves_nothing_half_done(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The columns before the fault are gone again, and the corrected step then works."""
    monkeypatch.syspath_prepend(tmp_path)
    engine = database_url[:6]
    broken = steps(tmp_path, f"broken_{engine}", HEAD + BREAKS + "    ]\n")
    async with open_database(database_url) as database:
        await fill(database)
        before = await rows_of(database, "hazard_case")
    with pytest.raises(Exception, match="nowhere"):
        async with open_database(database_url, migrate=True, migrations=broken):
            pass
    async with open_database(database_url) as database:
        assert await applied(database) == ["0001_initial"]
        assert await rows_of(database, "hazard_case") == before
    corrected = steps(tmp_path, f"corrected_{engine}", HEAD + "    ]\n")
    async with open_database(database_url, migrate=True, migrations=corrected) as database:
        assert (await rows_of(database, "hazard_case"))[0]["weather"] == "dry"


async def test_postgres_is_not_changed_unasked(postgres: PostgresServer) -> None:
    """A start under processes that still run names what is missing, and does nothing."""
    name = await postgres.new_database(template=None)
    try:
        with pytest.raises(OutdatedSchema, match="0001_initial"):
            async with open_database(postgres.url(name)):
                pass
        async with open_database(postgres.url(name), migrate=True) as database:
            assert await applied(database) == ["0001_initial"]
    finally:
        await postgres.drop_database(name)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_processes_that_start_together_migrate_once(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """Three at once on an empty database: all come up, one step is on record."""
    name = await postgres.new_database(template=None)
    try:
        for url in (f"sqlite://{tmp_path / 'new.db'}", postgres.url(name)):
            opened = await asyncio.gather(*(_open_elsewhere(url) for _ in range(3)))
            assert opened == [0, 0, 0]
            async with open_database(url) as database:
                assert await applied(database) == ["0001_initial"]
    finally:
        await postgres.drop_database(name)


async def _open_elsewhere(url: str) -> int:
    program = (
        "import asyncio, sys\n"
        "from tests.support.databases import migrated\n"
        "asyncio.run(migrated(sys.argv[1]))\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, url, cwd=ROOT)
    try:
        return await asyncio.wait_for(process.wait(), 200)
    finally:
        if process.returncode is None:
            process.kill()


def test_times_are_numbers_and_ids_of_platforms_are_text() -> None:
    """SQLite compares dates as text; Telegram's ids do not fit into 32 bits."""
    times = ("at", "due", "since", "seen", "used")
    for model in models():
        for name, field in model._meta.fields_map.items():
            kind = type(field).__name__
            if kind in ("DatetimeField", "DateField", "TimeField"):
                pytest.fail(f"{model.__name__}.{name} is a {kind}")
            last = name.rpartition("_")[2]
            if last in times and name != "reported_by":
                assert kind == "BigIntField", f"{model.__name__}.{name}"
            if name in ("chat", "message_id", "platform_id", "topic"):
                assert kind == "CharField", f"{model.__name__}.{name}"


def test_rows_are_linked_without_foreign_keys() -> None:
    """An index that names one passes on SQLite and fails on PostgreSQL; there are none."""
    relations: list[Any] = [model._meta.fk_fields | model._meta.m2m_fields for model in models()]
    assert not any(relations)
