"""Fixtures that every kind of test may use."""

from __future__ import annotations

import os
import sys
import time
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
_MOST_TOLD = 2_000
HOUSE = ["bot", "handlers", "vision", "voice", "storage"]


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: more than there are cores, because many tests wait for something to happen."""
    return 2 * (os.cpu_count() or 1)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A run in CI takes a quarter of an hour: what fails is told at once, and why."""
    if report.failed and os.environ.get("CI") and "PYTEST_XDIST_WORKER" not in os.environ:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = crash.message if crash else report.longreprtext
        print(f"\nFAILED {report.nodeid}\n{why[-_MOST_TOLD:]}", file=sys.stderr, flush=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """On a machine too slow for all of them CI sets a time, in epoch seconds, to end the slow ones.

    They come first, so the time after it is that of all others; CI says how many were left out.
    """
    until = os.environ.get("TEST_SLOW_UNTIL")
    slow = item.get_closest_marker("slow") or item.get_closest_marker("long")
    if until and slow and time.time() > float(until):
        pytest.skip("no time left on this machine")


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
