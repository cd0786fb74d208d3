"""What a kind of delivery is, and what comes of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.courier.desk import Desk
from bot.ports import OutboxRow, Tx

Also = Callable[[Tx, int], Awaitable[None]]
"""Writes, at a time, what follows from a delivery besides its outcome."""

Failed = Callable[[Desk, Tx, OutboxRow, bool, int], Awaitable[None]]
"""Writes, at a time, what follows from a try that failed; True: it was the last one."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a delivery; `entry` says whether it goes into the case's history."""

    outcome: Mapping[str, Any]
    also: Also | None = None
    entry: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a kind is delivered; whose pace it counts to ("": nobody's), and the time it may take.

    `has_key`: every receiver of this kind takes the same message once, however often it is sent.
    """

    deliver: Callable[[Desk, OutboxRow], Awaitable[Delivered]]
    log: str = "message"
    is_chat: bool = True
    repeats_show: bool = False
    has_key: bool = False
    within_s: float = 20.0
    failed: Failed | None = None
