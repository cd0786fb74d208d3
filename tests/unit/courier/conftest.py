"""A workshop over a fresh SQLite database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import sqlite_url
from tests.support.workshop import Workshop, workshop

__all__ = ["shop", "sqlite_url"]


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """The core with its courier, clocks and chats, at T0."""
    async with workshop(sqlite_url, tmp_path) as opened:
        yield opened
