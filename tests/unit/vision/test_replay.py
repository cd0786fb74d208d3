"""A recorded file through the rules: the same code as live, one line a change."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.support.scenes import Scripted, camera, people, picture, zone
from vision.detection import Detections
from vision.errors import SourceError
from vision.frame import Image
from vision.replay import replay


class Timed(Scripted):
    """In the zone from look 8 to look 28, then out of it."""

    def detect(self, images: list[Image]) -> list[Detections]:
        self.looks += 1
        return [people((0.4, 0.9) if 8 <= self.looks < 28 else (0.6, 0.9))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures: ten seconds."""
    for n in range(10):
        cv2.imwrite(str(tmp_path / f"{n}.png"), picture(20 * n))
    return tmp_path


def test_one_line_a_change(folder: Path) -> None:
    """Seconds, camera, hazard, start or end, zone, confidence; no continues."""
    spec = camera(zone(dwell_s=1.0), deciding_per_second=4.0)
    lines = [str(change).split() for change in replay(folder, spec, {"person-fall": Timed()})]
    assert lines == [
        ["2.75", "gate", "zone_intrusion", "start", "pit", "0.90"],
        ["8.25", "gate", "zone_intrusion", "end", "(rectified)", "pit", "0.90"],
    ]


def test_the_annotated_film_has_the_looks_in_it(folder: Path, tmp_path: Path) -> None:
    """As long as the file, with the zone drawn."""
    out = tmp_path / "out" / "annotated.mp4"
    out.parent.mkdir()
    list(replay(folder, camera(zone()), {"person-fall": Timed()}, out))
    with av.open(str(out)) as container:
        frames = [(f.time, f.to_ndarray(format="bgr24")) for f in container.decode(video=0)]
    assert len(frames) >= 40
    assert frames[-1][0] == pytest.approx(9.75, abs=0.3)
    amber = frames[5][1][:, 320].astype(int)
    assert (np.abs(amber - (0, 190, 255)).sum(1) < 120).mean() > 0.5


def test_a_film_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Before anything is said."""
    with pytest.raises(SourceError, match=r"nothing\.mp4"):
        list(replay(tmp_path / "nothing.mp4", camera(), {"person-fall": Timed()}))
