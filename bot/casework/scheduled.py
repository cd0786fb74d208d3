"""Announcements at fixed times: each is a row of the outbox, at its time or never.

The row names its occasion, by the wall clock of the site: a clock that is set back, a restart and a
second process find it there already.  It keeps silent while an emergency is going on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from bot.casework.timely import timely
from bot.domain.announcement import Occasion, ScheduledAnnouncement
from bot.domain.case import UNRECTIFIED
from bot.domain.site import Speaker
from bot.ports import CaseFilter, OutboxRow, Outgoing, Tx

if TYPE_CHECKING:
    from bot.casework.core import Core

WITHIN_MS = 60_000
"""So late at the most is it begun: a horn may be busy with a warning."""
EMERGENCY = "emergency"
"""The outcome of one that gave way to an emergency on its site."""
LAST = "scheduled"
"""Kind under which is kept how the last one ended, by announcement and speaker."""

_MANY = 10_000


def due_rows(core: Core, now: int) -> list[Outgoing]:
    """What is to be said now."""
    return [
        _row(core, one, speaker, occasion, now)
        for one, speaker, zone in each(core)
        for occasion in one.due(now, WITHIN_MS, zone)
    ]


def each(core: Core) -> Iterator[tuple[ScheduledAnnouncement, Speaker, tzinfo]]:
    """Every announcement with each of its speakers, and that one's time zone."""
    config = core.people.config
    for one in config.announcements:
        for speaker in map(config.speaker, dict.fromkeys(one.speakers)):
            if speaker is not None:
                site = config.site(speaker.site)
                yield one, speaker, site.timezone if site else UTC


def next_at(core: Core, now: int) -> int | None:
    """When (ms) the next one is to be said."""
    coming = (one.following(now, zone) for one, _, zone in each(core))
    return min((occasion.at for occasion in coming if occasion is not None), default=None)


def key_of(announcement: str, speaker: str) -> str:
    """Names an announcement on a speaker."""
    return f"{announcement}@{speaker}"


def _row(
    core: Core, one: ScheduledAnnouncement, speaker: Speaker, occasion: Occasion, now: int
) -> Outgoing:
    payload: dict[str, Any] = {
        **timely(core, now, occasion.at + WITHIN_MS - now),
        "language": speaker.language,
        "text": one.text[speaker.language],
        "scheduled": one.id,
        "at": occasion.name,
    }
    if one.in_quiet_hours:
        payload["forced"] = True
    once = f"scheduled:{key_of(one.id, speaker.id)}:{occasion.name}"
    return Outgoing("announce", speaker.id, payload, now, "reminder", dedupe_key=once)


async def gives_way(core: Core, row: OutboxRow) -> bool:
    """Whether an emergency is going on where it would be heard."""
    speaker = core.people.config.speaker(row.target)
    if "scheduled" not in row.payload or speaker is None:
        return False
    which = CaseFilter(sites=(speaker.site,), states=tuple(UNRECTIFIED), limit=_MANY)
    return any(case.emergency and not case.trial for case in await core.store.list_cases(which))


async def remember(tx: Tx, row: OutboxRow, outcome: str, now: int) -> None:
    """How it ended, for whoever asks."""
    if one := row.payload.get("scheduled"):
        told = {"at": now, "outcome": outcome}
        await tx.learn(LAST, key_of(str(one), row.target), told)
