"""The pages' placeholders, such as `password`, are secrets only while their own test runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain import secret
from tests.support.databases import sqlite_url
from tests.support.workshop import Workshop, workshop

__all__ = ["shop", "sqlite_url"]


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    """The core, whose checks and figures a page describes."""
    async with workshop(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def secrets_of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise every later test would find the word hidden in what is logged."""
    monkeypatch.setattr(secret, "_listed", set(secret.listed_secrets()))
