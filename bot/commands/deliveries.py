"""`deliveries list|retry`: dead letters and what waits."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.commands.common import now, on_database, store_of, with_settings
from bot.commands.tables import local_time, print_table
from bot.configuration import site_language
from bot.redact import redact
from bot.settings import Settings
from bot.texts.terminal import told

if TYPE_CHECKING:
    from bot.ports import OutboxRow
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    language = site_language(settings.site_file)

    async def act(database: Database) -> int:
        store = store_of(database)
        if args.action == "retry":
            count = await store.revive(args.id, now())
            print(told("deliveries.retry", language, count=count))
            return 0
        rows = [_cells(row) for row in await store.undelivered()]
        if rows:
            print_table(told("deliveries.head", language).split("|"), rows)
        else:
            print(told("deliveries.none", language))
        return 0

    return on_database(settings, act)


def _cells(row: OutboxRow) -> tuple[str, ...]:
    case = f"#{row.case}" if row.case else "-"
    why = redact(str((row.outcome or {}).get("why", "")))
    since = local_time(row.created_at)
    return (str(row.id), row.state, row.kind, row.target, case, since, str(row.attempts), why)
