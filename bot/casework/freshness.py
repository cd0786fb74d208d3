"""Whether what somebody wants was said of the case as it is now."""

from __future__ import annotations

from bot.casework.core import OLD_MS
from bot.domain.case import Case, LastChange
from bot.domain.command import SYSTEM, Command, Verb
from bot.domain.error import Refused

PRESSED_LATE_MS = 10_000
"""A press on an older state is refused when the change since is younger than this."""


def require_fresh(command: Command, case: Case, now: int) -> None:
    """Raise `Refused` where the case has changed since the button was drawn or the words sent."""
    last = case.last
    if last is None:
        return
    against = {
        "case": case.number,
        "state": case.state,
        "outcome": case.outcome,
        "who": last.actor,
        "event": last.event,
        "at": last.at,
    }
    outdated = command.seq is not None and command.seq != case.seq
    if outdated and now - last.at < PRESSED_LATE_MS and _overtaken(command, last):
        raise Refused("refused.pressed_late", **against)
    if outdated and command.verb is Verb.UNDO:  # the button is of an act before the last one
        raise Refused("refused.state", **against)
    if now - command.sent_at > OLD_MS and last.at > command.sent_at:
        raise Refused("refused.stale", since=command.sent_at, **against)


def _overtaken(command: Command, last: LastChange) -> bool:
    """Whether a person was quicker, or a clock has just done what was wished for.

    What else a clock or a camera did in the last seconds stands in nobody's way: the wish holds in
    the new state too, and nobody should have to press again because of it.
    """
    return last.actor != SYSTEM.id or command.verb is Verb.ESCALATE
