"""Fixtures that every kind of test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real clips, speech and specs beside the checkout; skips where absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "footage").is_dir():
        pytest.skip("the folder ../shared with real footage is not here")
    return folder
