"""What every detector keeps to, whatever engine runs in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from storage.models import SHIPPED
from tests.support.models import pulled
from vision.detector import Detector, OnnxDetector
from vision.errors import ModelError
from vision.frame import Image
from vision.nms import iou
from vision.tracker import SURE


def onnx() -> Detector:
    return OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes)


ENGINES: list[Callable[[], Detector]] = [onnx]


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def detector(request: pytest.FixtureRequest) -> Detector:
    return request.param()


@pytest.fixture(scope="module")
def street() -> Image:
    image = cv2.imread(str(pulled("sample-street")))
    assert image is not None
    return np.asarray(image, np.uint8)


def test_it_finds_the_people_in_the_street(detector: Detector, street: Image) -> None:
    """Three whole people, inside the picture, surest first."""
    (found,) = detector.detect([street])
    sure = [i for i in range(len(found)) if found.confidence[i] > 0.5]
    assert len(sure) == 3
    assert {found.class_name[i] for i in sure} == {"person"}
    assert (np.diff(found.confidence) <= 0).all()
    assert found.xyxy.dtype == np.float32
    assert (found.xyxy >= 0).all()
    assert (found.xyxy[:, 2] <= street.shape[1]).all()
    assert (found.xyxy[:, 3] <= street.shape[0]).all()
    left, top, right, bottom = found.xyxy[sure].mean(axis=0)
    assert (bottom - top) > 1.5 * (right - left)


def test_one_answer_per_picture_in_order(detector: Detector, street: Image) -> None:
    """A batch says what single pictures say, of different sizes too."""
    empty = np.full((200, 500, 3), 128, np.uint8)
    answers = detector.detect([empty, street, empty])
    assert [len(found) > 0 for found in answers] == [False, True, False]
    (alone,) = detector.detect([street])
    assert np.allclose(alone.xyxy, answers[1].xyxy, atol=0.5)
    assert detector.detect([]) == []


def test_boxes_do_not_depend_on_the_pictures_size(detector: Detector, street: Image) -> None:
    """A larger copy gives the same people at larger places."""
    large = np.asarray(cv2.resize(street, None, fx=1.5, fy=1.5), np.uint8)
    (small_found,), (large_found,) = detector.detect([street]), detector.detect([large])
    best_small, best_large = small_found.xyxy[:2] * 1.5, large_found.xyxy[:2]
    ordered = [np.sort(boxes[:, 0]) for boxes in (best_small, best_large)]
    assert np.abs(ordered[0] - ordered[1]).max() < 30


@pytest.mark.parametrize("shape", [(1, 1, 3), (2000, 10, 3), (10, 2000, 3), (37, 53, 3)])
def test_odd_pictures_are_no_trouble(detector: Detector, shape: tuple[int, int, int]) -> None:
    """Slivers and single pixels hold nobody for sure, and break nothing."""
    (found,) = detector.detect([np.full(shape, 90, np.uint8)])
    assert (found.confidence < SURE).all()


def test_every_name_was_announced(detector: Detector, street: Image) -> None:
    """The rules rely on the class map."""
    (found,) = detector.detect([street])
    assert set(found.class_name) <= set(detector.class_names)


def test_a_freed_model_says_what_the_whole_one_says(
    street: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cutting the graph at its heads changes no box on a picture of the original size."""
    square = np.asarray(cv2.resize(street, (640, 640)), np.uint8)
    free = OnnxDetector(pulled("person-fall"), {0: "person", 1: "fallen"})
    monkeypatch.setattr("vision.detector.cut_at_heads", lambda _: None)
    whole = OnnxDetector(pulled("person-fall"), {0: "person", 1: "fallen"})
    (first,), (second,) = free.detect([square]), whole.detect([square])
    assert first.class_name == second.class_name
    assert np.allclose(first.xyxy, second.xyxy, atol=0.01)
    assert np.allclose(first.confidence, second.confidence, atol=1e-4)


def test_classes_that_are_not_named_are_left_out(street: Image) -> None:
    """A class map picks what is wanted."""
    only_fallen = OnnxDetector(pulled("person-fall"), {1: "fallen"})
    assert all(name == "fallen" for name in only_fallen.detect([street])[0].class_name)


@pytest.mark.parametrize("content", [b"", b"this is no model", b"\x3a\xff"])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    """Missing, empty, garbage, cut off."""
    model = tmp_path / "broken.onnx"
    with pytest.raises(ModelError, match=r"broken\.onnx"):
        OnnxDetector(model, {0: "person"})
    model.write_bytes(content)
    with pytest.raises(ModelError, match=r"broken\.onnx"):
        OnnxDetector(model, {0: "person"})


def test_in_a_hurry_the_same_people_are_found(street: Image) -> None:
    """With less detail, at much the same places; the patient one is not changed by it."""
    patient = OnnxDetector(pulled("person-fall"), SHIPPED["person-fall"].classes)
    (before,) = patient.detect([street])
    (quick,) = patient.hurried().detect([street])
    (after,) = patient.detect([street])
    assert np.array_equal(before.xyxy, after.xyxy)
    sure = [found.xyxy[found.confidence > 0.5] for found in (before, quick)]
    assert len(sure[0]) == len(sure[1]) == 3
    order = [boxes[np.argsort(boxes[:, 0])] for boxes in sure]
    assert all(np.diag(iou(*order)) > 0.6)
    assert not np.array_equal(order[0], order[1])
