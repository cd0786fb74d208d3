"""The pages' placeholders, such as `password`, are secrets only while their own test runs."""

from __future__ import annotations

import pytest

from bot.domain import secret


@pytest.fixture(autouse=True)
def secrets_of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise every later test would find the word hidden in what is logged."""
    monkeypatch.setattr(secret, "_listed", set(secret.listed_secrets()))
