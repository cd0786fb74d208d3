"""Small factories for the domain's values; a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.case import Case
from bot.domain.command import Actor
from bot.domain.hazard import SHIPPED
from bot.domain.report import Because, Phase, Report
from bot.domain.response import Response, resolve
from bot.domain.sighting import open_case

T0 = 1_763_800_000_000
SECOND = 1000
MINUTE = 60 * SECOND

LI = Actor("li", "李工", "chat")
WANG = Actor("wang", "王监督", "chat")


def response(hazard: str = "no_helmet", **keys: Any) -> Response:
    """The shipped response of a hazard with some keys changed; numbers are seconds."""
    given = {
        name: timedelta(seconds=value) if type(value) in (int, float) else value
        for name, value in keys.items()
    }
    return replace(resolve(hazard, SHIPPED[hazard].severity), **given)


def report(
    phase: Phase = Phase.START,
    at: int = 0,
    *,
    because: Because | None = None,
    subject: str | None = None,
    delay: int = 0,
    hazard: str = "no_helmet",
    **keys: Any,
) -> Report:
    """A report of yard-7's gate; `at` and `delay` (until it is received) are seconds from T0."""
    seen_at = T0 + at * SECOND
    values: dict[str, Any] = {
        "id": f"{phase}-{subject}-{at}",
        "source": "box",
        "site": "yard-7",
        "camera": "gate",
        **keys,
    }
    return Report(
        hazard=hazard,
        at=seen_at,
        received_at=seen_at + delay * SECOND,
        phase=phase,
        because=because,
        subject=subject,
        **values,
    )


def opened(hazard: str = "no_helmet", answer: Response | None = None, **changes: Any) -> Case:
    """An open case number 12, opened at T0."""
    first = report(hazard=hazard, subject="track-1")
    case = open_case(first, 12, answer or response(hazard)).case
    return replace(case, **changes)
