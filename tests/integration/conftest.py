"""Databases on both engines."""

from __future__ import annotations

from tests.support.databases import (
    database,
    database_url,
    postgres,
    postgres_url,
    sqlite_store,
    sqlite_url,
    store,
    wake,
)

__all__ = [
    "database",
    "database_url",
    "postgres",
    "postgres_url",
    "sqlite_store",
    "sqlite_url",
    "store",
    "wake",
]
