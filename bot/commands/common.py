"""What several commands share: reading the configuration, opening the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.clock import epoch_ms
from bot.configuration import load_configuration
from bot.domain.site import SiteConfig
from bot.fault import ConfigFaults
from bot.redact import configure_logging
from bot.settings import Settings, load_settings, read_environment
from storage.database import Database, OutdatedSchema, open_database
from storage.store import SqlStore
from storage.wake import LocalWake

BAD = 2


def complain(*lines: str) -> int:
    """Tell what is wrong; the exit code for bad usage or configuration."""
    for line in lines:
        print(line, file=sys.stderr)
    return BAD


def configured(then: Callable[[Settings, SiteConfig], int]) -> int:
    """Read settings and site file, set up logging, and go on; every fault is printed."""
    try:
        settings, config = load_configuration(read_environment())
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    configure_logging(settings.log_format, settings.log_level)
    return then(settings, config)


def with_settings(then: Callable[[Settings], int]) -> int:
    """The same for commands that need no site file."""
    try:
        settings = load_settings(read_environment())
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    configure_logging(settings.log_format, settings.log_level)
    return then(settings)


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[Database]:
    """The database; beside a running instance both work on it."""
    async with open_database(settings.database.reveal()) as database:
        yield database


def on_database(settings: Settings, act: Callable[[Database], Awaitable[int]]) -> int:
    """Open the database, act, close; a database that cannot be used is told in a line."""

    async def opened() -> int:
        async with database_of(settings) as database:
            return await act(database)

    try:
        return asyncio.run(opened())
    except OutdatedSchema as error:
        return complain(f"{error}; run: loudhailer migrate")
    except OSError as error:
        return complain(f"the database cannot be opened: {error}")


def store_of(database: Database) -> SqlStore:
    """The store over an open database."""
    return SqlStore(database, LocalWake())


now = epoch_ms
