"""Somebody where nobody may be: starts, goes on, ends, and what does not count."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.scenes import Scene, camera, people, story, zone
from vision.detection import Detections
from vision.violation import Key

IN, OUT = (0.25, 0.9), (0.75, 0.9)
JUST_IN, JUST_OUT = (0.46, 0.9), (0.52, 0.9)


def test_entering_starts_and_leaving_rectifies() -> None:
    """Leaving the zone is the rectification, said once it was seen for a while."""
    scene = Scene(camera(zone()))
    assert story(scene.play(2, IN)) == ["start track-1"]
    ended = scene.play(3, OUT)
    assert story(ended) == ["end track-1 rectified"]
    assert ended[-1].people == 0
    assert ended[-1].after is not None


def test_an_empty_zone_is_proof_too() -> None:
    """Whoever vanished from the zone has left it, once the zone was seen empty."""
    scene = Scene(camera(zone()))
    scene.play(2, IN)
    assert story(scene.play(1)) == []
    assert story(scene.play(2)) == ["end track-1 rectified"]


def test_dwell_is_wall_clock_and_starts_anew_after_leaving() -> None:
    """Two stays of 1.5 s do not make one of 2 s, whatever the look rate."""
    for step in (0.1, 0.25, 0.5):
        scene = Scene(camera(zone(dwell_s=2.0)), step)
        said = scene.play(1.5, JUST_IN) + scene.play(1, JUST_OUT) + scene.play(1.5, JUST_IN)
        assert story(said) == []
        assert story(scene.play(1.0, JUST_IN)) == ["start track-1"]


def test_a_missed_look_does_not_restart_the_dwell() -> None:
    """The detector misses people for a moment; they did not leave."""
    scene = Scene(camera(zone(dwell_s=2.0)))
    said = scene.play(1.25, IN) + scene.play(0.5) + scene.play(0.75, IN)
    assert story(said) == ["start track-1"]


def test_first_seen_is_when_the_stay_began() -> None:
    """Not when the dwell was over."""
    scene = Scene(camera(zone(dwell_s=2.0)))
    scene.play(1, OUT)
    began = scene.at
    (start,) = [v for v in scene.play(2.5, IN) if v.phase == "start"]
    assert start.first_seen == began
    assert start.last_seen - start.first_seen == pytest.approx(2.0)


def test_the_feet_count_not_the_head() -> None:
    """A box that leans into the zone from outside does not intrude."""
    scene = Scene(camera(zone(polygon=((0, 0), (1, 0), (1, 0.5), (0, 0.5)))))
    assert scene.play(2, (0.5, 0.8)) == []


def test_one_violation_per_person_with_the_number_of_people() -> None:
    """`people` says how many are in the zone after each change."""
    scene = Scene(camera(zone()))
    said = scene.play(1, (0.1, 0.9)) + scene.play(1, (0.1, 0.9), (0.4, 0.9))
    starts = [v for v in said if v.phase == "start"]
    assert [(v.subject, v.people) for v in starts] == [("track-1", 1), ("track-2", 2)]
    ends = [v for v in scene.play(3, (0.1, 0.9)) if v.phase == "end"]
    assert [(v.subject, v.people) for v in ends] == [("track-2", 1)]


def test_a_person_with_a_new_number_is_still_one_person() -> None:
    """At few looks a walker's boxes do not overlap and the tracker starts anew."""
    scene = Scene(camera(zone(clear_after_s=20.0)), step=1.5)
    said = []
    for x in (0.05, 0.45, 0.1, 0.4, 0.05, 0.45):
        said += scene.play(1.5, (x, 0.9))
    assert len({v.subject for v in said}) > 1
    assert {v.people for v in said} == {1}


def test_it_is_continued_about_once_a_second() -> None:
    """Not at every look."""
    scene = Scene(camera(zone()))
    phases = [v.phase for v in scene.play(10.25, IN)]
    assert phases[0] == "start"
    assert phases[1:] == ["continue"] * 10


def test_a_gap_between_frames_proves_nothing() -> None:
    """A frozen camera that comes back with one empty look has not shown the zone empty."""
    scene = Scene(camera(zone(clear_after_s=2.0)))
    scene.play(2, IN)
    for seconds in (0.25, 0.5):
        scene.at += 60
        assert story(scene.play(seconds)) == []
    assert story(scene.play(1.0)) == ["end track-1 rectified"]


def test_clutter_and_dwarfs_do_not_intrude() -> None:
    """Unsure boxes open no track."""
    scene = Scene(camera(zone()))
    assert scene.play(5, (0.25, 0.9, "person", 0.3)) == []


def test_an_unsure_person_in_the_zone_is_no_empty_zone() -> None:
    """A score that sinks while somebody stands there closes nothing."""
    scene = Scene(camera(zone()))
    scene.play(1, (0.25, 0.9, "person", 0.6))
    assert story(scene.play(10, (0.25, 0.9, "person", 0.3))) == []
    assert story(scene.play(3, OUT)) == ["end track-1 rectified"]
    resumed = Scene(camera(zone()))
    resumed.pipeline.resume([Key("gate", "pit", "zone_intrusion", "track-7")])
    tiny = lambda _: Detections.of([[150, 60, 156, 72]], [0.9], ["person"])  # noqa: E731
    assert story(resumed.play_each(tiny, range(20))) == []
    assert story(resumed.play(3, OUT)) == ["end track-7 rectified"]


def test_hours_over_midnight() -> None:
    """18:30-03:00 in the site's time zone; what lasts at the end of the hours stops counting."""
    evening = zone(active="18:30-03:00", timezone="Asia/Shanghai")

    def scene_at(hour: int, minute: int, second: int = 0) -> Scene:
        at = datetime(2026, 11, 22, hour, minute, second, tzinfo=ZoneInfo("Asia/Shanghai"))
        return Scene(camera(evening), at=at.timestamp())

    assert story(scene_at(18, 29).play(2, IN)) == []
    assert story(scene_at(18, 30).play(2, IN)) == ["start track-1"]
    assert story(scene_at(1, 0).play(2, IN)) == ["start track-1"]
    assert story(scene_at(12, 0).play(2, IN)) == []
    assert story(scene_at(2, 59, 58).play(4, IN)) == ["start track-1", "end track-1 left"]


def test_a_lost_person_found_at_the_same_place_is_the_same() -> None:
    """Three seconds behind a pillar make no second violation."""
    scene = Scene(camera(zone(clear_after_s=4.0)))
    said = scene.play(2, IN) + scene.play(3) + scene.play(2, IN)
    assert story(said) == ["start track-1"]


def test_the_end_of_the_source_closes_nothing_and_can_be_taken_up_again() -> None:
    """source_down is no proof; when the camera is back, the same key goes on or is ended."""
    scene = Scene(camera(zone()))
    scene.play(2, IN)
    down = scene.pipeline.source_down()
    assert story(down) == ["end track-1 source_down"]
    back = scene.play(1, IN)
    assert [(v.phase, v.subject) for v in back] == [("continue", "track-1")]
    scene.play(1.25)
    scene.pipeline.source_down()
    assert story(scene.play(1.25)) == []
    assert story(scene.play(0.5)) == ["end track-1 rectified"]


def test_after_a_restart_live_keys_are_continued_or_ended() -> None:
    """Vision is told what lasted, and says what became of it."""
    key = Key("gate", "pit", "zone_intrusion", "track-7")
    other = Key("yard", "pit", "zone_intrusion", "track-3")
    still = Scene(camera(zone(dwell_s=5.0)))
    still.pipeline.resume([key, other])
    assert [(v.phase, v.key) for v in still.play(0.5, IN)] == [("continue", key)]
    gone = Scene(camera(zone()))
    gone.pipeline.resume([key, other])
    assert story(gone.play(3)) == ["end track-7 rectified"]


def test_new_people_never_get_a_resumed_number() -> None:
    """Two live violations may not share a key."""
    scene = Scene(camera(zone()))
    scene.pipeline.resume([Key("gate", "pit", "zone_intrusion", "track-1")])
    said = scene.play(1, (0.1, 0.9), (0.4, 0.9))
    assert len({v.key for v in said}) == 2


def test_the_best_picture_is_whole_rather_than_cut() -> None:
    """Of the first second, the frame in which the person is inside the picture."""
    scene = Scene(camera(zone()))
    said = scene.play(0.5, (0.04, 0.9)) + scene.play(2.5, (0.12, 0.9))
    first, last = said[0].best, said[-1].best
    assert first is not None
    assert last is not None
    assert float(first.boxes.xyxy[0][0]) <= 0
    assert float(last.boxes.xyxy[0][0]) > 10
    assert last.captured_at - first.captured_at <= 1.0


def test_a_still_scene_costs_no_looks_until_somebody_is_there() -> None:
    """The gate closes on an unmoving picture and stays open while a person is known."""
    from tests.support.scenes import picture
    from vision.frame import Frame

    scene = Scene(camera(zone(dwell_s=1.0)))
    for number in range(20):
        scene.pipeline.take(Frame("gate", scene.at + number * 0.25, picture()))
    assert scene.detector.looks == 1
    scene.detector.said = people(IN)
    moved = Frame("gate", scene.at + 5.0, picture(200))
    assert scene.pipeline.take(moved) == []
    still = [Frame("gate", scene.at + 5.25 + n * 0.25, picture(200)) for n in range(8)]
    assert "start track-1" in story(v for frame in still for v in scene.pipeline.take(frame))
