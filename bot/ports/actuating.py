"""Strobes, sirens and relays, as the core sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

CONFIRMED = "confirmed"
SENT = "sent"
REFUSED = "refused"
UNREACHABLE = "unreachable"

SWITCHED = frozenset({CONFIRMED, SENT})
"""The outcomes of a switching that went as well as the device lets one know."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What became of an order, or of a look.

    `confirmed` only where the device itself says how it is; `sent` where nothing proves it;
    `refused` where it said no, or stays as it was; `unreachable` where it says nothing.  `on` is
    what it says of itself, None: nothing.  `detail` is for the installer, without secrets.
    """

    outcome: str
    detail: str = ""
    on: bool | None = None


class Actuator(Protocol):
    """Something that can be switched on and off, as often as one likes.

    Faults of the device are outcomes, not exceptions, and come within ten seconds.
    """

    async def switch(self, on: bool) -> Switched:
        """Bring it into that state."""
        ...

    async def look(self) -> Switched:
        """How it is, and whether it could be switched; changes nothing."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
