"""`migrate`: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from bot.commands.common import complain, with_settings
from bot.settings import Settings
from storage.database import open_database


def run(args: argparse.Namespace) -> int:
    """Apply what is missing."""
    return with_settings(_migrate)


def _migrate(settings: Settings) -> int:
    async def apply() -> None:
        async with open_database(settings.database.reveal(), migrate=True):
            pass

    try:
        asyncio.run(apply())
    except OSError as error:
        return complain(f"the database cannot be opened: {error}")
    print("The database is up to date.")
    return 0
