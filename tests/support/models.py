"""Shipped models and sample media for tests, pulled once and kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.models import ModelStore, PullFailed


def pulled(name: str) -> Path:
    """The file of a shipped name; skips the test where the registry is out of reach.

    `TEST_MODELS` moves the folder; by default it lies in the user's cache.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("TEST_MODELS") or cache / "loudhailer-tests")
    try:
        return ModelStore(folder).pull(name)
    except PullFailed as error:
        pytest.skip(f"{name} cannot be fetched: {error.detail}")
