"""静音 and its end hold whatever became of a try that could not be written."""

from __future__ import annotations

from bot.domain.command import Verb
from tests.support.workshop import WANG, Workshop


async def test_it_ends_although_memory_has_let_go_of_it_already(shop: Workshop) -> None:
    """A try whose transaction failed, or another process, had taken it out of memory before."""
    place = {"place": "gate"}
    assert (await shop.act(Verb.MUTE, 0, WANG, args={**place, "minutes": 30})).ok
    shop.core.mutes.clear()
    told = await shop.act(Verb.UNMUTE, 0, WANG, args=place)
    assert told.key == "unmute.done"
    assert await shop.store.all_learned("mute") == {}
    again = await shop.act(Verb.UNMUTE, 0, WANG, args=place)
    assert again.key == "refused.not_muted"
