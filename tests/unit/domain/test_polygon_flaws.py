"""What is wrong with a polygon, if anything."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.polygon import Flaw, polygon_flaw, signed_area

SQUARE = [(0.1, 0.1), (0.6, 0.1), (0.6, 0.6), (0.1, 0.6)]


@pytest.mark.parametrize(
    "points",
    [
        SQUARE,
        SQUARE[::-1],
        [(0, 0), (1, 0), (1, 1), (0, 1)],
        [(0.1, 0.1), (0.5, 0.1), (0.9, 0.1), (0.9, 0.9)],  # a corner on a straight edge
        [(0.1, 0.1), (0.9, 0.1), (0.5, 0.3), (0.9, 0.9), (0.1, 0.9)],  # not convex
    ],
)
def test_sound_polygons_have_no_flaw(points: list[tuple[float, float]]):
    assert polygon_flaw(points) is None


@pytest.mark.parametrize(
    ("points", "flaw"),
    [
        ([], Flaw.FEW),
        ([(0.1, 0.1), (0.2, 0.2)], Flaw.FEW),
        ([(0.1, 0.1)] * 5, Flaw.FEW),
        ([(0.1, 0.1), (1.6, 0.1), (0.6, 0.6)], Flaw.OUTSIDE),
        ([(0.1, -0.1), (0.6, 0.1), (0.6, 0.6)], Flaw.OUTSIDE),
        ([(0.1, math.nan), (0.6, 0.1), (0.6, 0.6)], Flaw.OUTSIDE),
        ([(0.1, math.inf), (0.6, 0.1), (0.6, 0.6)], Flaw.OUTSIDE),
        ([(0.1, 0.1), (0.6, 0.6), (0.6, 0.1), (0.1, 0.6)], Flaw.CROSSING),  # a bow tie
        ([(0.1, 0.1), (0.9, 0.1), (0.4, 0.1), (0.4, 0.9)], Flaw.CROSSING),  # folds back
        ([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)], Flaw.CROSSING),  # touches
        ([*SQUARE, SQUARE[1]], Flaw.REPEATED),
        ([(0.1, 0.1), (0.10001, 0.1), (0.1, 0.10001)], Flaw.FLAT),
        ([(x / 200, 0.5 + (x % 2) / 10) for x in range(150)], Flaw.MANY),
    ],
)
def test_every_flaw_is_seen(points: list[tuple[float, float]], flaw: Flaw):
    assert polygon_flaw(points) is flaw


def test_points_on_a_line_enclose_nothing():
    assert polygon_flaw([(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)]) in (Flaw.FLAT, Flaw.CROSSING)


def test_the_area_is_a_fraction_of_the_picture():
    assert signed_area(SQUARE) == pytest.approx(0.25)
    assert signed_area(SQUARE[::-1]) == pytest.approx(-0.25)


@given(st.lists(st.floats(0, 2 * math.pi), min_size=3, max_size=12, unique=True))
def test_corners_in_order_round_a_middle_never_cross(angles: list[float]):
    """Points on a circle, in order, make a convex polygon: too thin at most, never crossed."""
    points = [(0.5 + 0.4 * math.cos(a), 0.5 + 0.4 * math.sin(a)) for a in sorted(angles)]
    apart = min(math.dist(p, q) for p in points for q in points if p is not q)
    if apart > 1e-6:
        assert polygon_flaw(points) in (None, Flaw.FLAT)


@given(st.permutations(SQUARE))
def test_a_square_drawn_in_any_order_is_sound_or_crossed(points: list[tuple[float, float]]):
    around = points in [[*way[i:], *way[:i]] for way in (SQUARE, SQUARE[::-1]) for i in range(4)]
    assert (polygon_flaw(points) is None) is around
