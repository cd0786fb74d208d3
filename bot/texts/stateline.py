"""The line of a card that says where the case stands, who has it, and until when."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.case import Case, Outcome, State
from bot.texts.cardfacts import CardFacts
from bot.texts.sentences import CATALOGUE
from bot.texts.vocabulary import OUTCOMES, STATES
from bot.texts.wording import Wording


def state_line(case: Case, facts: CardFacts, wording: Wording) -> str:
    """`状态：已确认 · 李工 10:44 处理中，11:12 前整改`."""
    told = STATES[case.state].in_language(wording.language) + _STATE_TAILS[case.state](
        case, facts, wording
    )
    return wording.say("card.state", text=told)


def _tail(parts: list[str], wording: Wording) -> str:
    """` · 李工 10:44 处理中，11:12 前整改`."""
    comma = "，" if wording.language == "zh" else ", "
    return f" · {comma.join(parts)}" if parts else ""


def _open(case: Case, facts: CardFacts, wording: Wording) -> str:
    if case.emergency:
        advice = CATALOGUE.get(f"first_aid.{case.hazard}")
        told = advice.in_language(wording.language) if advice else ""
        return (wording.say("card.go_now") + told).rstrip()
    parts = _given_to(case, wording)
    return _tail(parts, wording) + _what_happens_next(case, facts, wording)


def _what_happens_next(case: Case, facts: CardFacts, wording: Wording) -> str:
    if case.acknowledge_due is None:
        return ""
    names = [member.name for member in facts.next_up]
    key = "card.goes_to" if names else "card.escalates"
    return wording.say(key, due=case.acknowledge_due, names=names, now=facts.now)


def _acknowledged(case: Case, facts: CardFacts, wording: Wording) -> str:
    return _tail([*_who_has_it(case, facts, wording), *_fix_by(case, facts, wording)], wording)


def _escalated(case: Case, facts: CardFacts, wording: Wording) -> str:
    language = wording.language
    names = ("、" if language == "zh" else ", ").join(member.name for member in facts.called)
    parts = [*_who_has_it(case, facts, wording), *_fix_by(case, facts, wording)]
    return (f" · {names}" if names else "") + _tail(parts, wording)


def _rectified(case: Case, facts: CardFacts, wording: Wording) -> str:
    by_camera = case.rectified_by == "system"
    told = wording.say(
        "card.seen_gone" if by_camera else "card.said_fixed",
        who=case.rectified_by,
        at=case.rectified_at or facts.now,
        now=facts.now,
    )
    if facts.after_picture:
        told += wording.say("card.after")
    names = [member.name for member in facts.next_up]
    waits = wording.say("card.waits_for", names=names) if names else wording.say("card.waits")
    return _tail([told, waits], wording)


def _work_order(case: Case, facts: CardFacts, wording: Wording) -> str:
    parts = [case.work_order] if case.work_order else []
    parts += _who_has_it(case, facts, wording)
    due = facts.order_due or case.rectify_due
    if due is not None:
        parts.append(wording.say("card.limit", due=due, now=facts.now))
    return _tail(parts, wording)


def _closed(case: Case, facts: CardFacts, wording: Wording) -> str:
    """` · 误报 · 李工 10:45`; one that ended by itself says only when."""
    told = ""
    if case.outcome not in (None, Outcome.OTHER):
        told = f" · {OUTCOMES[case.outcome].in_language(wording.language)}"
    who = case.last.actor if case.last else "system"
    at = case.closed_at or facts.now
    by_itself = who == "system"
    ended = wording.at(at, facts.now) if by_itself else _at("card.by", who, at, facts, wording)
    told += f" · {ended}"
    if facts.closing_reason:
        told += wording.say("card.reason", reason=facts.closing_reason)
    return told + (wording.say("card.after") if facts.after_picture else "")


_StateTail = Callable[[Case, CardFacts, Wording], str]
_STATE_TAILS: dict[State, _StateTail] = {
    State.OPEN: _open,
    State.ACKNOWLEDGED: _acknowledged,
    State.ESCALATED: _escalated,
    State.RECTIFIED: _rectified,
    State.WORK_ORDER: _work_order,
    State.CLOSED: _closed,
}


def _who_has_it(case: Case, facts: CardFacts, wording: Wording) -> list[str]:
    parts: list[str] = []
    if case.acknowledged_by and case.acknowledged_by != case.arrived_by:
        parts.append(_at("card.taken", case.acknowledged_by, case.acknowledged_at, facts, wording))
    if case.arrived_by:
        parts.append(_at("card.arrived", case.arrived_by, case.arrived_at, facts, wording))
    return parts + _given_to(case, wording)


def _at(key: str, who: str, at: int | None, facts: CardFacts, wording: Wording) -> str:
    return wording.say(key, who=who, at=at or facts.now, now=facts.now)


def _given_to(case: Case, wording: Wording) -> list[str]:
    if case.assigned_to is None or case.assigned_to == case.acknowledged_by:
        return []
    return [wording.say("card.given_to", to=case.assigned_to)]


def _fix_by(case: Case, facts: CardFacts, wording: Wording) -> list[str]:
    if case.rectify_due is None or case.emergency:
        return []
    return [wording.say("card.fix_by", due=case.rectify_due, now=facts.now)]
