"""What is said aloud about a case: the rounds of its warning, and who says it when a horn fails.

A round is one saying of the sentence, by all horns of the place at once.  Where none of them was
heard the next horn of the site says it, within the same time; each try is a row of the outbox and
an outcome on the case.  A horn that has failed is not tried again in its round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.casework.lights import light_up
from bot.casework.timely import SPEAK_WITHIN_MS, may_begin_within, time_left, timely
from bot.domain.case import Case, Event, Outcome, TimerKind
from bot.domain.clocks import ms
from bot.domain.site import SiteConfig, Speaker
from bot.domain.window import open_at
from bot.ports import SOUNDED, Entry, OutboxRow, Outgoing, Tx
from bot.texts.hazards import spoken_sentence

if TYPE_CHECKING:
    from bot.casework.core import Core

PREEMPTED = "preempted"
INTERRUPTED = "interrupted"
"""The program broke off while it was said."""

FAILED = frozenset(
    {
        "no_listener",
        "not_confirmed",
        "failed",
        "unreachable",
        "no_answer",
        "busy",
        "unauthorised",
        "not_found",
        "not_supported",
        "refused",
        "cut_off",
        "not_played",
        "no_speech",
        "unknown_speaker",
        INTERRUPTED,
    }
)
"""Outcomes after which another horn is wanted; the others are decisions, or went well."""

_HELD_BACK = frozenset({"quiet_hours", "capped"})
"""By night some horns keep silent even in an emergency; one that may speak is asked then."""

_TOLD_IF_GRAVE = frozenset({INTERRUPTED, "expired"}) | _HELD_BACK
"""Nobody can repair these, so people are told of them only in an emergency."""


def was_heard(outcome: Mapping[str, Any]) -> bool:
    """Whether somebody was warned, or may have been: the horn took the sound to its end."""
    told = outcome.get("outcome")
    return told in SOUNDED or (told == "not_confirmed" and float(outcome.get("seconds") or 0) > 0)


def _is_enough(case: Case, outcome: Mapping[str, Any]) -> bool:
    """Whether no other horn is wanted: in an emergency a perhaps is not enough."""
    return outcome.get("outcome") in SOUNDED if case.emergency else was_heard(outcome)


async def speak(core: Core, tx: Tx, case: Case, now: int) -> None:
    """Round number `case.spoken` of the hazard's sentence on the speakers of the place."""
    response = core.response(case)
    await light_up(core, tx, case, now)
    payload = {**timely(core, now, may_begin_within(case)), "round": now, "times": case.spoken}
    rows = [warning(case, speaker, payload, now) for speaker in _speakers(core, case)]
    if not rows:
        return
    await tx.send(*rows)
    if case.spoken < response.speak.repeat:
        due = now + ms(response.speak.every)
        await tx.set_timer(case.number, TimerKind.SPEAK_AGAIN, due)


async def be_courteous(
    core: Core, tx: Tx, before: Case, case: Case, event: Event, now: int
) -> None:
    """Who was warned hears, where the response asks for it, that it is seen to, or thanks.

    Only after a warning that sounded, and only by day.
    """
    speak = core.response(case).speak
    if case.sounded_at is None or case.trial or core.is_muted(case, now):
        return
    first = before.acknowledged_by is None and case.acknowledged_by is not None
    rectified = case.outcome in (Outcome.SELF_CLOSED, Outcome.RECTIFIED)
    if speak.thanks and before.live and not case.live and rectified:
        words = "thanks"
    elif speak.taken and case.live and first and event in (Event.ACKNOWLEDGED, Event.ARRIVED):
        words = "taken"
    else:
        return
    payload = {**timely(core, now, SPEAK_WITHIN_MS), "words": words}
    speakers = [one for one in _speakers(core, case) if not _at_night(core, one, now)]
    for row in (warning(case, one, payload, now) for one in speakers):
        once = f"{words}:{row.target}#{case.number}"
        await tx.send(replace(row, lane="reminder", dedupe_key=once))


def _at_night(core: Core, speaker: Speaker, now: int) -> bool:
    site = core.people.config.site(speaker.site)
    local = datetime.fromtimestamp(now / 1000, site.timezone if site else UTC)
    return open_at((*speaker.quiet_hours, *speaker.night), local)


async def keep_muted(core: Core, tx: Tx, case: Case, now: int) -> None:
    """Somebody has muted the place: what is not said for that is on the case, too."""
    for speaker in _speakers(core, case):
        outcome = {"outcome": "muted"}
        row = warning(case, speaker, timely(core, now, 0), now)
        await tx.was_sent(row, outcome, now)
        data = {"kind": row.kind, "to": row.target, **outcome}
        await tx.add_entry(case.number, Entry(now, "delivery", "system", data))


def warning(case: Case, speaker: Speaker, payload: Mapping[str, Any], now: int) -> Outgoing:
    """A horn is to say the sentence of a case."""
    return Outgoing(
        kind="announce",
        target=speaker.id,
        payload={**payload, "language": speaker.language},
        due=now,
        lane=case.severity.word,
        case=case.number,
    )


async def follow(
    core: Core, tx: Tx, case: Case, row: OutboxRow, outcome: Mapping[str, Any], now: int
) -> None:
    """What comes of an outcome that is on record now: another horn says it, or people are told."""
    decided = outcome["outcome"] == PREEMPTED or _is_enough(case, outcome)
    if case.live and "round" in row.payload and not decided:
        await _fall_over(core, tx, case, row, outcome, now)


async def _fall_over(
    core: Core, tx: Tx, case: Case, row: OutboxRow, outcome: Mapping[str, Any], now: int
) -> None:
    round = [
        one
        for one in await tx.announcements(case.number)
        if one.payload.get("round") == row.payload["round"] and one.id != row.id
    ]
    if any(one.due is not None for one in round):
        return  # whichever ends last decides
    ended = {one.target: one.outcome or {} for one in round} | {row.target: outcome}
    wanting = FAILED | _HELD_BACK if case.emergency else FAILED
    failed = [id for id, told in ended.items() if told.get("outcome") in wanting]
    if any(_is_enough(case, told) for told in ended.values()):
        return
    following = next(
        (one for one in nearest(core.people.config, case) if one.id not in ended), None
    )
    if failed and following is not None and time_left(core, row, now) > 0:
        await tx.send(warning(case, following, row.payload, now))
    elif not any(was_heard(told) for told in ended.values()):
        await _nobody_heard(core, tx, case, ended, now)


def nearest(config: SiteConfig, case: Case) -> Sequence[Speaker]:
    """Those of the place, then the others of the site, as the site file has them."""
    of_place = config.speakers_for(case.site, case.camera)
    others = [one for one in config.speakers if one.site == case.site and one not in of_place]
    return [*of_place, *others]


async def _nobody_heard(
    core: Core, tx: Tx, case: Case, ended: Mapping[str, Mapping[str, Any]], now: int
) -> None:
    """People are told once that nobody was warned aloud, and why."""
    told = {id: str(outcome.get("outcome")) for id, outcome in ended.items()}
    worth = FAILED | _TOLD_IF_GRAVE if case.emergency else FAILED - _TOLD_IF_GRAVE
    if worth & set(told.values()):
        params = {"horns": [list(one) for one in told.items()]}
        await core.tell(tx, case, "call.unheard", params, now, once="unheard")


def _speakers(core: Core, case: Case) -> list[Speaker]:
    """Those of the place that have something to say."""
    config, response = core.people.config, core.response(case)
    place = config.place_name(case.site, case.camera, case.zone)
    of_place = config.speakers_for(case.site, case.camera)
    return [one for one in of_place if spoken_sentence(response, one.language, place)]
