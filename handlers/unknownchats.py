"""Groups in which somebody spoke to us although the site file does not name them.

They are noted by id and title, for whoever sets the site up: `doctor` lists them.
"""

from __future__ import annotations

from bot.casework import Core
from bot.casework.people import UNKNOWN
from bot.domain.message import Incoming

_MOST = 50
"""Anybody may add a bot to a group; they must not fill the database."""
_TITLE = 80


class UnknownChats:
    """Notes each once."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._noted: set[str] = set()

    async def note(self, incoming: Incoming) -> None:
        """Note the chat that it came from, if nobody has named it; or that we are out of it."""
        chat = incoming.chat
        key = f"{chat.channel}:{chat.id}"
        if chat.private or not incoming.title or (key in self._noted and incoming.kind != "left"):
            return
        config = self._core.people.config
        if self._core.people.chat_config(chat) or any(
            (one.channel, one.id) == (chat.channel, chat.id) for one in config.every_chat
        ):
            return
        self._noted.add(key)
        known = await self._core.store.all_learned(UNKNOWN)
        async with self._core.store.begin() as tx:
            if incoming.kind == "left":
                self._noted.discard(key)
                await tx.forget(UNKNOWN, key)
            elif key in known or len(known) < _MOST:
                told = {"title": incoming.title[:_TITLE], "at": self._core.clock()}
                await tx.learn(UNKNOWN, key, told)
