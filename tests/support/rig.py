"""What the contract of chat channels is tested with: a channel, and people on its other side.

Every channel brings a rig of its own; the contract suite runs over all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.message import ChatRef, Incoming, Picture
from bot.ports import Channel
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg

GATE, PIT = Picture(jpeg(64, 48), "a" * 64, 64, 48), Picture(jpeg(32, 24), "b" * 64, 32, 24)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the people in the chat see it now; `picture` are the bytes they see."""

    text: str
    buttons: tuple[str, ...] = ()
    picture: bytes | None = None
    reply_to: str | None = None


class Rig(Protocol):
    """A channel in the middle of a conversation in `chat`.

    `person` has the id, name and language under which the channel ought to report them. Ids of
    messages are the channel's.
    """

    chat: ChatRef
    person_id: str
    person_name: str

    @property
    def channel(self) -> Channel:
        """The channel under test."""
        ...

    async def shown(self, message_id: str) -> Shown | None:
        """The message, None where there is none (any more)."""
        ...

    async def count(self) -> int:
        """How many messages of the program are in the chat."""
        ...


class TalkingRig(Rig, Protocol):
    """A channel with a person who can say something."""

    async def says(self, text: str, *, reply_to: str | None = None) -> None:
        """The person types."""
        ...

    async def sends_picture(
        self, jpeg: bytes, caption: str = "", *, reply_to: str | None = None
    ) -> None:
        """The person sends a picture."""
        ...

    async def presses(self, message_id: str, label: str) -> Callable[[], str | None]:
        """The person presses a button; the result tells the answer, None while there is none."""
        ...


@dataclass
class Inbox:
    """A `take` that keeps what comes, once under its id like the real one, and can refuse first."""

    found: list[Incoming] = field(default_factory=list[Incoming])
    refusals: int = 0
    tries: int = 0
    offered: list[str] = field(default_factory=list[str])
    _missing: dict[str, str] = field(default_factory=dict[str, str])
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, incoming: Incoming) -> None:
        """Store, or fail like a database that is down while `refusals` last.

        What follows in that chat is refused until the first that failed has come again.
        """
        self.tries += 1
        self._news.set()
        self.offered.append(incoming.text)
        missing = self._missing.setdefault(incoming.chat.key, incoming.command_id)
        if self.refusals or missing != incoming.command_id:
            self.refusals = max(self.refusals - 1, 0)
            raise OSError("the database is down")
        del self._missing[incoming.chat.key]
        if incoming.command_id not in [known.command_id for known in self.found]:
            self.found.append(incoming)

    async def wait(self, count: int, timeout: float = PATIENCE_S) -> list[Incoming]:
        """The first `count` things, once there are as many."""
        try:
            async with asyncio.timeout(timeout):
                while len(self.found) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"wanted {count}, got {self.found}") from None
        return self.found[:count]
