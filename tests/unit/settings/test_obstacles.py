"""What stands in the way of a command is one line that a person can act on."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from tortoise.exceptions import OperationalError

from bot.commands.obstacles import exit_code, in_words
from bot.settings import Environment, load_settings
from storage.slots import AlreadyRunning

SETTINGS = load_settings(Environment({}))


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(sqlite3.OperationalError("database or disk is full")),
        OperationalError(sqlite3.OperationalError("disk I/O error")),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_full_disk_is_one_sentence(error: Exception) -> None:
    """It names the setting that leads there, and what to do."""
    line = in_words(error, SETTINGS)
    assert line is not None
    assert line.startswith("LOUDHAILER_DATA_DIR: ")
    assert line.endswith("; make room there and start again")
    assert exit_code(error) == 2


def test_who_comes_second_is_told_and_fails() -> None:
    """Its set-up is right; somebody is there already."""
    error = AlreadyRunning("data/x: another process runs on this database")
    assert "another process runs" in (in_words(error, SETTINGS) or "")
    assert exit_code(error) == 1


def test_a_fault_of_ours_is_no_obstacle() -> None:
    """It must not be dressed up as one."""
    assert in_words(OperationalError("no such column: x"), SETTINGS) is None
