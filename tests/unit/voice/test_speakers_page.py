"""The page on speakers, the words of their outcomes and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.texts.vocabulary import HORNS
from voice.speakers.address import AVAILABLE, NETWORK
from voice.speakers.port import SOUNDED, Outcome

PAGE = (Path(__file__).parents[3] / "docs/reference/speakers.md").read_text("utf-8")
HEADINGS = {
    word: part
    for part in PAGE.split("\n## ")[1:]
    for word in re.findall(r"`(\w+):`", part.splitlines()[0])
}
OF_THE_QUEUE = {
    Outcome.NO_SPEECH,
    Outcome.EXPIRED,
    Outcome.QUIET_HOURS,
    Outcome.CAPPED,
    Outcome.STOPPED,
    Outcome.UNKNOWN_SPEAKER,
}
"""What an announcement may become before a speaker is asked."""


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_words_in_both_languages(outcome: Outcome):
    words = HORNS[outcome.value]
    assert words.zh != words.en
    assert [one for one, other in HORNS.items() if other == words] == [outcome.value]


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in OF_THE_QUEUE])
def test_every_outcome_of_a_speaker_stands_on_the_page(outcome: Outcome):
    assert f"\n| `{outcome.value}` | " in PAGE


@pytest.mark.parametrize("kind", AVAILABLE)
def test_every_kind_stands_in_the_table(kind: str):
    assert re.search(rf"^\| .* \| `{kind}:", PAGE, re.MULTILINE)


@pytest.mark.parametrize("kind", NETWORK)
def test_the_options_of_a_kind_are_those_of_its_section(kind: str):
    told = set(re.findall(r"^\| `(\w+)` \|", HEADINGS[kind], re.MULTILINE))
    assert NETWORK[kind].options.keys() <= told
    if list(HEADINGS.values()).count(HEADINGS[kind]) == 1:
        assert NETWORK[kind].options.keys() == told


def test_only_what_sounded_may_be_told_as_such():
    assert {one.value for one in SOUNDED} == {"spoken", "sent"}
