"""What the intake asks of the last resort; `bot.lastresort` fulfils it."""

from __future__ import annotations

from typing import Protocol

from bot.casework.answer import ReportAnswer
from bot.domain.error import Unavailable
from bot.domain.report import Report

UNRECORDED = "unrecorded"
"""Stands for the state of a case that is not in the database yet."""


class Resort(Protocol):
    """Where an emergency goes while the database cannot be written."""

    async def take(self, report: Report) -> ReportAnswer:
        """Send it out from memory; returns when it is durable outside of the database.

        Raises `Unavailable` where it is not, and `Conflict` for another content under its id.
        """
        ...

    async def catch_up(self) -> None:
        """Bring what is kept outside into the database; does nothing, and waits for nothing,
        where nothing is kept.  What cannot be brought in yet stays."""
        ...


class NoResort:
    """Where there is none."""

    async def take(self, report: Report) -> ReportAnswer:
        raise Unavailable(f"report {report.key} cannot be written now")

    async def catch_up(self) -> None:
        """There is nothing."""
