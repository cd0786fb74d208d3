"""Sharing the work between processes: what a process has, no other has at the same time.

The chats (and speakers) are divided into parts by their targets; one process at a time delivers to
a part and handles what comes from it.  A duty is what only one process of all may do, such as
receiving a bot's updates.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol
from zlib import crc32

PARTS = 16
ALL_PARTS = frozenset(range(PARTS))
DUTY = "duty"
"""The duty of whoever speaks for all processes, to the admins for instance."""

_TOPIC = re.compile(r"/\d+$")


def part_of(target: str) -> int:
    """The part of a chat's key or a speaker's id; the topics of a chat are one part."""
    return crc32(_TOPIC.sub("", target).encode()) % PARTS


class Share(Protocol):
    """What this process has of the work; alone it has all of it."""

    def parts(self) -> frozenset[int]:
        """The parts it has at this moment."""
        ...

    def has(self, duty: str) -> bool:
        """Whether a duty is its own at this moment."""
        ...

    async def while_mine(self, duty: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` whenever the duty is this process's; it is cancelled when that ends."""
        ...


class Leases(Protocol):
    """Who has what, in the database: a lease ends by itself unless it is renewed.

    `epoch` rises whenever a lease is taken, so that an old holder can be told from a new one.  All
    times are lengths in milliseconds: the database compares them with a clock of its own.
    """

    async def take(self, names: Collection[str], holder: str, ms: int) -> Mapping[str, int]:
        """Take those that nobody has, or `holder` itself had; name -> epoch of those taken."""
        ...

    async def renew(self, held: Mapping[str, int], holder: str, ms: int) -> Collection[str]:
        """Keep these leases (name -> epoch) on; those that are the holder's no more are missing."""
        ...

    async def release(self, held: Mapping[str, int], holder: str) -> None:
        """Give these leases up, so that others have them at once."""
        ...

    async def held(self) -> Mapping[str, str]:
        """Every lease that runs now, with its holder."""
        ...


class Whole:
    """The share of a process that is alone: everything, always, at no cost."""

    def parts(self) -> frozenset[int]:
        return ALL_PARTS

    def has(self, duty: str) -> bool:
        return True

    async def while_mine(self, duty: str, work: Callable[[], Awaitable[None]]) -> None:
        await work()
