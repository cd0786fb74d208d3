"""docs/reference/chat.md says what the grammar understands, and nothing else."""

from __future__ import annotations

import re

import pytest

from bot.domain.command import Verb
from handlers.wordforms import CASE_FORMS, OTHER_SLASHES, PLAIN_LOOKS
from handlers.words import parse
from tests.support.pages import read, sections

HEADINGS = sections("docs/reference/chat.md", 3)
REPLY = "as a whole reply"


def said(verb: str, way: str) -> list[str]:
    """The examples of a verb for one way of saying it."""
    lines = re.findall(rf"^- {way}: (.+)$", HEADINGS[verb], re.MULTILINE)
    return [example for line in lines for example in re.findall(r"`([^`]+)`", line)]


def slashes(verb: str) -> set[str]:
    return {example.split()[0].removeprefix("/") for example in said(verb, "slash")}


def test_every_verb_has_its_heading():
    assert HEADINGS.keys() == {str(verb) for verb in Verb}


@pytest.mark.parametrize("verb", HEADINGS)
@pytest.mark.parametrize("way", ["slash", "plain", REPLY])
def test_every_example_is_understood_as_its_verb(verb: str, way: str):
    for example in said(verb, way):
        understood = parse(example, reply=way == REPLY)
        assert understood is not None, example
        assert understood.verb == verb, example
        if way != REPLY and "12" in example:
            assert understood.numbers == (12,), example


@pytest.mark.parametrize("form", CASE_FORMS, ids=lambda form: str(form.verb))
def test_every_word_of_a_verb_on_cases_is_shown(form):
    assert slashes(form.verb) == set(form.slash)
    plain = {re.split(r" \d", example)[0] for example in said(form.verb, "plain")}
    assert plain == set(form.words)
    assert set(said(form.verb, REPLY)) | set(form.words) >= set(form.whole)


@pytest.mark.parametrize("verb", sorted(set(OTHER_SLASHES.values())))
def test_every_slash_of_a_verb_without_cases_is_shown(verb: Verb):
    assert slashes(verb) == {name for name, meant in OTHER_SLASHES.items() if meant is verb}


@pytest.mark.parametrize(("words", "verb"), PLAIN_LOOKS.items())
def test_every_plain_look_is_shown(words: str, verb: Verb):
    assert words in said(verb, "plain")


def test_the_questions_shown_ask_for_nothing():
    page = read("docs/reference/chat.md")
    (sentence,) = re.findall(r"merely contains a verb does nothing: (.+?)\n\n", page, re.DOTALL)
    questions = re.findall(r"`([^`]+)`", sentence)
    assert len(questions) == 3
    for question in questions:
        assert parse(question) is None, question
