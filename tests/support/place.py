"""A place in memory: cases that reports meet and clocks that run out, without any database."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain import machine
from bot.domain.case import Case, TimerKind
from bot.domain.change import Change
from bot.domain.command import SYSTEM
from bot.domain.report import Because, Phase, Report
from bot.domain.response import Response
from bot.domain.sighting import Meeting, Sighting, anew_after_cooldown, cooldown_over, meet
from tests.support.cases import SECOND, T0, report


class Place:
    """What the core does around `meet`, in its simplest form."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.cases: dict[int, Case] = {}
        self.timers: dict[tuple[int, TimerKind], int] = {}
        self.rings: list[int] = []
        self.last: Change | None = None

    @property
    def case(self) -> Case:
        """The newest case."""
        return self.cases[max(self.cases)]

    def start(self, subject: str | None = None, at: int = 0, **keys) -> Meeting:
        return self.tell(report(Phase.START, at, subject=subject, **self._given(keys)))

    def goes_on(self, subject: str | None = None, at: int = 0, **keys) -> Meeting:
        return self.tell(report(Phase.CONTINUE, at, subject=subject, **self._given(keys)))

    def end(self, because: Because, subject: str | None = None, at: int = 0, **keys) -> Meeting:
        given = self._given(keys)
        return self.tell(report(Phase.END, at, because=because, subject=subject, **given))

    def tell(self, given: Report) -> Meeting:
        """A report is received; clocks that ran out before that are served first."""
        self.wait_until(given.received_at)
        key = given.live_key(self.response.merge_by)
        holder = next((one for one in self.cases.values() if one.live_key == key), None)
        at_place = [number for number, one in self.cases.items() if one.place_key == key]
        latest = self.cases[max(at_place)] if at_place else None
        number = len(self.cases) + 1
        sighting: Sighting = meet(given, number, holder, latest, self.response)
        self.last = sighting.change
        if sighting.change is not None:
            self.save(sighting.change)
        return sighting.meeting

    def act(self, decide: Callable[[Case], Change]) -> Case:
        """A person does something to the newest case."""
        self.save(decide(self.case))
        return self.case

    def wait(self, until: int) -> None:
        """Serve the clocks until so many seconds after T0."""
        self.wait_until(T0 + until * SECOND)

    def wait_until(self, now: int) -> None:
        """Serve the clocks that run out until then; deadlines of people are not looked at."""
        for (number, kind), due in sorted(self.timers.items(), key=lambda item: item[1]):
            if due > now or self.timers.get((number, kind)) != due:
                continue
            if kind is TimerKind.SELF_CLOSE:
                del self.timers[number, kind]
                self._self_close(number, due)
            elif kind is TimerKind.COOLDOWN:
                del self.timers[number, kind]
                self._cooldown(number, due)

    def save(self, change: Change) -> None:
        case = change.case
        keys = [one.live_key for one in self.cases.values() if one.number != case.number]
        assert case.live_key is None or case.live_key not in keys, "a live key held twice"
        self.cases[case.number] = case
        if change.stop_all:
            self.timers = {key: due for key, due in self.timers.items() if key[0] != case.number}
        for kind, due in change.timers.items():
            if due is None:
                self.timers.pop((case.number, kind), None)
            else:
                self.timers[case.number, kind] = due
        if change.ring:
            self.rings.append(case.number)

    def _self_close(self, number: int, now: int) -> None:
        change = machine.seen_gone(self.cases[number], now, self.response, SYSTEM, left=False)
        if change is not None:
            self.save(change)

    def _cooldown(self, number: int, now: int) -> None:
        closed = self.cases[number]
        if cooldown_over(closed, now, self.response):
            self.save(anew_after_cooldown(closed, len(self.cases) + 1, now, self.response))

    def _given(self, keys: dict) -> dict:
        return {"hazard": self.response.hazard, **keys}
