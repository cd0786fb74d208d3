"""The page's sentences: complete in both languages, none missing, none left over."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import handlers.console
from bot.texts.page import TEXTS

STATIC = Path(handlers.console.__file__).parent / "static"
SOURCES = {path.name: path.read_text() for path in STATIC.iterdir()}
ASSEMBLED = ("state.", "outcome.", "severity.", "theme.", "cameras.", "speaker.")
"""Keys of which the page puts the last part together at run time."""


def asked_for() -> set[str]:
    """Every key that scripts and shells name."""
    found: set[str] = set()
    for text in SOURCES.values():
        found.update(re.findall(r'data-t(?:-label|-placeholder)?="([\w.]+)"', text))
        found.update(re.findall(r'"([a-z_]+\.[\w.]+)"', text))
    return found & set(TEXTS["zh"]) | {"title", "noscript"}


def test_both_languages_say_the_same_things() -> None:
    """A key in one language stands in the other, and neither is empty."""
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    for key, sentence in TEXTS["zh"].items():
        assert sentence.strip(), key
        assert TEXTS["en"][key].strip(), key


@pytest.mark.parametrize("key", sorted(TEXTS["zh"]))
def test_blanks_are_names(key: str) -> None:
    """`{name}` only: the page fills in nothing else, and knows no escapes."""
    for language in TEXTS.values():
        for _, name, spec, conversion in Formatter().parse(language[key]):
            assert name is None or name.isidentifier()
            assert not spec
            assert conversion is None


def test_every_sentence_that_the_page_asks_for_exists() -> None:
    """No raw key is ever shown to a person."""
    for name, text in SOURCES.items():
        keys = re.findall(r'data-t(?:-label|-placeholder)?="([\w.]+)"', text)
        keys += re.findall(r'\bt\("([\w.]+)"', text)
        missing = [key for key in keys if key not in TEXTS["zh"]]
        assert not missing, f"{name}: {missing}"


def test_no_sentence_is_left_over() -> None:
    """What nobody shows any more is not kept for translators."""
    used = asked_for()
    whole = "\n".join(SOURCES.values())
    spare = {
        key
        for key in TEXTS["zh"]
        if key not in used and f'"{key}"' not in whole and not key.startswith(ASSEMBLED)
    }
    assert spare == set()


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.endswith(".html")))
def test_shells_hold_no_words_of_their_own(name: str) -> None:
    """Whatever a person reads comes from bot.texts, in their language."""
    visible = re.sub(
        r"<(script|style|code)\b.*?</\1>|<[^>]*>|\$\w+|✕", " ", SOURCES[name], flags=re.S
    )
    assert visible.split() == []


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_page_obeys_its_own_policy(name: str) -> None:
    """No inline script or style, nothing from elsewhere, no markup made out of text."""
    text = SOURCES[name].replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text
    )
    assert not re.search(r"https?://|//cdn|@import|url\(", text)
