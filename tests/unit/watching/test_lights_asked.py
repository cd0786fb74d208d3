"""Whether strobes, sirens and relays would do what they are told, asked without switching them."""

from __future__ import annotations

from bot.ports import Switched
from bot.watching.lights import WatchedActuator, not_working


class Lamp:
    """Answers as told; an exception in place of an answer is raised."""

    def __init__(self, looked: str | Exception, switched: str = "confirmed") -> None:
        self._looked, self._switched = looked, switched

    async def switch(self, on: bool) -> Switched:
        return Switched(self._switched)

    async def look(self) -> Switched:
        if isinstance(self._looked, Exception):
            raise self._looked
        return Switched(self._looked)

    async def close(self) -> None:
        """Nothing to let go of."""


async def test_those_that_do_not_answer_or_refused_their_last_order_are_named() -> None:
    lamps = {
        "fine": Lamp("confirmed"),
        "away": Lamp("unreachable"),
        "broken": Lamp(RuntimeError("a bug")),
        "stubborn": Lamp("confirmed", switched="refused"),
    }
    watched = {id: WatchedActuator(id, lamp, lambda: 0) for id, lamp in lamps.items()}
    assert await not_working(watched, list(watched)) == {"away", "broken"}
    assert await not_working(watched, ["fine"]) == set()
    for one in watched.values():
        await one.switch(True)
    assert await not_working(watched, list(watched)) == {"away", "broken", "stubborn"}
    assert watched["away"].course.failing_since is None, "a question is noted nowhere"
