"""Strobes, sirens and relays that do not do what they are told, or do not answer, are told of.

How an order ended counts at once; every minute they are asked, too, without being switched.  A look
that succeeds says nothing against an order that was refused.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.ports import REFUSED, SWITCHED, Actuator, Clock, Switched
from bot.watching.course import Course

log = logging.getLogger(__name__)

LOOKED_EVERY_S = 60.0

T = TypeVar("T")


class WatchedActuator:
    """See `bot.ports.Actuator`; `course` tells how it goes."""

    def __init__(self, id: str, actuator: Actuator, clock: Clock) -> None:
        self.course = Course(id)
        self._actuator = actuator
        self._clock = clock
        self._refused = False

    async def switch(self, on: bool) -> Switched:
        switched = await self._actuator.switch(on)
        self._refused = switched.outcome == REFUSED
        self._note(switched, urgent=True)
        return switched

    async def look(self) -> Switched:
        looked = await self._actuator.look()
        if not (self._refused and looked.outcome in SWITCHED):
            self._note(looked, urgent=False)
        return looked

    async def works(self) -> bool:
        """Whether it answers now and did what it was told last; noted nowhere."""
        looked = await self._actuator.look()
        return looked.outcome in SWITCHED and not self._refused

    async def close(self) -> None:
        await self._actuator.close()

    def _note(self, switched: Switched, *, urgent: bool) -> None:
        if switched.outcome in SWITCHED:
            self.course.worked()
            return
        urgent = urgent or self.course.urgent
        self.course.failed(self._clock(), switched.detail or switched.outcome, urgent=urgent)


@dataclass
class Lights:
    """Asks those that are `mine`: whoever switches a thing looks after it."""

    actuators: Mapping[str, WatchedActuator]
    mine: Callable[[str], bool] = lambda _: True

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOKED_EVERY_S)

    async def look(self) -> None:
        """Ask them all at once."""
        await _all_say(one.look() for id, one in self.actuators.items() if self.mine(id))


async def not_working(actuators: Mapping[str, WatchedActuator], ids: Collection[str]) -> set[str]:
    """Those of the `ids` that would not do what they are told, asked now."""
    works = await _all_say(actuators[id].works() for id in ids)
    return {id for id, does in zip(ids, works, strict=True) if not does}


async def _all_say(asked: Iterable[Awaitable[T]]) -> list[T | None]:
    """What each says, asked all at once; None for one that breaks."""
    found = await asyncio.gather(*asked, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            log.error("a light could not be looked at", exc_info=one)
    return [None if isinstance(one, BaseException) else one for one in found]


class LightFigures(Collector):
    """The lights' figures for /metrics."""

    def __init__(self, actuators: Mapping[str, WatchedActuator]) -> None:
        self._actuators = actuators

    def collect(self) -> Iterable[Metric]:
        """A line for each."""
        help = "1 while a strobe, siren or relay answers, and does what it is told."
        family = GaugeMetricFamily("loudhailer_light_up", help, labels=("light",))
        for id, one in self._actuators.items():
            family.add_metric((id,), float(one.course.failing_since is None))
        yield family
