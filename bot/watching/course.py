"""How one path goes: a chat platform's sending, its receiving, a speaker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Course:
    """`failing_since` (ms) is the first failure since it last worked, None while it works.

    `error` is its newest failure; `urgent`: somebody has to act, so it is told at once.
    """

    name: str
    failing_since: int | None = None
    error: str = ""
    urgent: bool = False

    def worked(self) -> None:
        """It did what it is for."""
        self.failing_since, self.error, self.urgent = None, "", False

    def failed(self, now: int, error: str, *, urgent: bool = False) -> None:
        """It did not."""
        if self.failing_since is None:
            self.failing_since = now
        self.error, self.urgent = error, urgent

    def failing_for(self, now: int) -> int:
        """Milliseconds; 0 while it works."""
        return 0 if self.failing_since is None else max(now - self.failing_since, 0)


@dataclass
class Spell:
    """A failure that was told, until its end is told, too."""

    since: int
    most_waiting: int = 0
    well_since: int | None = None
