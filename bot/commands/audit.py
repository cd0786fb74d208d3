"""`audit verify|export`: the evidence."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.common import complain, on_database, store_of, with_settings
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    async def verify(database: Database) -> int:
        chains, faults = await store_of(database).verify_audit(args.case)
        if args.case is not None and not chains:
            return complain(f"there is no case {args.case}")
        for fault in faults:
            print(f"case {fault.case}, entry {fault.n}: {fault.message}", file=sys.stderr)
        print(f"{chains} chains verified, {len(faults)} faults")
        return 1 if faults else 0

    async def export(database: Database) -> int:
        from bot.export import export_case
        from storage.pictures import PictureFolder

        pictures = PictureFolder(settings.data_dir / "pictures")
        store = store_of(database)
        if not await export_case(store, pictures, args.case, Path(args.out)):
            return complain(f"there is no case {args.case}")
        print(args.out)
        return 0

    return on_database(settings, verify if args.action == "verify" else export)
