"""Until when something that is asked for now may be begun: a warning is never held back and then
given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.clock import JUMP_MS
from bot.domain.case import Case
from bot.ports import OutboxRow

if TYPE_CHECKING:
    from bot.casework.core import Core

SPEAK_WITHIN_MS = 10_000
SPEAK_EMERGENCY_WITHIN_MS = 60_000


def may_begin_within(case: Case) -> int:
    """How long (ms) a warning of the case is true enough to be begun."""
    return SPEAK_EMERGENCY_WITHIN_MS if case.emergency else SPEAK_WITHIN_MS


def timely(core: Core, now: int, within: int) -> dict[str, Any]:
    """How long an announcement that is asked for now may be begun, whatever becomes of clocks."""
    return {"asked": now, "expires_at": now + within, "uptime": core.uptime.mark()}


def time_left(core: Core, row: OutboxRow, now: int) -> int:
    """For how many ms it may still be begun; 0 and less: never, for it may be untrue by now.

    A clock that was set while the program was away tells nothing, so the machine's own counts where
    it can; and what seems to have been asked in the future is from before the clock was set back.
    """
    given = row.payload
    asked, expires_at = int(given.get("asked", now)), int(given["expires_at"])
    age = core.uptime.since(given.get("uptime"))
    if age is not None:
        return expires_at - asked - age
    return expires_at - now if now >= asked - JUMP_MS else 0
