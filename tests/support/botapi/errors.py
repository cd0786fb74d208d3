"""What the Bot API refuses.

Refused                 an answer with ok=false
└── Violation           the caller broke the published contract; also recorded in `server.faults`
"""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An answer with `ok: false` of normal life: unknown message, bot kicked, too many requests."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


class Violation(Refused):
    """A call that no correct client makes: unknown parameter, caption too long, broken HTML."""

    def __init__(self, description: str) -> None:
        super().__init__(400, f"Bad Request: {description}")


def bad_request(description: str, **parameters: Any) -> Refused:
    """A 400 that is part of normal life."""
    return Refused(400, f"Bad Request: {description}", **parameters)
