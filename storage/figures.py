"""Counts over the table of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.functions import Count

from storage.database import Database
from storage.tables import CaseRow


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many cases share hazard, state and outcome."""

    hazard: str
    state: str
    outcome: str | None
    cases: int


class SqlFigures:
    """Figures that are counted when asked for; nothing is kept, so nothing can be stale."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def tally(self, sites: Sequence[str] | None, since: int | None) -> list[CaseCount]:
        """Cases at `sites` (None: all) opened at or after `since` (ms), trials left out."""
        query = CaseRow.filter(trial=False).using_db(self._db.reader)
        if sites is not None:
            query = query.filter(site__in=list(sites))
        if since is not None:
            query = query.filter(opened_at__gte=since)
        grouped = query.annotate(cases=Count("number")).group_by("hazard", "state", "outcome")
        rows = await grouped.values("hazard", "state", "outcome", "cases")
        return [CaseCount(**row) for row in rows]
