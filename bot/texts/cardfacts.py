"""What a card says beside the case itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.domain.site import Member, SiteConfig


def no_user(_: str) -> str | None:
    """For channels on which nobody is linked."""
    return None


@dataclass(frozen=True, slots=True)
class Horn:
    """What one speaker did for a case: how often it surely spoke, and how the last try ended.

    `interrupted_by` is the case whose emergency broke that off; `again`: it is to be said anew.
    """

    name: str
    spoken: int
    outcome: str = "spoken"
    interrupted_by: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Lit:
    """How a strobe, siren or relay was last switched on for a case."""

    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a second path did for a case: how often it was accepted, when last, and whether the
    last try is still being repeated or was given up.  `path` is sms, push, call or mail."""

    path: str
    times: int
    at: int | None = None
    retried: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says beside the case itself.

    `next_up` is who comes next: by escalation while the case is open, to verify while it is
    rectified.  `called` holds the people of the case's present level, `chain` everyone whom an
    emergency calls.  `claimed_at` is the time that a device with a wrong clock told.  `user_of`
    turns a member's id into their id on the channel.  `waited` are the ms that the card waited for
    its delivery, `failed` whether a try before that went wrong.  `picture`: it follows, is lost,
    or was erased by rule; "" where nothing is to be said of it.
    """

    config: SiteConfig
    now: int
    on_duty: tuple[Member, ...] = ()
    next_up: tuple[Member, ...] = ()
    called: tuple[Member, ...] = ()
    chain: tuple[Member, ...] = ()
    horns: tuple[Horn, ...] = ()
    lights: tuple[Lit, ...] = ()
    told: tuple[Told, ...] = ()
    after_picture: bool = False
    closing_reason: str = ""
    claimed_at: str = ""
    order_due: int | None = None
    repeat: bool = False
    waited: int = 0
    failed: bool = False
    picture: Literal["", "follows", "lost", "erased"] = ""
    user_of: Callable[[str], str | None] = no_user
