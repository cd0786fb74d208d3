"""Looks too few to decide are said, once, with whose fault it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scenes import Scene, camera, zone
from vision.cores import cores
from vision.pace import CALM_S, SETTLING_S, Pace
from vision.urgency import Urgency, claim


def watched(pace: Pace, start: float, seconds: float, per_second: float, people: bool) -> float:
    """So many looks, each followed by a judgement; when they were over."""
    at = start
    while at < start + seconds:
        pace.look(at, people=people)
        pace.judge(at)
        at += 1 / per_second
    return at


def test_enough_looks_are_no_news() -> None:
    """Two a second let a fall be told, however long people are there."""
    pace = Pace()
    end = watched(pace, 0.0, 60.0, 2.0, people=True)
    assert pace.shortage is None
    assert pace.rate(end) == pytest.approx(2.0, abs=0.3)


def test_few_looks_matter_only_where_people_are() -> None:
    """An empty scene is looked at every ten seconds, and that is fine."""
    pace = Pace()
    end = watched(pace, 0.0, 60.0, 0.1, people=False)
    assert pace.shortage is None
    pace.look(end, people=True)
    assert not pace.judge(end + SETTLING_S - 0.1)
    assert pace.judge(end + SETTLING_S)
    assert pace.shortage == "camera"


def test_a_machine_that_leaves_pictures_out_is_at_fault() -> None:
    """A camera that sends nothing more is another fault than a machine without time."""
    pace = Pace()
    for second in range(6):
        pace.look(float(second), people=True)
        pace.drop(second + 0.5)
    assert pace.judge(6.0)
    assert (pace.shortage, pace.dropped) == ("machine", 6)


def test_it_is_said_once_and_taken_back_once() -> None:
    """At the border it would be news every second, so good times must last."""
    pace, news = Pace(), []
    for tenth in range(2000):
        at = tenth / 10
        slow = 30 <= at < 60
        if tenth % (10 if slow else 3) == 0:
            pace.look(at, people=True)
        if pace.judge(at):
            news.append((pace.shortage, at))
    assert [shortage for shortage, _ in news] == ["camera", None]
    assert 30 < news[0][1] < 36
    assert news[1][1] > 60 + CALM_S


def test_nobody_in_the_picture_ends_it() -> None:
    """With the last person gone there is nothing left to decide."""
    pace = Pace()
    end = watched(pace, 0.0, 20.0, 1.0, people=True)
    assert pace.shortage == "camera"
    pace.look(end, people=False)
    assert pace.judge(end + CALM_S)
    assert pace.shortage is None


def test_who_waits_long_enough_is_looked_at() -> None:
    """Weights share out looks; they starve nobody."""
    assert claim(Urgency.DECIDING, 0.2) > claim(Urgency.PEOPLE, 0.5) > claim(Urgency.CALM, 0.5)
    assert claim(Urgency.CALM, 4.0) > claim(Urgency.DECIDING, 0.4)


def test_a_suspicion_makes_a_camera_urgent() -> None:
    """Nobody, somebody, somebody lying there since a moment, and a fall that is told."""
    scene = Scene(camera())
    scene.play(0.5)
    assert scene.pipeline.urgency is Urgency.CALM
    scene.play(1.0, (0.5, 0.9))
    assert scene.pipeline.urgency is Urgency.PEOPLE
    scene.play(0.5, (0.5, 0.9, "fallen"))
    assert scene.pipeline.urgency is Urgency.DECIDING
    assert [v.phase for v in scene.play(3.0, (0.5, 0.9, "fallen"))][:1] == ["start"]
    assert scene.pipeline.urgency is Urgency.PEOPLE


def test_a_dwell_and_an_end_are_decided_a_stay_is_not() -> None:
    """A violation that simply lasts takes no time from those that begin."""
    scene = Scene(camera(zone(dwell_s=1.0)))
    scene.play(0.5, (0.25, 0.9))
    assert scene.pipeline.urgency is Urgency.DECIDING
    scene.play(2.0, (0.25, 0.9))
    assert scene.pipeline.urgency is Urgency.PEOPLE
    scene.play(0.5, (0.75, 0.9))
    assert scene.pipeline.urgency is Urgency.DECIDING


@pytest.mark.parametrize(
    ("quota", "most"), [("max 100000\n", 99), ("100000 100000\n", 1), ("50000 100000\n", 1)]
)
def test_a_containers_quota_counts(tmp_path: Path, quota: str, most: int) -> None:
    """One allowed core means one looker, however many cores the machine has."""
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    assert 1 <= cores(file) <= most
    assert cores(tmp_path / "nowhere") == cores(file) if most == 99 else True
