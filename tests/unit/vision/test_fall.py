"""A fall is lying for seconds after having stood, and not a shoe being tied."""

from __future__ import annotations

import pytest

from tests.support.scenes import HEIGHT, WIDTH, Scene, camera, people, story, zone
from vision.detection import Detections
from vision.violation import Key

UP, DOWN = (0.5, 0.8), (0.5, 0.8, "fallen")


@pytest.mark.parametrize("step", [0.125, 0.25, 0.5])
def test_lying_after_standing_is_a_fall(step: float) -> None:
    """Said after two seconds, at any look rate, once."""
    scene = Scene(camera(), step)
    scene.play(1, UP)
    fell = scene.at
    (start,) = [v for v in scene.play(2.5, DOWN) if v.phase == "start"]
    assert start.hazard == "fall"
    assert start.zone is None
    assert start.last_seen - fell == pytest.approx(2.0, abs=step)
    assert start.first_seen <= fell + step
    assert story(scene.play(10, DOWN)) == []


def test_lying_from_the_beginning_is_no_fall() -> None:
    """Somebody asleep when the camera starts did not fall."""
    assert Scene(camera()).play(20, DOWN) == []


@pytest.mark.parametrize("seconds", [0.25, 0.75, 1.5])
def test_bending_down_is_no_fall(seconds: float) -> None:
    """Seconds count: three looks at four a second made a false fall for others."""
    scene = Scene(camera())
    assert scene.play(2, UP) + scene.play(seconds, DOWN) + scene.play(3, UP) == []


def test_a_few_upright_looks_do_not_hide_a_fall() -> None:
    """The detector wavers; 80 % of the looks are enough, 60 % are not."""

    def wavering(every: int) -> list[str]:
        scene = Scene(camera())
        scene.play(1, UP)
        said = lambda n: people(UP if n % every == every - 1 else DOWN)  # noqa: E731
        return story(scene.play_each(said, range(20)))

    assert wavering(9) == ["start track-1"]
    assert wavering(3) == []


def test_too_few_looks_decide_nothing() -> None:
    """At one look in a while there is no window to judge by."""
    scene = Scene(camera(), step=1.75)
    scene.play(6, UP)
    assert scene.play(12, DOWN) == []


def test_a_look_a_second_tells_a_fall_later() -> None:
    """A machine that can hardly keep up needs four looks: after three seconds, not never."""
    scene = Scene(camera(), step=1.0)
    scene.play(4, UP)
    fell = scene.at
    (start,) = [v for v in scene.play(6, DOWN) if v.phase == "start"]
    assert start.last_seen - fell == pytest.approx(3.0)


def test_someone_cut_by_the_edge_is_no_fall() -> None:
    """Head and shoulders at the lower edge look like a fallen person to the model."""
    scene = Scene(camera())
    scene.play(1, (0.5, 0.95))
    cut = Detections.of([[WIDTH * 0.45, HEIGHT - 45, WIDTH * 0.45 + 62, HEIGHT]], [0.9], ["fallen"])
    assert scene.play_each(lambda _: cut, range(20)) == []


def test_a_body_that_lies_at_the_edge_in_full_length_is_a_fall() -> None:
    """Wide boxes that touch the lower edge still show the body's length."""
    scene = Scene(camera())
    scene.play(1, (0.5, 0.98))
    assert story(scene.play(3, (0.5, 1.0, "fallen"))) == ["start track-1"]


def test_standing_up_rectifies_and_vanishing_does_not() -> None:
    """Gone needs proof: out of sight is lost."""
    scene = Scene(camera())
    scene.play(1, UP)
    scene.play(4, DOWN)
    assert story(scene.play(3, UP)) == ["end track-1 rectified"]
    other = Scene(camera())
    other.play(1, UP)
    other.play(4, DOWN)
    assert story(other.play(8)) == ["end track-1 lost"]


def test_a_zone_narrows_the_hazard_down() -> None:
    """With a zone of its own, falls elsewhere do not count."""
    scene = Scene(camera(zone(hazard="fall")))
    scene.play(1, (0.8, 0.8))
    assert scene.play(4, (0.8, 0.8, "fallen")) == []
    inside = Scene(camera(zone(hazard="fall")))
    inside.play(1, (0.3, 0.8))
    assert story(inside.play(4, (0.3, 0.8, "fallen"))) == ["start track-1"]


def test_a_resumed_fall_goes_on_without_having_seen_the_standing() -> None:
    """After a restart the person still lies there."""
    key = Key("gate", None, "fall", "track-4")
    scene = Scene(camera())
    scene.pipeline.resume([key])
    said = scene.play(4, DOWN)
    assert {v.key for v in said} == {key}
    assert {v.phase for v in said} == {"continue"}


def test_a_resumed_fall_whose_person_is_gone_is_lost() -> None:
    """An empty picture does not prove that somebody stood up."""
    scene = Scene(camera())
    scene.pipeline.resume([Key("gate", None, "fall", "track-4")])
    assert story(scene.play(8)) == ["end track-4 lost"]
