"""docs/reference/commands.md has a heading for every command and a row for every option."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from bot.app import build_parser
from tests.support.pages import read, sections

PAGE = "docs/reference/commands.md"
HEADINGS = sections(PAGE, 3)


def commands(parser: argparse.ArgumentParser, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command that can be given, with its options."""
    deeper = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in deeper:
        for name, sub in action.choices.items():
            yield from commands(sub, f"{path} {name}".strip())
    if not deeper:
        options = {option for a in parser._actions for option in a.option_strings}
        yield path, options - {"-h", "--help"}


COMMANDS = dict(commands(build_parser()))


def test_the_page_has_every_command_and_no_other():
    assert HEADINGS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_row_for_each_of_its_options(command: str):
    rows = set(re.findall(r"^\| `(--[a-z-]+)` \| \S", HEADINGS[command], re.MULTILINE))
    assert rows == COMMANDS[command]


@pytest.mark.parametrize("command", sorted({name.split()[0] for name in COMMANDS}))
def test_the_readme_names_every_command(command: str):
    named = set(re.findall(r"`([a-z ]+)`", sections("README.md", 2)["Commands"]))
    assert command in {word for name in named for word in name.split()[:1]}


def test_exit_codes_are_told():
    for code in ("**0**", "**1**", "**2**"):
        assert code in read(PAGE)
