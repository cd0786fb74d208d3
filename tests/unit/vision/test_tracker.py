"""Who is who from look to look."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vision.detection import Detections
from vision.tracker import Tracker

WIDTH = 640


def person(x: float, y: float = 200.0, score: float = 0.9, name: str = "person") -> list[object]:
    return [[x, y, x + 60, y + 160], score, name]


def look(tracker: Tracker, at: float, *persons: list[object]) -> list[int]:
    found = Detections.of(*zip(*persons, strict=True)) if persons else Detections.none()  # type: ignore[arg-type]  # columns of a literal
    tracked = tracker.update(found, at, WIDTH)
    assert tracked.track_id is not None
    return tracked.track_id.tolist()


def test_a_walking_person_keeps_the_number() -> None:
    """Also when the steps between looks are wide, once the pace is known."""
    tracker = Tracker()
    seen = [look(tracker, n * 0.25, person(50 + 40 * n)) for n in range(10)]
    assert seen == [[1]] * 10


def test_two_people_who_cross_keep_theirs() -> None:
    """The pace tells them apart where the boxes overlap."""
    tracker = Tracker()
    for n in range(17):
        left, right = person(100 + 20 * n), person(420 - 20 * n, 215)
        ids = look(tracker, n * 0.25, left, right)
    assert ids == [1, 2]


def test_unsure_boxes_open_no_track_but_keep_one() -> None:
    """A person half hidden scores low and is still the same."""
    tracker = Tracker()
    assert look(tracker, 0, person(100, score=0.3)) == []
    assert look(tracker, 1, person(100)) == [1]
    assert look(tracker, 1.25, person(102, score=0.3)) == [1]
    assert look(tracker, 1.5, person(400, score=0.3)) == []


def test_found_again_at_the_same_place_within_seconds() -> None:
    """Memory is in seconds, not in looks."""
    tracker = Tracker()
    look(tracker, 0, person(300))
    look(tracker, 0.25, person(300))
    assert look(tracker, 4.0, person(310)) == [1]
    assert look(tracker, 12.0, person(310)) == [2]


def test_somebody_else_far_away_is_somebody_else() -> None:
    """A lost person does not jump across the picture."""
    tracker = Tracker()
    look(tracker, 0, person(100))
    look(tracker, 0.25, person(100))
    assert look(tracker, 1.5, person(500)) == [2]


def test_whoever_went_over_the_edge_is_soon_forgotten() -> None:
    """The next one through the same gate is a new person."""
    tracker = Tracker()
    look(tracker, 0, person(560))
    look(tracker, 0.25, person(578))
    look(tracker, 0.5)
    assert look(tracker, 2.0, person(578)) == [2]


def test_at_few_looks_nobody_is_forgotten_between_two() -> None:
    """A person at the picture's edge, seen every 1.5 seconds and never missed, is one person."""
    tracker = Tracker()
    assert [look(tracker, n * 1.5, person(578)) for n in range(6)] == [[1]] * 6


def test_a_falling_person_keeps_the_number() -> None:
    """The box turns from tall to wide within half a second."""
    tracker = Tracker()
    boxes = [(344, 167, 502, 479), (282, 229, 492, 480), (184, 357, 484, 480), (5, 350, 441, 480)]
    ids = [look(tracker, n * 0.25, [list(box), 0.7, "fallen"]) for n, box in enumerate(boxes)]
    assert ids == [[1]] * 4


def test_the_score_is_the_median() -> None:
    """One lucky look does not make a person."""
    tracker = Tracker()
    for n, score in enumerate((0.5, 0.5, 0.99, 0.5, 0.5)):
        look(tracker, n * 0.25, person(100, score=score))
    assert round(tracker.tracks[0].score, 3) == 0.5


@given(st.lists(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1)), max_size=6), max_size=8))
def test_no_number_twice_in_a_look(looks: list[list[tuple[int, float]]]) -> None:
    """Whatever the detector says, a look never shows one person at two places."""
    tracker = Tracker()
    for n, persons in enumerate(looks):
        ids = look(tracker, n * 0.25, *(person(x, score=score) for x, score in persons))
        assert len(ids) == len(set(ids))
        assert len(ids) >= sum(np.float32(score) >= np.float32(0.45) for _, score in persons)
