"""A command that tells its result does not tell it a second time as a log."""

from __future__ import annotations

from pathlib import Path

from tests.support.terminal import Terminal

SITE = """
language = "en"
[[sites]]
id = "yard-7"
[[speakers]]
id = "horn"
site = "yard-7"
name = "Horn"
url = "file:horn"
language = "en"
"""


def test_what_is_said_is_told_once(tmp_path: Path) -> None:
    """The result on stdout and nothing on stderr; with `debug` the log is there."""
    terminal = Terminal(tmp_path, SITE)
    ended = terminal("say", "horn", "hello")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("horn: ")
    assert "voice" in terminal("say", "horn", "hello", LOG_LEVEL="debug").err
