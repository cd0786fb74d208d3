"""Who is who from look to look: association by overlap, remembered in seconds.

Two stages as in ByteTrack (Zhang et al. 2022): sure detections first, then unsure ones for
the tracks that are left, so a person half hidden keeps the id but clutter opens no track.
A third stage finds lost people again near the place where they were last seen. Nothing is
counted in frames, so the look rate may change from one look to the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import hypot
from statistics import median

import numpy as np

from vision.detection import Detections
from vision.geometry import Box, centre, diagonal, touches_side
from vision.nms import iou

SURE = 0.45  # opens a track
MEMORY_S = 5.0  # a lost person found again at the same place within this is the same person
EXIT_MEMORY_S = 1.0  # whoever was last seen at the left or right edge has probably gone
SCORES = 15  # the last so many scores make the median
OVERLAP = 0.2  # a step at 4 looks a second leaves about this much
OVERLAP_UNSURE = 0.4
REACH = 0.6  # of the diagonal: how far a found-again person may be from the last place


@dataclass(slots=True)
class Track:
    """One person as far as is known; `box` in pixels, times in epoch seconds."""

    id: int
    box: Box
    class_name: str
    first_seen: float
    last_seen: float
    looks: int = 1
    at_edge: bool = False
    stood: float | None = None
    """Where the feet were when last seen upright, pixels from the left."""
    velocity: tuple[float, float] = (0.0, 0.0)
    scores: deque[float] = field(default_factory=lambda: deque(maxlen=SCORES))

    @property
    def score(self) -> float:
        """Median of the last scores: one lucky or unlucky look changes little."""
        return float(median(self.scores))

    @property
    def subject(self) -> str:
        """The name under which violations speak of this track."""
        return f"track-{self.id}"

    def predicted(self, at: float) -> Box:
        """Where the box would be now; one that was missed is expected where it was last seen."""
        seconds = at - self.last_seen
        if seconds > 1:
            return self.box
        dx, dy = self.velocity[0] * seconds, self.velocity[1] * seconds
        left, top, right, bottom = self.box
        return left + dx, top + dy, right + dx, bottom + dy

    def see(self, box: Box, score: float, class_name: str, at: float) -> None:
        """Take in one more look."""
        seconds = max(at - self.last_seen, 1e-3)
        (x1, y1), (x2, y2) = centre(self.box), centre(box)
        self.velocity = (
            (self.velocity[0] + (x2 - x1) / seconds) / 2,
            (self.velocity[1] + (y2 - y1) / seconds) / 2,
        )
        self.box, self.class_name, self.last_seen = box, class_name, at
        self.looks += 1
        if class_name == "person" and box[3] - box[1] > box[2] - box[0]:
            self.stood = x2
        self.scores.append(score)


class Tracker:
    """Gives every person a number that stays; one per camera."""

    def __init__(self, first_id: int = 1) -> None:
        self._next = first_id
        self._tracks: list[Track] = []
        self._updated_at = 0.0

    @property
    def tracks(self) -> list[Track]:
        """Everyone remembered, seen in the last look or not."""
        return list(self._tracks)

    def number_from(self, first_id: int) -> None:
        """Use no id under `first_id` for new tracks."""
        self._next = max(self._next, first_id)

    def forget(self) -> None:
        """Drop all tracks, as after a break in the pictures; ids go on counting."""
        self._tracks = []

    def update(self, found: Detections, at: float, width: int) -> Detections:
        """Take in a look; the detections that belong to a track come back with its id."""
        before, self._updated_at = self._updated_at, at
        self._tracks = [track for track in self._tracks if _remembered(track, at, before)]
        sure = [i for i in range(len(found)) if found.confidence[i] >= SURE]
        unsure = [i for i in range(len(found)) if found.confidence[i] < SURE]
        matched = self._match(found, sure, self._tracks, at, OVERLAP)
        recent = [t for t in self._rest(matched) if at - t.last_seen <= EXIT_MEMORY_S]
        matched |= self._match(found, unsure, recent, at, OVERLAP_UNSURE)
        matched |= self._find_again(found, [i for i in sure if i not in matched], matched)
        for index in sure:
            if index not in matched:
                matched[index] = self._open(at)
        for index, track in matched.items():
            _see(track, found, index, at, width)
        order = sorted(matched)
        return found.take(order).with_tracks([matched[i].id for i in order])

    def _rest(self, matched: dict[int, Track]) -> list[Track]:
        taken = {track.id for track in matched.values()}
        return [track for track in self._tracks if track.id not in taken]

    def _match(
        self, found: Detections, indices: list[int], tracks: list[Track], at: float, least: float
    ) -> dict[int, Track]:
        if not indices or not tracks:
            return {}
        boxes = np.array([track.predicted(at) for track in tracks], np.float32)
        overlap = iou(found.xyxy[indices], boxes)
        pairs = ((float(overlap[i, j]), int(i), int(j)) for i, j in np.argwhere(overlap >= least))
        return _greedy(sorted(pairs, reverse=True), indices, tracks)

    def _find_again(
        self, found: Detections, indices: list[int], matched: dict[int, Track]
    ) -> dict[int, Track]:
        tracks = self._rest(matched)
        pairs = []
        for i, index in enumerate(indices):
            for j, track in enumerate(tracks):
                away = _distance(_box(found, index), track.box)
                if away <= REACH:
                    pairs.append((away, i, j))
        return _greedy(sorted(pairs), indices, tracks)

    def _open(self, at: float) -> Track:
        track = Track(self._next, (0, 0, 0, 0), "", at, at, looks=0)
        self._next += 1
        self._tracks.append(track)
        return track


def _see(track: Track, found: Detections, index: int, at: float, width: int) -> None:
    box, score = _box(found, index), float(found.confidence[index])
    if track.looks == 0:
        track.box = box
    track.see(box, score, found.class_name[index], at)
    track.at_edge = touches_side(box, width)


def _box(found: Detections, index: int) -> Box:
    left, top, right, bottom = (float(value) for value in found.xyxy[index])
    return left, top, right, bottom


def _remembered(track: Track, at: float, before: float) -> bool:
    """`before`: when the look before this one was; whoever was seen then has not been missed."""
    limit = EXIT_MEMORY_S if track.at_edge else MEMORY_S
    if track.looks == 1:  # seen once and not again at once: more often clutter than a person
        limit = EXIT_MEMORY_S
    if track.last_seen == before:
        limit = MEMORY_S
    return at - track.last_seen <= limit


def _distance(one: Box, other: Box) -> float:
    """Between the centres, in diagonals of the larger box."""
    (x1, y1), (x2, y2) = centre(one), centre(other)
    return hypot(x2 - x1, y2 - y1) / max(diagonal(one), diagonal(other), 1.0)


def _greedy(
    pairs: Iterable[tuple[float, int, int]], indices: list[int], tracks: list[Track]
) -> dict[int, Track]:
    """Best pair first, everyone at most once."""
    matched: dict[int, Track] = {}
    taken: set[int] = set()
    for _, i, j in pairs:
        if indices[i] not in matched and j not in taken:
            matched[indices[i]] = tracks[j]
            taken.add(j)
    return matched
