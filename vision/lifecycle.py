"""From verdicts to violations: dwell, start, continue, end, and the proof of being gone.

A hazard has gone only when fresh frames, looked at by the detector, showed it gone for a
while. Time between two looks counts for at most `GAP_S`, so a frozen camera proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from vision.look import Look
from vision.rules.base import Rule, Verdict
from vision.shots import Candidate, candidate, take_shot
from vision.tracker import Track
from vision.violation import Because, Key, Phase, Shot, Violation

GAP_S = 1.0  # the most that two successive looks prove about the time between them
GRACE_S = 1.0  # a subject out of sight for less than this goes on dwelling
CONTINUE_EVERY_S = 1.0
BEST_WITHIN_S = 1.0  # the best picture is sought this long after the start


@dataclass(slots=True, eq=False)
class _Course:
    """One violation, from the first suspicion to its end."""

    key: Key
    first_seen: float
    last_seen: float
    track: Track | None = None
    started_at: float | None = None
    said_at: float = 0.0
    gone_s: float | None = None
    best: Candidate | None = None
    shot: Shot | None = None
    shot_of: Candidate | None = None


class Lifecycle:
    """All violations of one rule on one camera."""

    def __init__(self, camera: str, rule: Rule) -> None:
        self._camera = camera
        self._rule = rule
        self._courses: dict[int, _Course] = {}
        self._orphans: list[_Course] = []
        self._looked_at: float | None = None
        self._violating: set[int] = set()

    @property
    def busy(self) -> bool:
        """Whether something is being decided or lasts: no look may be skipped now."""
        return bool(self._courses or self._orphans)

    @property
    def deciding(self) -> bool:
        """Whether the next looks decide something: a start, an end, or whose violation it is."""
        undecided = any(
            c.started_at is None or c.gone_s is not None for c in self._courses.values()
        )
        return undecided or bool(self._orphans) or self._rule.suspicious

    def look(self, look: Look) -> list[Violation]:
        """Take in one look; what starts, goes on and ends with it."""
        elapsed = min(look.at - (self._looked_at or look.at), GAP_S)
        self._looked_at = look.at
        judge = self._rule.judge_resumed if self._orphans else self._rule.judge
        verdicts = judge(look)
        self._violating = {id for id, verdict in verdicts.items() if verdict.kind == "hazard"}
        tracks = {track.id: track for track in look.tracks}
        said: list[Violation] = []
        for track_id, verdict in verdicts.items():
            if verdict.kind == "hazard":
                said += self._hazard(tracks[track_id], verdict, look)
        for track_id in list(self._courses):
            verdict = verdicts.get(track_id)
            if verdict is None or verdict.kind != "hazard":
                said += self._no_hazard(track_id, verdict, track_id in tracks, elapsed, look)
        undecided = any(track_id not in verdicts for track_id in tracks)
        return said + self._unclaimed(elapsed, undecided, look)

    def source_down(self) -> list[Violation]:
        """The source ended or broke: everything ends unproved, and may be taken up again later."""
        live = [course for course in self._courses.values() if course.started_at is not None]
        for course in live:
            course.gone_s = None  # what was seen before the break proves nothing after it
        self._courses.clear()
        self._orphans += live
        self._looked_at = None
        return [self._say("end", course, because="source_down") for course in live]

    def resume(self, keys: Iterable[Key]) -> None:
        """Violations that lasted when somebody last knew; the next looks continue or end them."""
        mine = (self._camera, self._rule.zone_id, self._rule.hazard)
        known = {course.key for course in [*self._orphans, *self._courses.values()]}
        for key in keys:
            if (key.camera, key.zone, key.hazard) == mine and key not in known:
                self._orphans.append(_Course(key, 0.0, 0.0, started_at=0.0))

    def _hazard(self, track: Track, verdict: Verdict, look: Look) -> list[Violation]:
        course = self._courses.get(track.id) or self._open(track, verdict, look)
        course.track, course.last_seen, course.gone_s = track, look.at, None
        self._offer(course, track, look)
        if course.started_at is None:
            if look.at - course.first_seen < self._rule.dwell_s:
                return []
            course.started_at = look.at
            return [self._say_with_shot("start", course, look)]
        if look.at - course.said_at < CONTINUE_EVERY_S:
            return []
        return [self._say_with_shot("continue", course, look)]

    def _open(self, track: Track, verdict: Verdict, look: Look) -> _Course:
        since = look.at if verdict.since is None else verdict.since
        if self._orphans:
            course = self._orphans.pop(0)
            course.first_seen = course.first_seen or since
            course.best = None
            course.started_at = look.at
        else:
            key = Key(self._camera, self._rule.zone_id, self._rule.hazard, track.subject)
            course = _Course(key, since, look.at)
        self._courses[track.id] = course
        return course

    def _offer(self, course: _Course, track: Track, look: Look) -> None:
        """Keep the frame if it shows the subject better than what there is."""
        if course.started_at is not None and look.at - course.started_at > BEST_WITHIN_S:
            return
        offered = candidate(look.frame, look.found, track.box, track.scores[-1], look.feet)
        if course.best is None or offered.quality > course.best.quality:
            course.best = offered

    def _no_hazard(
        self, track_id: int, verdict: Verdict | None, seen: bool, elapsed: float, look: Look
    ) -> list[Violation]:
        course = self._courses[track_id]
        if verdict is None and seen:  # in view, but the rule cannot tell yet
            course.gone_s = None
            return []
        if course.started_at is None:
            if verdict is not None or look.at - course.last_seen > GRACE_S:
                del self._courses[track_id]
            return []
        course.gone_s = 0.0 if course.gone_s is None else course.gone_s + elapsed
        because, wait = self._gone(verdict, course.track)
        if course.gone_s < wait:
            return []
        del self._courses[track_id]
        return [self._end(course, because, look)]

    def _gone(self, verdict: Verdict | None, track: Track | None) -> tuple[Because, float]:
        """Why it would end, and for how many seconds that must have been seen."""
        if verdict is None:
            return self._rule.absent(track), self._rule.absent_after_s
        if verdict.kind == "over":  # its hours are over: it stopped counting, nobody put it right
            return "left", 0.0
        return "rectified", self._rule.clear_after_s

    def _unclaimed(self, elapsed: float, undecided: bool, look: Look) -> list[Violation]:
        """What was resumed and is nobody's yet; somebody undecided in view might be the one."""
        said = []
        for course in list(self._orphans):
            if undecided:
                course.gone_s = None
                continue
            course.gone_s = 0.0 if course.gone_s is None else course.gone_s + elapsed
            if course.gone_s >= self._rule.absent_after_s:
                self._orphans.remove(course)
                said.append(self._end(course, self._rule.absent(None), look))
        return said

    def _end(self, course: _Course, because: Because, look: Look) -> Violation:
        after = take_shot(look.frame, look.found, self._polygon(), feet=look.feet)
        course.first_seen = course.first_seen or look.at
        course.last_seen = course.last_seen or look.at
        return self._say("end", course, because=because, after=after)

    def _say_with_shot(self, phase: Phase, course: _Course, look: Look) -> Violation:
        best = course.best
        if best is not None and best is not course.shot_of:
            course.shot = take_shot(
                best.frame, best.found, self._polygon(), self._marked(), best.feet
            )
            course.shot_of = best
        if course.started_at is not None and look.at - course.started_at > BEST_WITHIN_S:
            course.best = course.shot_of = None  # lets go of a whole uncompressed frame
        course.said_at = look.at
        violation = self._say(phase, course)
        if phase != "continue":
            return violation
        now = partial(take_shot, look.frame, look.found, self._polygon(), self._marked(), look.feet)
        return replace(violation, now=now)

    def _marked(self) -> list[int]:
        """Ids of the tracks that violate."""
        return [id for id, course in self._courses.items() if course.started_at is not None]

    def _say(
        self,
        phase: Phase,
        course: _Course,
        because: Because | None = None,
        after: Shot | None = None,
    ) -> Violation:
        return Violation(
            phase=phase,
            because=because,
            key=course.key,
            first_seen=course.first_seen,
            last_seen=course.last_seen,
            confidence=course.track.score if course.track else 0.0,
            people=self._people(),
            best=course.shot,
            after=after,
        )

    def _people(self) -> int:
        """Who violate in the same look: somebody whom the tracker took for two is seen once."""
        started = {id for id, course in self._courses.items() if course.started_at is not None}
        return len(started & self._violating)

    def _polygon(self) -> tuple[tuple[float, float], ...]:
        return self._rule.zone.polygon if self._rule.zone else ()
