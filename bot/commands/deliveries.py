"""`deliveries list|retry`: dead letters and what waits."""

from __future__ import annotations

import argparse

from bot.commands.common import now, on_database, store_of, with_settings
from bot.settings import Settings
from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    async def act(database: Database) -> int:
        store = store_of(database)
        if args.action == "retry":
            print(f"{await store.revive(args.id, now())} will be tried again")
            return 0
        for row in await store.undelivered():
            why = (row.outcome or {}).get("why", "")
            case = f"#{row.case}" if row.case else "-"
            print(f"{row.id}\t{row.state}\t{row.kind}\t{row.target}\t{case}\t{why}")
        return 0

    return on_database(settings, act)
