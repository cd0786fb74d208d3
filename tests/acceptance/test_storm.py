"""A hundred alarms within five seconds in a group that takes twenty messages a minute.

An emergency in the middle has its own card, nobody is answered 429 - also not after a kill -9 in
the middle -, every case can be reached by its number, and in the end all that is shown is true.
How fast it goes is measured by `tests.benchmarks.bench_storm`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.storm import storm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    "killed", [pytest.param(False, marks=pytest.mark.long), True], ids=["undisturbed", "killed"]
)
async def test_a_hundred_alarms_in_one_group(tmp_path: Path, killed: bool) -> None:
    """See above."""
    outcome = await storm(tmp_path, killed=killed)
    print(outcome)
    assert outcome.refused == 0
    assert outcome.messages <= 30
