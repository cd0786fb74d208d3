"""What several commands share: reading the configuration, opening the database.

Nothing heavy is imported before it is needed: what is wrong is told at once.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.configuration import load_configuration
from bot.domain.site import SiteConfig
from bot.fault import ConfigFaults
from bot.redact import configure_logging
from bot.settings import Settings, load_settings, read_environment

if TYPE_CHECKING:
    from storage.database import Database
    from storage.store import SqlStore

BAD = 2


def complain(*lines: str) -> int:
    """Tell what is wrong; the exit code for bad usage or configuration."""
    for line in lines:
        print(line, file=sys.stderr)
    return BAD


def configured(then: Callable[[Settings, SiteConfig], int], *, quiet: bool = False) -> int:
    """Read settings and site file, set up logging, and go on; every fault is printed.

    `quiet`: the command tells its result by itself, so the log keeps to errors unless it is to
    help in finding one.
    """
    try:
        settings, config = load_configuration(read_environment())
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    level = "error" if quiet and settings.log_level != "debug" else settings.log_level
    configure_logging(settings.log_format, level)
    return told(settings, lambda: then(settings, config))


def with_settings(then: Callable[[Settings], int], language: str | None = None) -> int:
    """The same for commands that need no site file; faults are told in `language` if given."""
    try:
        settings = load_settings(read_environment(), language)
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    configure_logging(settings.log_format, settings.log_level)
    return told(settings, lambda: then(settings))


def told(settings: Settings, act: Callable[[], int]) -> int:
    """Do it; what stands in the way is told in a line, what is a fault of ours goes on up."""
    from bot.commands.obstacles import exit_code, in_words

    try:
        return act()
    except Exception as error:
        line = in_words(error, settings)
        if line is None:
            raise
        complain(line)
        return exit_code(error)


def on_database(settings: Settings, act: Callable[[Database], Awaitable[int]]) -> int:
    """Open the database, act, close; beside a running instance both work on it."""
    from storage.database import open_database

    async def opened() -> int:
        async with open_database(settings.database.reveal()) as database:
            return await act(database)

    return asyncio.run(opened())


def store_of(database: Database) -> SqlStore:
    """The store over an open database."""
    from storage.store import SqlStore
    from storage.wake import LocalWake

    return SqlStore(database, LocalWake())


async def time_of(database: Database) -> int:
    """What time it is for whatever else works on this database."""
    from storage.server_clock import time_of

    return await time_of(database)
