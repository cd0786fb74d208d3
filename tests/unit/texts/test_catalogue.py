"""Every sentence exists in both languages, with the same gaps, and can be filled."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from bot.domain.case import Case, Event, Outcome, State
from bot.domain.command import Verb
from bot.domain.hazard import Severity
from bot.domain.role import Role
from bot.domain.site import SiteConfig
from bot.texts import vocabulary
from bot.texts.sentences import CATALOGUE
from bot.texts.wording import OPTIONAL, Wording, fields_of

ROOT = Path(__file__).resolve().parents[3]
NOON = 1_795_320_127_000

RAW: dict[str, Any] = {
    **dict.fromkeys(("who", "member", "to", "by"), "li"),
    "people": ("li", "wang"),
    "able": ("li", "wang"),
    **dict.fromkeys(("at", "due", "since", "until"), NOON),
    "state": State.CLOSED,
    "outcome": Outcome.LEFT,
    "event": Event.CLOSED,
    "verb": Verb.CLOSE,
    "role": Role.VIEWER,
    "severity": Severity.SERIOUS,
    "hazard": "fall",
    "site": "yard-7",
    "speaker": "gate-horn",
    "light": "gate-lamp",
    "switched": "confirmed",
    "name": "briefing",
    "camera": "gate",
    "horn": "expired",
    "horns": (("gate-horn", "expired"),),
    "path": "sms",
    "names": ("甲", "乙"),
    "minutes": 30,
    "seconds": "1.2",
    "most": 120,
    "cases": (12, 13),
    "reason": "已整改",
    "undo": True,
    "own": ("dock",),
    **dict.fromkeys(
        (
            *("text", "error", "target", "channel", "version", "count", "total", "entry"),
            *(
                "heard",
                "facts",
                "place",
                "digest",
                "span",
                "states",
                "ended",
                "free",
                "wanted",
                "pictures",
                "quota",
            ),
        ),
        "X",
    ),
    **dict.fromkeys(("sites", "cameras", "speakers", "emergencies", "escalated", "orders"), 3),
}
DERIVED = {"what", "advice", "n", "case", "choices"}


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_tell_the_same(key: str) -> None:
    """The same gaps, all of them described here; no sentence left untranslated."""
    words = CATALOGUE[key]
    assert fields_of(words.zh) == fields_of(words.en)
    assert fields_of(words.zh) <= RAW.keys() | DERIVED
    assert not _has_chinese(words.en)
    if _has_letters(words.en):
        assert _has_chinese(words.zh)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("whole", [True, False], ids=["case", "number"])
def test_every_sentence_can_be_said(
    language: str, whole: bool, config: SiteConfig, make_case: Callable[..., Case]
) -> None:
    """Filled with raw values, nothing raw and no gap is left."""
    case, wording = make_case(), Wording(config, language)
    params = {**RAW, "case": case if whole else 12, "choices": (case,)}
    for key in CATALOGUE:
        if key.startswith("advice."):
            continue
        told = wording.say(key, now=NOON, **params)
        assert told, key
        for raw in ("{", "State.", "None", "gate-horn", "1795320127", "Case("):
            assert raw not in told, key


def test_a_missing_parameter_is_an_error(config: SiteConfig) -> None:
    """Nobody is told a sentence with a hole in it."""
    with pytest.raises(KeyError):
        Wording(config, "zh").say("done.close", who="li")


def test_an_unknown_key_is_an_error(config: SiteConfig) -> None:
    """A key without a sentence is a mistake in the program."""
    with pytest.raises(KeyError):
        Wording(config, "zh").say("refused.no_such_thing")


def test_a_case_that_is_not_known_leaves_no_hole(config: SiteConfig) -> None:
    """A verb without its number is refused with a sentence, too."""
    for language in ("zh", "en"):
        for key in ("refused.needs_verdict", "refused.dispute_reason", "refused.photo"):
            assert "None" not in Wording(config, language).say(key, case=None)


def test_every_key_in_the_program_has_a_sentence() -> None:
    """What is refused, not found or said anywhere in the code can be told."""
    used = {key for key, _ in _calls_in_program()}
    assert len(used) > 10
    assert used <= CATALOGUE.keys()


def test_every_call_gives_what_its_sentence_needs() -> None:
    """Where the parameters are written out; a refusal's verb is added by whoever tells it."""
    for key, call in _calls_in_program():
        given = {keyword.arg for keyword in call.keywords}
        if None in given or key not in CATALOGUE or _called(call) == "_refusal":
            continue
        needed = fields_of(CATALOGUE[key].zh) - OPTIONAL.keys() - {"verb"}
        assert {_FROM_CASE.get(name, name) for name in needed} <= given, key


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (vocabulary.STATES, State),
        (vocabulary.OUTCOMES, Outcome),
        (vocabulary.SEVERITIES, Severity),
        (vocabulary.MARKS, Severity),
        (vocabulary.ROLES, Role),
        (vocabulary.VERBS, Verb),
        (vocabulary.EVENTS, Event),
    ],
)
def test_every_kind_has_a_word(words: dict[object, object], kinds: type[Enum]) -> None:
    """A new state, verb or role cannot be told without a word for it."""
    assert set(words) == set(kinds)


_FROM_CASE: dict[str, str] = {"n": "case", "what": "case", "advice": "case"}


def _calls_in_program() -> Iterator[tuple[str, ast.Call]]:
    for folder in ("bot", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and (key := _key_of(node)):
                    yield key, node


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _key_of(call: ast.Call) -> str | None:
    """The literal key of `Refused("...")`, `NotFound("...")` or `<wording>.say("...")`."""
    if _called(call) not in ("Refused", "NotFound", "_refusal", "say"):
        return None
    literal = next((arg.value for arg in call.args if isinstance(arg, ast.Constant)), None)
    return literal if isinstance(literal, str) and "." in literal else None


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def _has_letters(text: str) -> bool:
    bare = text
    for name in fields_of(text):
        bare = bare.replace(f"{{{name}}}", "")
    return any(char.isalpha() for char in bare)
