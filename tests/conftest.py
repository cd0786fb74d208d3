"""Fixtures that every kind of test may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")  # how fast a busy machine is says nothing of what is tested

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ["bot", "handlers", "vision", "voice", "storage"]


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: more than there are cores, because many tests wait for something to happen."""
    return (3 * (os.cpu_count() or 1) + 1) // 2


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A run in CI takes a quarter of an hour: what fails is named at once."""
    if report.failed and os.environ.get("CI") and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nFAILED {report.nodeid}", file=sys.stderr, flush=True)


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[None]:
    """In every test: whatever of ours blocks the event loop is an error.

    Opening the database may: it happens before anything else runs, and tortoise reads sources.
    """
    with blockbuster_ctx(scanned_modules=HOUSE) as watch:
        for function in watch.functions.values():
            function.can_block_in("storage/database.py", {"open_database", "bring_up_to_date"})
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real clips, speech and specs beside the checkout; skips where absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "footage").is_dir():
        pytest.skip("the folder ../shared with real footage is not here")
    return folder
