"""Which camera's picture is looked at next when there is not time for all of them."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """What depends on a camera's next look; the value is its weight in the turn-taking."""

    CALM = 1
    """Something moves, nobody is known to be there."""
    PEOPLE = 2
    """Somebody is in the picture, or a violation lasts."""
    DECIDING = 8
    """A dwell is running, somebody lies, an end is to be proved."""


def claim(urgency: Urgency, waited_s: float) -> float:
    """How strong a camera's claim to the next look is; the strongest goes first.

    It grows with the time since the camera's last look, so looks are shared out in proportion to
    the weights and no camera waits for ever.
    """
    return urgency * waited_s
