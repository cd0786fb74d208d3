"""Value types and geometry: the small things that everything stands on."""

from __future__ import annotations

import numpy as np
import pytest

from vision.detection import Detections
from vision.errors import SpecError
from vision.geometry import area, foot, inside
from vision.letterbox import letterbox
from vision.nms import iou, suppress
from vision.rules import hazards, rules_for
from vision.specs import CameraSpec, Hours, ZoneSpec
from vision.violation import Key

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
HOOK = ((0, 0), (1, 0), (1, 1), (0.8, 1), (0.8, 0.2), (0, 0.2))


def test_detections_hold_together() -> None:
    """Boxes, scores, names and tracks belong to each other by position."""
    found = Detections.of([[0, 0, 1, 1], [2, 2, 3, 3]], [0.5, 0.9], ["a", "b"])
    taken = found.with_tracks([7, 8]).take([1])
    assert taken.class_name == ("b",)
    assert taken.track_id is not None
    assert taken.track_id.tolist() == [8]
    assert len(Detections.none()) == 0
    with pytest.raises(ValueError):
        Detections.of([[0, 0, 1, 1]], [0.5, 0.9], ["a"])


def test_points_in_polygons() -> None:
    """Concave ones too."""
    assert inside((0.5, 0.5), SQUARE)
    assert not inside((0.9, 0.5), SQUARE)
    assert inside((0.9, 0.9), HOOK)
    assert not inside((0.5, 0.5), HOOK)
    assert area(SQUARE) == pytest.approx(0.36)
    assert foot((100, 0, 200, 300), 600, 300) == (0.25, 1.0)


def test_overlap() -> None:
    """Half over half is a third; apart is nothing; empty input is fine."""
    boxes = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]], np.float32)
    assert iou(boxes[:1], boxes)[0].tolist() == pytest.approx([1, 1 / 3, 0])
    assert suppress(boxes[:0], np.empty(0, np.float32), 0.5).tolist() == []
    scores = np.array([0.5, 0.9, 0.1], np.float32)
    assert suppress(boxes, scores, 0.3).tolist() == [1, 2]
    assert suppress(boxes, scores, 0.4).tolist() == [1, 0, 2]


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (100, 100), (1920, 1080)])
def test_letterbox_and_back(size: tuple[int, int]) -> None:
    """A box in the model's input comes back to where it was in the picture."""
    width, height = size
    blob, fit = letterbox(np.zeros((height, width, 3), np.uint8), 640, 640)
    assert blob.shape == (3, 640, 640)
    box = np.array([[0.1 * width, 0.2 * height, 0.5 * width, 0.9 * height]], np.float32)
    offset = np.array([fit.left, fit.top, fit.left, fit.top], np.float32)
    assert fit.to_picture(box * fit.scale + offset) == pytest.approx(box, abs=1e-2)
    whole = fit.to_picture(np.array([[0, 0, 640, 640]], np.float32))
    assert whole == pytest.approx(np.array([[0, 0, width, height]], np.float32))


def test_letterbox_is_rgb_from_bgr() -> None:
    """Models are trained on red first."""
    blue = np.zeros((10, 10, 3), np.uint8)
    blue[:, :, 0] = 255
    blob, _ = letterbox(blue, 10, 10)
    assert blob[:, 5, 5].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("polygon", "fault"),
    [
        (((0, 0), (1, 1)), "three corners"),
        (((0, 0), (1.2, 0), (1, 1)), "fractions"),
        (((0, 0), (0.5, 0.5), (1, 1)), "hardly any area"),
    ],
)
def test_bad_polygons_are_named(polygon: tuple[tuple[float, float], ...], fault: str) -> None:
    """Pixels instead of fractions, lines instead of areas."""
    with pytest.raises(SpecError, match=fault):
        ZoneSpec("pit", "zone_intrusion", polygon)


@pytest.mark.parametrize("text", ["18:30", "25:00-03:00", "18:30-03:60", "always"])
def test_bad_hours_are_named(text: str) -> None:
    """`active` of a zone."""
    with pytest.raises(SpecError, match="HH:MM"):
        Hours.parse(text)
    with pytest.raises(SpecError, match="Mars"):
        Hours.parse("08:00-09:00", "Mars/Olympus")


def test_hours_may_span_the_whole_day() -> None:
    """Same start and end means always; 24:00 is allowed as an end."""
    assert Hours.parse("00:00-24:00").contain(0.0)
    assert Hours.parse("06:00-06:00").contain(0.0)


def test_rules_are_found_by_hazard() -> None:
    """Zones bring their rule, wide hazards watch the whole picture, others are refused."""
    assert set(hazards()) == {"zone_intrusion", "roof_intrusion", "fall"}
    pit = ZoneSpec("pit", "zone_intrusion", SQUARE)
    rules = rules_for(CameraSpec("gate", "push", zones=(pit,)))
    assert [(rule.hazard, rule.zone_id) for rule in rules] == [
        ("zone_intrusion", "pit"),
        ("fall", None),
    ]
    roof = rules_for(
        CameraSpec("roof", "push", zones=(ZoneSpec("edge", "roof_intrusion", SQUARE),))
    )
    assert (roof[0].hazard, roof[0].zone_id) == ("roof_intrusion", "edge")
    with pytest.raises(SpecError, match="levitation"):
        rules_for(CameraSpec("gate", "push", zones=(ZoneSpec("pit", "levitation", SQUARE),)))
    with pytest.raises(SpecError, match="two zones"):
        CameraSpec("gate", "push", zones=(pit, pit))


@pytest.mark.parametrize("zone", ["pit", None])
def test_keys_survive_as_text(zone: str | None) -> None:
    """The program stores them and gives them back after a restart."""
    key = Key("gate", zone, "zone_intrusion", "track-3")
    assert Key.parse(str(key)) == key
