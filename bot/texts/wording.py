"""Says a sentence of the catalogue to a reader: raw values in, words of their language out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.case import Case, Outcome, State
from bot.domain.hazard import SPEAKER_DOWN, Severity
from bot.domain.site import Site, SiteConfig
from bot.texts.fitting import one_line
from bot.texts.hazards import hazard_name
from bot.texts.localtime import clock, span
from bot.texts.reasons import reason_in
from bot.texts.sentences import CATALOGUE
from bot.texts.vocabulary import (
    EVENTS,
    HORNS,
    OUTCOMES,
    PATHS,
    ROLES,
    SEVERITIES,
    STATES,
    SUSPECTED,
    SWITCHED,
    SYSTEM_NAME,
    VERBS,
    either,
    join,
)

_DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


class Wording:
    """The catalogue in one language, with the names of one configuration.

    `site` says in which time zone times are told; without it, in that of the only or first site.
    """

    def __init__(self, config: SiteConfig, language: str, site: Site | None = None) -> None:
        self.config = config
        self.language = language
        sites = config.sites
        self.zone = (site or sites[0]).timezone if site or sites else _DEFAULT_ZONE

    def say(self, key: str, *, now: int | None = None, **params: Any) -> str:
        """The sentence `key`, filled in; KeyError for an unknown key or a missing parameter.

        Parameters are raw (ids, epoch milliseconds, enums, cases); what the sentence does not use
        is ignored, so a refusal's own parameters can be handed on whole.  `now` decides whether a
        time needs its date.
        """
        template = CATALOGUE[key].in_language(self.language)
        given = {**OPTIONAL, **params, "now": now}
        words = {name: self._word(name, given) for name in fields_of(template)}
        return template.format_map(words)

    def name(self, member: str | None) -> str:
        """A member's name; the program's own for `system`, the id for one no longer configured."""
        if member is None or member == "system":
            return SYSTEM_NAME.in_language(self.language)
        found = self.config.member(member)
        return found.name if found else member

    def hazard(self, hazard: str) -> str:
        """A kind of hazard as people call it."""
        return hazard_name(self.config.hazards[hazard], self.language)

    def title(self, case: Case) -> str:
        """What and where, as on the first line of its card: `疑似未戴安全帽 · 大门`."""
        hazard = self.hazard(case.hazard)
        if case.suspected:
            hazard = suspected(hazard, self.language)
        return f"{hazard} · {self.place(case)}"

    def place(self, case: Case) -> str:
        """The nearest name of where a case is."""
        return place_of(case, self.config)

    def at(self, at: int, now: int | None = None) -> str:
        """A time of day on the site, with its date when it is not the day of `now`."""
        return clock(at, self.zone, now)

    def _word(self, name: str, given: Mapping[str, Any]) -> str:
        return _WORDS.get(name, _plain)(self, given, name)


def place_of(case: Case, config: SiteConfig) -> str:
    """The nearest name of where a case is: of one about a speaker, that speaker's."""
    if case.hazard == SPEAKER_DOWN:
        for speaker in filter(None, map(config.speaker, case.subjects)):
            return speaker.name
    return config.place_name(case.site, case.camera, case.zone)


def suspected(hazard: str, language: str) -> str:
    """`疑似未戴安全帽` / `Suspected: no hard hat`; an abbreviation keeps its capitals."""
    if language == "zh":
        return SUSPECTED.zh + hazard
    abbreviated = hazard[1:2].isupper()
    return f"{SUSPECTED.en}: {hazard if abbreviated else hazard[:1].lower() + hazard[1:]}"


def fields_of(template: str) -> frozenset[str]:
    """The names of a template's placeholders."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


OPTIONAL: Mapping[str, Any] = {
    "able": (),
    "choices": (),
    "own": (),
    "reason": "",
    "undo": False,
    "outcome": None,
    "state": None,
}
"""Parameters that may be left out; their words are whole clauses, empty when nothing is given."""

_Word = Callable[[Wording, Mapping[str, Any], str], str]


def _plain(_: Wording, given: Mapping[str, Any], name: str) -> str:
    return str(given[name])


def _error(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return reason_in(given[name], wording.language)


def _member(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return wording.name(given[name])


def _members(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return " ".join(f"@{wording.name(member)}" for member in given[name])


def _time(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return wording.at(given[name], given["now"])


def _able(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    people = [f"@{wording.name(member)}" for member in given[name]]
    if not people:
        return ""
    who = either(people, wording.language)
    return f"可以叫 {who}。" if wording.language == "zh" else f" You can ask {who}."


def _own(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    names = [_site_name(wording, site) for site in given[name]]
    if not names:
        return ""
    sites = join(names, wording.language)
    return f"，您负责{sites}" if wording.language == "zh" else f"; yours is {sites}"


def _choices(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    cases: tuple[Case, ...] = given[name]
    if not cases:
        return ""
    listed = " / ".join(f"#{case.number} {wording.place(case)}" for case in cases)
    if wording.language == "zh":
        return f"您要的是：{listed}？"
    return f" Did you mean {listed}?"


def _reason(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    """On one line, whatever a person typed: a reason must not look like lines of the card."""
    reason = one_line(str(given[name]))
    if not reason:
        return ""
    return f"：{reason}" if wording.language == "zh" else f": {reason}"


def _undo(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    if not given[name]:
        return ""
    hint = CATALOGUE["undo.hint"].in_language(wording.language)
    return hint if wording.language == "zh" else f" {hint}"


def _number(case: Case | int) -> int:
    return case.number if isinstance(case, Case) else case


def _case(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    if given[name] is None:
        return "这里" if wording.language == "zh" else "This"
    return f"#{_number(given[name])}"


def _cases(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return " ".join(f"#{_number(case)}" for case in given[name])


def _what(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    case = given["case"]
    if not isinstance(case, Case):
        return ""
    return f"（{wording.title(case)}）" if wording.language == "zh" else f" ({wording.title(case)})"


def _state(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    """The state, and of a closed case how it ended."""
    language, state, outcome = wording.language, State(given[name]), given["outcome"]
    word = STATES[state].in_language(language)
    if state is not State.CLOSED or outcome in (None, Outcome.OTHER):
        return word
    ended = OUTCOMES[outcome].in_language(language)
    return f"{word}（{ended}）" if language == "zh" else f"{word} ({ended})"


def _advice(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    """What could be done in that state instead."""
    advice = CATALOGUE.get(f"advice.{given['state']}")
    if advice is None:
        return ""
    told = advice.in_language(wording.language).format(n=_number(given["case"]))
    return told if wording.language == "zh" else f" {told}"


def _n(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    if given["case"] is None:
        return "号码" if wording.language == "zh" else "NUMBER"
    return str(_number(given["case"]))


def _table(words: Mapping[Any, Any]) -> _Word:
    def word(wording: Wording, given: Mapping[str, Any], name: str) -> str:
        return words[given[name]].in_language(wording.language)

    return word


def _severity(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    severity = given[name]
    severity = Severity.parse(severity) if isinstance(severity, str) else severity
    return SEVERITIES[severity].in_language(wording.language)


def _horn(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return HORNS.get(given[name], HORNS["failed"]).in_language(wording.language)


def _horns(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    """Each horn and how it ended: `大门喇叭（连不上喇叭）`."""
    zh = wording.language == "zh"
    told = [
        (_speaker_name(wording, id), HORNS.get(outcome, HORNS["failed"]))
        for id, outcome in given[name]
    ]
    each = [f"{one}（{how.zh}）" if zh else f"{one} ({how.en})" for one, how in told]
    return join(each, wording.language)


def _hazard(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return wording.hazard(given[name])


def _site_name(wording: Wording, id: str | None) -> str:
    site = wording.config.site(id or "")
    return (
        site.name if site else (id or ("别的工地" if wording.language == "zh" else "another site"))
    )


def _site(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return _site_name(wording, given[name])


def _speaker(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return _speaker_name(wording, given[name])


def _speaker_name(wording: Wording, id: str) -> str:
    speaker = wording.config.speaker(id)
    return speaker.name if speaker else id


def _light(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    actuator = wording.config.actuator(given[name])
    return actuator.name if actuator else given[name]


def _switched(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    words = SWITCHED.get(given[name], SWITCHED["refused"])
    return words.in_language(wording.language)


def _camera(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    camera = wording.config.camera(given[name])
    return camera.name if camera else given[name]


def _names(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    names = [str(item) for item in given[name]]
    return join(names, wording.language) or ("（无）" if wording.language == "zh" else "(none)")


def _minutes(wording: Wording, given: Mapping[str, Any], name: str) -> str:
    return span(given[name], wording.language)


_WORDS: Mapping[str, _Word] = {
    **dict.fromkeys(("who", "member", "to", "by"), _member),
    "people": _members,
    "error": _error,
    **dict.fromkeys(("at", "due", "since", "until"), _time),
    "able": _able,
    "own": _own,
    "choices": _choices,
    "reason": _reason,
    "undo": _undo,
    "case": _case,
    "cases": _cases,
    "what": _what,
    "state": _state,
    "advice": _advice,
    "n": _n,
    "outcome": _table(OUTCOMES),
    "event": _table(EVENTS),
    "horn": _horn,
    "horns": _horns,
    "path": _table(PATHS),
    "verb": _table(VERBS),
    "role": _table(ROLES),
    "severity": _severity,
    "hazard": _hazard,
    "site": _site,
    "speaker": _speaker,
    "camera": _camera,
    "light": _light,
    "switched": _switched,
    "names": _names,
    **dict.fromkeys(("minutes", "most"), _minutes),
}
"""Placeholder -> how its raw value becomes words; what is not here is put in as it is."""
