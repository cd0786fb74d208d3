"""Several cases at a glance, and one with its history."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.case import Case, Event
from bot.domain.command import SYSTEM
from bot.domain.evidence import ERASED
from bot.domain.hazard import Severity
from bot.ports import AuditRow
from bot.texts.cards import CardFacts, card_lines, first_line
from bot.texts.fitting import Line, clip, fit, one_line
from bot.texts.reasons import reason_in
from bot.texts.wording import Wording

MAX_UNITS = 4096
MOST_CASES = 30
MOST_ENTRIES = 30

_LINE_UNITS = 110
_REASON_UNITS = 60


def case_list(
    cases: Sequence[Case], wording: Wording, now: int, *, total: int | None = None
) -> str:
    """The live cases, gravest and oldest first, a line each; `total`: if there are more."""
    if not cases:
        return wording.say("cases.none")
    count = max(len(cases), total or 0)
    ordered = sorted(cases, key=lambda case: (-case.severity, case.first_seen))[:MOST_CASES]
    lines = [wording.say("cases.head", count=count, text=_by_severity(cases, wording))]
    lines += [_line(case, wording, now) for case in ordered]
    if count > len(ordered):
        lines.append(wording.say("cases.more", count=count - len(ordered)))
    return "\n".join(lines)


def place_list(
    cases: Sequence[Case], wording: Wording, now: int, place: str, *, today: bool
) -> str:
    """The cases of a place, or of today, ended ones with how they ended."""
    where = wording.say("cases.at", place=place) if place else ""
    if not cases and today:
        return wording.say("cases.none_today", text=where)
    if not cases:
        return wording.say("cases.none_there", place=place)
    head = wording.say("cases.today" if today else "cases.head", count=len(cases), text=where)
    lines = [head, *(_line(case, wording, now) for case in cases[:MOST_CASES])]
    if len(cases) > MOST_CASES:
        lines.append(wording.say("cases.more", count=len(cases) - MOST_CASES))
    return "\n".join(lines)


def case_detail(case: Case, history: Sequence[AuditRow], facts: CardFacts, language: str) -> str:
    """What the card says, and who did what when; if it does not fit the oldest steps go."""
    wording = Wording(facts.config, language, facts.config.site(case.site))
    steps = [row for row in history if _is_told(row)]
    shown = steps[-MOST_ENTRIES:]
    lines = card_lines(case, facts, language)
    lines.append(Line(wording.say("case.history") if shown else "", 6))
    if len(steps) > len(shown):
        lines.append(Line(wording.say("case.earlier", count=len(steps) - len(shown)), 5))
    lines += [Line(_step(row, wording, facts.now), 2) for row in shown]
    return fit(lines, MAX_UNITS)


_TOLD = frozenset(event.value for event in Event) - {Event.ATTACHED.value}
"""The card counts what was attached; a line each would bury what people did."""


def was_said(row: AuditRow) -> bool:
    """Whether the entry tells of an announcement that was begun, or would have been."""
    data = row.entry.data
    told = row.entry.event == "delivery" and data.get("kind") == "announce"
    return told and data.get("outcome") != "over"


def was_switched(row: AuditRow) -> bool:
    """Whether the entry tells of a light that was switched, or would have been."""
    data = row.entry.data
    told = row.entry.event == "delivery" and data.get("kind") in ("switch_on", "switch_off")
    return told and data.get("outcome") not in ("over", "held")


def _is_told(row: AuditRow) -> bool:
    return row.entry.event in (*_TOLD, ERASED) or was_said(row) or was_switched(row)


def _line(case: Case, wording: Wording, now: int) -> str:
    local = Wording(wording.config, wording.language, wording.config.site(case.site))
    told = local.say(
        "cases.line",
        text=first_line(case, local),
        state=case.state,
        outcome=case.outcome,
        at=case.first_seen,
        now=now,
    )
    return clip(told, _LINE_UNITS)


def _by_severity(cases: Sequence[Case], wording: Wording) -> str:
    """`（紧急 1 · 一般 3）`; nothing where all are of one severity."""
    counts = {
        severity: sum(case.severity is severity for case in cases)
        for severity in sorted(Severity, reverse=True)
    }
    told = [
        wording.say("cases.severity", severity=severity, count=count)
        for severity, count in counts.items()
        if count
    ]
    return wording.say("cases.by_severity", text=" · ".join(told)) if len(told) > 1 else ""


def _step(row: AuditRow, wording: Wording, now: int) -> str:
    entry = row.entry
    if entry.event == ERASED:
        count, rule = len(entry.data["pictures"]), entry.data["rule"]
        return wording.say("case.erased", at=entry.at, count=count, text=rule, now=now)
    if was_said(row):
        return _announcement(row, wording, now)
    if was_switched(row):
        key = "case.light_on" if entry.data.get("on") else "case.light_off"
        told = {"light": entry.data["to"], "switched": entry.data.get("outcome")}
        return wording.say(key, at=entry.at, now=now, **told)
    said = entry.private.get("reason") or entry.data.get("reason") or ""
    if entry.actor == SYSTEM.id:
        said = reason_in(said, wording.language)
    if entry.event == Event.ASSIGNED:
        said = wording.name(entry.data["to"])
    return wording.say(
        "case.entry",
        who=entry.actor,
        event=Event(entry.event),
        at=entry.at,
        reason=clip(one_line(str(said)), _REASON_UNITS),
        now=now,
    )


def _announcement(row: AuditRow, wording: Wording, now: int) -> str:
    """`10:42 📢 大门喇叭（已播出，4.2 秒）：请注意，……`."""
    data = row.entry.data
    seconds = float(data.get("seconds") or 0)
    ended = wording.say("case.horn_ended", horn=data.get("outcome"))
    if data.get("interrupted_by") is not None:
        key = "card.interrupted_again" if data.get("again") else "card.interrupted"
        ended = wording.say(key, case=data["interrupted_by"])
    if seconds:
        ended += wording.say("case.horn_seconds", text=f"{seconds:.1f}")
    return wording.say(
        "case.horn",
        at=data.get("began_at") or row.entry.at,
        speaker=data["to"],
        ended=ended,
        text=clip(one_line(str(data.get("said") or "-")), _REASON_UNITS),
        now=now,
    )
