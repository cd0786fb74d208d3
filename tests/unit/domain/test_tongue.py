"""People's own words are spoken in their language, whatever the horn's own is."""

from __future__ import annotations

import pytest

from bot.domain.tongue import tongue_of


@pytest.mark.parametrize("usual", ["zh", "en"])
@pytest.mark.parametrize(
    ("words", "language"),
    [("请离开基坑", "zh"), ("Please leave the pit", "en"), ("请戴好 PPE。", "zh")],
)
def test_words_say_in_which_language_they_are(words: str, language: str, usual: str) -> None:
    """A single Chinese character makes a sentence Chinese: such sentences hold English words."""
    assert tongue_of(words, usual) == language


@pytest.mark.parametrize("usual", ["zh", "en"])
def test_figures_alone_are_said_as_the_horn_usually_does(usual: str) -> None:
    assert tongue_of("12-3!", usual) == usual
