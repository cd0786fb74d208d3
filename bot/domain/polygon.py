"""Zones are polygons; this says what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import combinations

Point = tuple[float, float]

SMALLEST = 1e-4
"""Less than a ten-thousandth of the picture is a slip, not a zone."""
MOST_POINTS = 100


class Flaw(StrEnum):
    """Why a polygon encloses no zone."""

    FEW = "few"
    MANY = "many"
    OUTSIDE = "outside"
    REPEATED = "repeated"
    CROSSING = "crossing"
    FLAT = "flat"


def polygon_flaw(points: Sequence[Point]) -> Flaw | None:
    """The first flaw of a polygon in fractions of the picture, None for a sound one."""
    if len(set(points)) < 3:
        return Flaw.FEW
    if len(points) > MOST_POINTS:
        return Flaw.MANY
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points):
        return Flaw.OUTSIDE
    if len(set(points)) < len(points):
        return Flaw.REPEATED
    if abs(signed_area(points)) < SMALLEST and not crosses_itself(points):
        return Flaw.FLAT
    return Flaw.CROSSING if crosses_itself(points) else None


def signed_area(points: Sequence[Point]) -> float:
    """The area in fractions of the picture; positive when drawn clockwise on the screen."""
    edges = zip(points, (*points[1:], points[0]), strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges) / 2


def crosses_itself(points: Sequence[Point]) -> bool:
    """Whether two edges meet anywhere but at the corner they share."""
    count = len(points)
    edges = [(points[i], points[(i + 1) % count]) for i in range(count)]
    for (i, (a, b)), (j, (c, d)) in combinations(enumerate(edges), 2):
        if j == i + 1:
            if _folds_back(a, b, d):
                return True
        elif i == 0 and j == count - 1:
            if _folds_back(c, d, b):
                return True
        elif _meet(a, b, c, d):
            return True
    return False


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _folds_back(a: Point, b: Point, c: Point) -> bool:
    """Whether the way a-b-c turns back on itself at b."""
    ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
    return _turn(a, b, c) == 0 and ahead < 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    on = zip(turns, ((a, b, c), (a, b, d), (c, d, a), (c, d, b)), strict=True)
    return any(turn == 0 and _between(*points) for turn, points in on)


def _between(a: Point, b: Point, c: Point) -> bool:
    """Whether c, on the line of a and b, lies between them."""
    return all(min(p, q) <= r <= max(p, q) for p, q, r in zip(a, b, c, strict=True))
