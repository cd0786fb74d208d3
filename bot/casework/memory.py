"""What was learned, held in memory: never what is not committed, nor anything older than that."""

from __future__ import annotations

from bot.casework.people import KINDS, MUTE, People, what_was_learned
from bot.ports import Learning, Store

_HELD = frozenset({*KINDS, MUTE})


class Memory:
    """Keeps `people` and `mutes` (place -> epoch ms of its end) as the database has them."""

    def __init__(self, store: Store, people: People, mutes: dict[str, int]) -> None:
        self._store = store
        self._people = people
        self._mutes = mutes
        self._heard = 0
        store.on_learned(self._hear)

    async def recall(self) -> None:
        """Know what was learned: here before, or by another process.

        What is learned here meanwhile is newer than what was read, so the next time will do then.
        """
        heard = self._heard
        learned = await what_was_learned(self._store, _HELD)
        if heard != self._heard:
            return
        muted = learned.pop(MUTE)
        self._people.know(learned)
        self._mutes.clear()
        self._mutes.update({place: value["until"] for place, value in muted.items()})

    def _hear(self, learning: Learning) -> None:
        if learning.kind not in _HELD:
            return
        self._heard += 1
        if learning.kind != MUTE:
            self._people.hear(learning)
        elif learning.value is None:
            self._mutes.pop(learning.key, None)
        else:
            self._mutes[learning.key] = learning.value["until"]
