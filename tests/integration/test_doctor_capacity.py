"""`doctor` says whether the machine can look at all its cameras, by measuring it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor.capacity import capacity
from bot.domain.secret import Secret
from bot.domain.site import Camera
from tests.support.models import pulled


def cameras(count: int) -> list[Camera]:
    return [
        Camera(f"cam-{n}", "yard", f"Camera {n}", source=Secret("push"), models=("person-fall",))
        for n in range(count)
    ]


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_thousand_cameras_are_too_many() -> None:
    """The fault says how many looks are left for each, and what to do."""
    folder = pulled("person-fall").parent.parent
    finding = capacity(folder, cameras(1000))
    assert not finding.ok
    assert finding.params["count"] == 1000
    assert "fewer cameras" in finding.line("en")


def test_without_a_model_it_is_left_open(tmp_path: Path) -> None:
    """What is wrong then has a line of its own."""
    finding = capacity(tmp_path, cameras(1))
    assert (finding.ok, finding.key) == (True, "looks.unknown")
