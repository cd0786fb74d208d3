"""`migrate`: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from bot.commands.common import with_settings
from bot.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Apply what is missing."""
    return with_settings(_migrate)


def _migrate(settings: Settings) -> int:
    from storage.database import open_database

    async def apply() -> None:
        async with open_database(settings.database.reveal(), migrate=True):
            pass

    asyncio.run(apply())
    print("The database is up to date.")
    return 0
