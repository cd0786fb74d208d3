"""Announcements: a sentence on a horn, once, and what follows from how it ended."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework.aloud import INTERRUPTED, PREEMPTED, follow
from bot.casework.core import place_of
from bot.casework.house import note
from bot.casework.scheduled import EMERGENCY, gives_way, remember
from bot.casework.timely import time_left
from bot.courier.delivery import Also, Delivered
from bot.courier.desk import Desk
from bot.domain.case import Case
from bot.ports import SOUNDED, Entry, OutboxRow, Outgoing, Spoken, Tx, Utterance
from bot.texts.hazards import courtesy, spoken_sentence

log = logging.getLogger(__name__)

BEGUN = "speaking"
"""The outcome of a row that may be heard already: after a crash it is not said once more."""

_SAID = {"spoken": "say.spoken", "sent": "say.paged"}


async def announce(desk: Desk, row: OutboxRow) -> Delivered:
    """Say it on a speaker; what may have been heard when the program died is not said again."""
    case = await desk.core.store.get_case(row.case) if row.case is not None else None
    sentence = _sentence(desk, row, case)
    now = desk.core.clock()
    left = time_left(desk.core, row, now)
    if row.unsure and (row.outcome or {}).get("outcome") == BEGUN:
        outcome: dict[str, Any] = {"outcome": INTERRUPTED}
    elif sentence is None:
        outcome = {"outcome": "over"}
    elif left <= 0:
        outcome = {"outcome": "expired"}
    elif await gives_way(desk.core, row):
        outcome = {"outcome": EMERGENCY}
    else:
        utterance = _utterance(desk, row, case, sentence, now + left)
        outcome = _outcome(await desk.announcer.announce(utterance, lambda: _note_begin(desk, row)))
    if outcome["outcome"] == PREEMPTED:
        outcome["again"] = time_left(desk.core, row, desk.core.clock()) > 0
    told = {**outcome, "said": sentence, **_manner(desk, row, case)}
    return Delivered(told, _after(desk, row, told))


def _manner(desk: Desk, row: OutboxRow, case: Case | None) -> dict[str, Any]:
    """How it was to be said."""
    manner: dict[str, Any] = {"language": row.payload["language"]}
    if case is not None:
        manner["style"] = desk.core.response(case).speak.style.value
    if row.payload.get("forced"):
        manner["forced"] = True
    return manner


def _utterance(
    desk: Desk, row: OutboxRow, case: Case | None, sentence: str, expires_at: int
) -> Utterance:
    response = desk.core.response(case) if case else None
    return Utterance(
        id=f"announce-{row.id}",
        speaker=row.target,
        text=sentence,
        language=str(row.payload["language"]),
        severity=case.severity.word if case and "words" not in row.payload else "general",
        style=response.speak.style.value if response else "normal",
        expires_at=expires_at,
        case=row.case,
        round=int(row.payload.get("times", 1)),
        forced=bool(row.payload.get("forced")),
        recording=row.payload.get("recording"),
    )


async def _note_begin(desk: Desk, row: OutboxRow) -> None:
    async with desk.core.store.begin() as tx:
        await tx.note(row, {"outcome": BEGUN, "at": desk.core.clock()})


def _outcome(spoken: Spoken) -> dict[str, Any]:
    """As it stands on the case; what is not known is left out."""
    told = {"outcome": spoken.outcome, "seconds": round(spoken.seconds, 2), "detail": spoken.detail}
    more = {
        "began_at": spoken.began_at,
        "first_ms": spoken.first_ms,
        "late_ms": spoken.late_ms,
        "voice": spoken.voice or None,
        "interrupted_by": spoken.interrupted_by,
    }
    return told | {name: value for name, value in more.items() if value is not None}


def _after(desk: Desk, row: OutboxRow, outcome: Mapping[str, Any]) -> Also:
    """The case's cards tell what the horn did, another horn may follow; who asked is told."""

    async def also(tx: Tx, now: int) -> None:
        case = await tx.case(row.case) if row.case is not None else None
        if case is not None:
            sounded = now if outcome["outcome"] in SOUNDED else case.sounded_at
            shown = replace(case, version=case.version + 1, sounded_at=sounded)
            await tx.save_case(shown)
            await tx.want(case.number, shown.version, now)
            await follow(desk.core, tx, shown, row, outcome, now)
        else:
            await _note_without_case(tx, row, outcome, now)
        if outcome.get("again"):
            anew = {**row.payload, "interrupted_by": outcome.get("interrupted_by")}
            await tx.send(Outgoing(row.kind, row.target, anew, now, row.lane, row.case))
        elif tell := row.payload.get("tell"):
            await tx.send(_told(row, tell, outcome, now))

    return also


async def _note_without_case(tx: Tx, row: OutboxRow, outcome: Mapping[str, Any], now: int) -> None:
    """What was said on a horn is on record, whether it was about a case or not."""
    data = {"kind": row.kind, "to": row.target, **outcome}
    if "scheduled" in row.payload:
        data |= {"scheduled": row.payload["scheduled"], "for": row.payload["at"]}
    await note(tx, Entry(now, "delivery", str(row.payload.get("by", "system")), data))
    await remember(tx, row, str(outcome["outcome"]), now)


def _told(
    row: OutboxRow, tell: Mapping[str, Any], outcome: Mapping[str, Any], now: int
) -> Outgoing:
    key = _SAID.get(outcome["outcome"], "say.failed")
    params = {"speaker": row.target, "text": row.payload["text"], "horn": outcome["outcome"]}
    payload = {"key": key, "params": params, "private": tell["private"]}
    return Outgoing("text", tell["chat"], payload, now, lane="answer")


def _sentence(desk: Desk, row: OutboxRow, case: Case | None) -> str | None:
    """What is to be said now; None when the case is over."""
    if text := row.payload.get("text"):
        return str(text)
    words, language = row.payload.get("words"), str(row.payload["language"])
    if case is None or not (case.live or words == "thanks"):
        return None
    place = place_of(desk.core.people.config, case)
    if words is not None:
        return courtesy(str(words), language, place)
    confirmed = case.confirmed_by is not None
    return spoken_sentence(desk.core.response(case), language, place, confirmed=confirmed)
