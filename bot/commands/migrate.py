"""`migrate`: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from bot.commands.common import with_settings
from bot.configuration import site_language
from bot.settings import Settings
from bot.texts.terminal import told


def run(args: argparse.Namespace) -> int:
    """Apply what is missing."""
    return with_settings(_migrate)


def _migrate(settings: Settings) -> int:
    from storage.database import open_database

    async def apply() -> None:
        async with open_database(settings.database.reveal(), migrate=True):
            pass

    asyncio.run(apply())
    print(told("migrate.done", site_language(settings.site_file)))
    return 0
