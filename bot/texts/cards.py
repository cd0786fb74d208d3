"""The card of a case: what a group sees of it, as true as the case itself.

The first line is what a locked phone shows: mark, 疑似 until a person has looked, hazard, place and
number.  It is never cut; the rest fits into what the narrowest platform takes under a picture.
"""

from __future__ import annotations

from bot.domain.case import Case
from bot.domain.hazard import Severity
from bot.domain.late import Late, lateness
from bot.domain.message import Mention, Post
from bot.texts.buttons import buttons
from bot.texts.cardfacts import CardFacts as CardFacts
from bot.texts.cardfacts import Horn as Horn
from bot.texts.cardfacts import Lit as Lit
from bot.texts.cardfacts import Told as Told
from bot.texts.fitting import Line, clip, fit, one_line, units
from bot.texts.localtime import stamp
from bot.texts.stateline import state_line
from bot.texts.vocabulary import HORNS, MARKS, SEVERITIES, URGENT
from bot.texts.wording import Wording, suspected

MAX_UNITS = 1024
_NAME_UNITS = 40
_LINE_UNITS = 240
_MOST_MENTIONS = 15
_NOBODY_COUNTED = frozenset(
    {
        "smoke_fire",
        "overheat",
        "reading_out_of_range",
        "device_offline",
        "device_frozen",
        "site_offline",
        "speaker_down",
    }
)
"""Hazards of things: how many people are in the picture says nothing about them."""

_RARELY_COUNTED = frozenset({"other", "traffic_accident", "thrown_object"})
"""One person is what is taken where nobody counted: said of these it would be made up."""


def card(case: Case, facts: CardFacts, language: str) -> Post:
    """The case as a message: text, buttons for its state, and whom it calls."""
    mentions = mentions_of(case, facts)
    late = _late(case, facts)
    called = sum(units(f"@{mention.name} ") for mention in mentions)
    return Post(
        text=fit(card_lines(case, facts, language), MAX_UNITS - called - 1),
        buttons=buttons(case, language),
        mentions=mentions,
        silent=case.severity is Severity.GENERAL,
        case=case.number,
        version=case.version,
        severity=case.severity,
        fields={
            "state": case.state.value,
            "outcome": case.outcome and case.outcome.value,
            "late_ms": late.ms if late else 0,
        },
    )


def unrecorded_card(case: Case, facts: CardFacts, language: str) -> Post:
    """An emergency that the database has not taken yet: no number, and nothing to press."""
    wording = Wording(facts.config, language, facts.config.site(case.site))
    mentions = mentions_of(case, facts)
    called = sum(units(f"@{mention.name} ") for mention in mentions)
    lines = [
        *card_lines(case, facts, language),
        Line(wording.say("unrecorded.later"), 5),
    ]
    text = fit(lines, MAX_UNITS - called - 1)
    return Post(text=text, mentions=mentions, severity=case.severity)


def first_line(case: Case, wording: Wording) -> str:
    """The lock-screen line: `🔴 紧急 疑似人员摔倒 · 基坑东侧 #31`; number 0 is not recorded yet."""
    number = f" #{case.number}" if case.number else wording.say("unrecorded")
    return _headline(case, wording) + number


def _headline(case: Case, wording: Wording) -> str:
    language = wording.language
    hazard = clip(wording.hazard(case.hazard), _NAME_UNITS)
    if case.suspected:
        hazard = suspected(hazard, language)
    urgent = f"{URGENT.in_language(language)} " if case.emergency else ""
    place = clip(wording.place(case), _NAME_UNITS)
    return f"{MARKS[case.severity]} {urgent}{hazard} · {place}"


def card_lines(case: Case, facts: CardFacts, language: str) -> list[Line]:
    """The lines of a card, each with what it is worth when they do not all fit."""
    wording = Wording(facts.config, language, facts.config.site(case.site))
    head = first_line(case, wording)
    if facts.repeat:
        head += wording.say("repeat")
    return [
        Line(head, 9),
        Line(_clip(_where_and_when(case, facts, wording)), 7),
        Line(_clip(_marks(case, facts, wording)), 6),
        Line(_clip(state_line(case, facts, wording)), 8),
        Line(_note(case, wording), 1),
        *(Line(_clip(_horn(horn, wording)), 3) for horn in facts.horns),
        *(Line(_clip(_lit(light, wording)), 2) for light in facts.lights),
        *(Line(_clip(_told(told, facts, wording)), 5) for told in facts.told),
        Line(_clip(_duty(facts, wording)), 4),
        Line(wording.say(f"card.picture_{facts.picture}") if facts.picture else "", 2),
    ]


def mentions_of(case: Case, facts: CardFacts) -> tuple[Mention, ...]:
    """Serious: who is on duty; emergency: the whole chain; general, or once over: nobody."""
    if case.severity is Severity.GENERAL or not case.live:
        return ()
    people = (*facts.on_duty, *facts.chain) if case.emergency else facts.on_duty
    called = list({member.id: member for member in people}.values())[:_MOST_MENTIONS]
    return tuple(
        Mention(clip(member.name, _NAME_UNITS // 2), facts.user_of(member.id)) for member in called
    )


def _clip(text: str) -> str:
    return clip(text, _LINE_UNITS)


def _where_and_when(case: Case, facts: CardFacts, wording: Wording) -> str:
    """`七号工地 · 1 人 · 11-22 10:42:07 · 一般`; an emergency says how to get there."""
    site = facts.config.site(case.site)
    parts = [clip(site.name if site else case.site, _NAME_UNITS)]
    if case.emergency and site:
        way = "，" if wording.language == "zh" else ", "
        parts.append(clip(way.join(filter(None, (site.address, site.entrance))), 2 * _NAME_UNITS))
    one = case.people == 1
    if case.hazard not in _NOBODY_COUNTED and not (one and case.hazard in _RARELY_COUNTED):
        parts.append(wording.say("card.one_person" if one else "card.people", count=case.people))
    parts.append(stamp(case.first_seen, wording.zone))
    parts.append(SEVERITIES[case.severity].in_language(wording.language))
    return " · ".join(filter(None, parts))


def _marks(case: Case, facts: CardFacts, wording: Wording) -> str:
    """What else must be known of when and how it was seen."""
    marks: list[str] = []
    late = _late(case, facts)
    if late is not None:
        cause = wording.say(f"card.late_{late.cause}") if late.cause else ""
        marks.append(wording.say("card.late", minutes=late.ms // 60_000) + cause)
    if facts.claimed_at:
        marks.append(wording.say("card.clock_off", text=facts.claimed_at))
    if case.count > 1:
        marks.append(
            wording.say("card.times", count=case.count, at=case.last_seen, now=case.first_seen)
        )
    if case.trial:
        marks.append(wording.say("card.trial"))
    return " · ".join(marks)


def _late(case: Case, facts: CardFacts) -> Late | None:
    return lateness(case, facts.waited, failed=facts.failed)


def _note(case: Case, wording: Wording) -> str:
    text = one_line(case.note)
    if not text:
        return ""
    if case.reported_by:
        return wording.say("card.reported", by=case.reported_by, text=text)
    return wording.say("card.note", text=text)


def _horn(horn: Horn, wording: Wording) -> str:
    """`📢 大门喇叭已提醒 2 次`; what did not sound is said as well."""
    if not horn.spoken:
        return wording.say("card.mute_horn", text=horn.name, ended=_ended(horn, wording))
    key = "card.spoke_once" if horn.spoken == 1 else "card.spoke"
    told = wording.say(key, text=horn.name, count=horn.spoken)
    if horn.outcome == "spoken":
        return told
    return told + wording.say("card.last_try", ended=_ended(horn, wording))


def _lit(light: Lit, wording: Wording) -> str:
    return wording.say("card.lit", text=light.name, switched=light.outcome)


def _ended(horn: Horn, wording: Wording) -> str:
    if horn.interrupted_by is not None:
        key = "card.interrupted_again" if horn.again else "card.interrupted"
        return wording.say(key, case=horn.interrupted_by)
    return HORNS.get(horn.outcome, HORNS["failed"]).in_language(wording.language)


def _told(told: Told, facts: CardFacts, wording: Wording) -> str:
    """`📟 短信 10:42 已发出`; a path that failed is said as well."""
    in_vain = told.retried or told.failed
    if not told.times:
        key = "card.alert_retried" if told.retried else "card.alert_failed"
        return wording.say(key, path=told.path)
    key = "card.alerted" if told.times == 1 else "card.alerted_again"
    text = wording.say(key, path=told.path, count=told.times, at=told.at, now=facts.now)
    return text + wording.say("card.alert_last") if in_vain else text


def _duty(facts: CardFacts, wording: Wording) -> str:
    if not facts.on_duty:
        return ""
    return wording.say("card.duty", people=tuple(member.id for member in facts.on_duty))
