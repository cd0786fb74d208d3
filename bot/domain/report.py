"""A report: somebody or something says that a hazard is there, still there, or gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.message import Picture

OLDEST_MS = 30 * 24 * 3_600_000
"""What is said to have been seen longer ago tells of a clock that is wrong, not of a hazard."""

AHEAD_MS = 5 * 60_000
"""How far a device's clock may be ahead of ours, which may be wrong as well."""


def is_believed(at: int, now: int) -> bool:
    """Whether a moment that somebody else's clock tells can be true."""
    return now - OLDEST_MS <= at <= now + AHEAD_MS


class Phase(StrEnum):
    """Where in a hazard's life the report stands; `event` is seen once and never seen gone."""

    EVENT = "event"
    START = "start"
    CONTINUE = "continue"
    END = "end"


class Because(StrEnum):
    """Why a hazard is no longer seen; only `rectified` is proof that it is gone."""

    RECTIFIED = "rectified"
    LEFT = "left"
    LOST = "lost"
    SOURCE_DOWN = "source_down"


@dataclass(frozen=True, slots=True)
class Shot:
    """The pictures of one report: as people see it, blurred for groups, and the clean copy."""

    annotated: Picture
    blurred: Picture | None = None
    clean: Picture | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One report; times are epoch milliseconds.

    `id` names the report of its `source` and makes it idempotent; `content` is the digest by which
    a repeat is told from another report under the same id.  `headcount`: `people` were seen at
    once, so that the names of subjects, which a tracker may change, count nobody.  `canary`: a test
    of delivery, which is no hazard at all.  `by` is the
    member behind it, if any: a person's report is not 疑似.  `clear_ms`: for how long an end has
    already been seen as such.
    """

    id: str
    source: str
    hazard: str
    site: str
    at: int
    received_at: int
    camera: str | None = None
    zone: str | None = None
    subject: str | None = None
    phase: Phase = Phase.EVENT
    because: Because | None = None
    confidence: float | None = None
    people: int = 1
    headcount: bool = False
    note: str = ""
    by: str | None = None
    content: str = ""
    shot: Shot | None = None
    trial: bool = False
    canary: bool = False
    clear_ms: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def key(self) -> str:
        """What the report is remembered by: its source and id."""
        return f"{self.source}:{self.id}"

    def live_key(self, merge_by: str) -> str:
        """site / camera / zone / hazard [/ subject]: what may be live only once.

        A trial has keys of its own: an installer's case must never swallow a live alarm.
        """
        site = f"trial:{self.site}" if self.trial else self.site
        parts = [site, self.camera or "-", self.zone or "-", self.hazard]
        if self.subject and (merge_by == "subject" or self.by):
            parts.append(self.subject)
        return "/".join(parts)
