"""Pictures as evidence: drawing, heads made unrecognisable, the ring of the last seconds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.annotate import annotate
from vision.blur import blur_heads
from vision.detection import Detections
from vision.frame import Frame, Image
from vision.gate import MotionGate
from vision.ring import Ring
from vision.shots import candidate, take_shot
from vision.tracker import Tracker


def noise(height: int = 360, width: int = 640) -> Image:
    return np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8)


ONE = Detections.of([[200, 100, 300, 340]], [0.87], ["person"], [3])


def test_the_violator_is_red_and_others_are_not() -> None:
    """Exactly on the border of the box."""
    drawn = annotate(noise(), ONE, marked=[3])
    assert drawn[200, 200].tolist() == [40, 40, 230]
    assert annotate(noise(), ONE)[200, 200].tolist() == [160, 160, 160]


def test_drawing_leaves_the_original_alone() -> None:
    """The clean copy is kept."""
    image = noise()
    annotate(image, ONE, ((0, 0), (1, 0), (1, 1)), marked=[3])
    blur_heads(image, ONE)
    assert np.array_equal(image, noise())


def flat(image: Image, blurred: Image, rows: slice, columns: slice) -> bool:
    """Whether nothing can be read there any more."""
    return bool(blurred[rows, columns].std() < image[rows, columns].std() / 3)


def test_heads_are_flattened_and_the_rest_is_not() -> None:
    """The upper third of an upright person."""
    image = noise()
    blurred = blur_heads(image, ONE)
    assert flat(image, blurred, slice(102, 178), slice(202, 298))
    assert np.array_equal(blurred[190:, :], image[190:, :])


LYING = Detections.of([[100, 200, 400, 300]], [0.9], ["fallen"], [3])
LEFT_END, MIDDLE, RIGHT_END = slice(105, 210), slice(216, 284), slice(290, 395)


def test_how_somebody_lies_stays_visible() -> None:
    """Nobody can judge an emergency from a grey box: only where the head may be is blurred."""
    image, tall = noise(), slice(205, 295)
    blurred = blur_heads(image, LYING)
    assert flat(image, blurred, tall, LEFT_END)
    assert flat(image, blurred, tall, RIGHT_END)
    assert np.array_equal(blurred[tall, MIDDLE], image[tall, MIDDLE])


@pytest.mark.parametrize(
    ("feet", "head", "sharp"), [(410.0, LEFT_END, RIGHT_END), (90.0, RIGHT_END, LEFT_END)]
)
def test_the_head_lies_away_from_where_the_feet_were(
    feet: float, head: slice, sharp: slice
) -> None:
    """Whoever was seen standing tells by it at which end the head is now."""
    image, tall = noise(), slice(205, 295)
    blurred = blur_heads(image, LYING, {3: feet})
    assert flat(image, blurred, tall, head)
    assert np.array_equal(blurred[tall, sharp], image[tall, sharp])


@pytest.mark.parametrize("feet", [230.0, 250.0, 300.0])
def test_feet_near_the_middle_tell_nothing(feet: float) -> None:
    """Then both ends are blurred."""
    image, tall = noise(), slice(205, 295)
    blurred = blur_heads(image, LYING, {3: feet})
    assert flat(image, blurred, tall, LEFT_END)
    assert flat(image, blurred, tall, RIGHT_END)


@pytest.mark.parametrize(
    ("box", "parts"),
    [
        ([100, 100, 220, 220], [(100, 150, 100, 220), (150, 220, 100, 140), (150, 220, 180, 220)]),
        ([100, 50, 160, 250], [(50, 120, 100, 160), (180, 250, 100, 160)]),
    ],
)
def test_where_the_head_is_less_sure_more_is_blurred(
    box: list[float], parts: list[tuple[int, int, int, int]]
) -> None:
    """Kneeling or falling: the top and both sides; lying along the view: near and far."""
    image = noise()
    blurred = blur_heads(image, Detections.of([box], [0.9], ["fallen"], [1]))
    for top, bottom, left, right in parts:
        assert flat(image, blurred, slice(top + 3, bottom - 3), slice(left + 3, right - 3))
    middle = blurred == image
    assert middle.all(axis=2)[100:220, 100:220].mean() > 0.1


def test_a_track_remembers_where_it_stood() -> None:
    """From standing to lying: the feet are those of the last upright look."""
    tracker = Tracker()
    boxes = [("person", [400, 100, 460, 300]), ("fallen", [200, 220, 440, 300])]
    for n, (name, box) in enumerate(boxes):
        tracker.update(Detections.of([box], [0.9], [name]), n * 0.25, 640)
    assert [track.stood for track in tracker.tracks] == [430]


@pytest.mark.parametrize("box", [[-20, -10, 30, 50], [630, 350, 700, 400], [5, 5, 5, 5]])
def test_boxes_over_the_edge_are_no_trouble(box: list[float]) -> None:
    """Trackers predict past the picture."""
    found = Detections.of([box], [0.5], ["person"], [1])
    assert annotate(noise(), found, marked=[1]).shape == (360, 640, 3)
    assert blur_heads(noise(), found).shape == (360, 640, 3)


def test_a_shot_is_three_pictures_of_one_moment() -> None:
    """All decodable, of the frame's size, and different."""
    shot = take_shot(Frame("gate", 12.5, noise()), ONE, marked=[3])
    pictures = [shot.annotated, shot.blurred, shot.clean]
    shapes = {cv2.imdecode(np.frombuffer(p, np.uint8), 1).shape for p in pictures}
    assert shapes == {(360, 640, 3)}
    assert len(set(pictures)) == 3
    assert shot.captured_at == 12.5


def test_large_sure_and_whole_is_the_better_picture() -> None:
    """Size and score count, and being cut counts against."""
    frame = Frame("gate", 0, noise())

    def quality(box: tuple[float, float, float, float], score: float) -> float:
        return candidate(frame, ONE, box, score).quality

    small, large = (200, 100, 230, 180), (200, 100, 300, 340)
    assert quality(large, 0.8) > quality(small, 0.8)
    assert quality(large, 0.9) > quality(large, 0.5)
    assert quality(large, 0.8) > quality((0, 100, 100, 340), 0.8)


def test_the_ring_finds_the_nearest_and_forgets() -> None:
    """Two pictures a second, of the last seconds."""
    ring = Ring(seconds=5)
    assert ring.newest() is None
    assert ring.near(0) is None
    for n in range(100):
        ring.add(Frame("gate", 100 + n * 0.1, noise(36, 64)))
    newest = ring.newest()
    assert newest is not None
    assert newest[1] == pytest.approx(109.5)
    near = ring.near(107.1)
    assert near is not None
    assert near[1] == pytest.approx(107.0)
    assert ring.near(90) is None


def test_the_gate_sees_small_motion_and_slow_change_but_not_noise() -> None:
    """A person 1/20 of the picture high is enough; sensor noise is not."""
    quiet = np.full((720, 1280, 3), 90, np.uint8)
    grain = np.random.default_rng(1).normal(0, 4, quiet.shape)
    noisy = np.clip(quiet + grain, 0, 255).astype(np.uint8)
    walked = quiet.copy()
    walked[400:440, 600:616] = 200
    gate = MotionGate()
    assert gate.passes(quiet, 0)
    assert not gate.passes(noisy, 0.25)
    assert gate.passes(walked, 0.5)
    assert not gate.passes(walked, 0.75)
    assert gate.passes(walked, 1.0, always=True)
    assert gate.passes(walked, 11.5)
    darker = [gate.passes(walked - np.uint8(3 * n), 11.5 + n * 0.1) for n in range(1, 6)]
    assert any(darker)
    assert not darker[0]
