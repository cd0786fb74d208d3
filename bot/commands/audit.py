"""`audit verify|export`: the evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.common import complain, now, on_database, store_of, with_settings
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.audit import Fault
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    from storage.evidence import EvidenceFolder

    pictures = EvidenceFolder(settings.data_dir)

    async def verify(database: Database) -> int:
        store = store_of(database)
        files = None if args.no_pictures else pictures
        chains, faults = await store.verify_audit(args.case, files, args.witness)
        if args.case is not None and not chains:
            return complain(f"there is no case {args.case}")
        _tell(faults)
        gone = await store.erased_pictures(args.case)
        by_rule = f", {gone} pictures erased by rule" if gone else ""
        print(f"{chains} chains verified, {len(faults)} faults{by_rule}")
        if args.checkpoint and not faults:
            async with store.begin() as tx:
                taken = await tx.take_checkpoint(now())
            known = taken or await store.latest_checkpoint()
            print(f"checkpoint: {known.witness if known else 'there is nothing to seal'}")
        return 1 if faults else 0

    async def export(database: Database) -> int:
        from bot.export import export_case

        store = store_of(database)
        chains, faults = await store.verify_audit(args.case, pictures)
        if not chains:
            return complain(f"there is no case {args.case}")
        await export_case(store, pictures, args.case, Path(args.out), [*map(_told, faults)])
        _tell(faults)
        print(args.out)
        return 1 if faults else 0

    return on_database(settings, verify if args.action == "verify" else export)


def _tell(faults: Sequence[Fault]) -> None:
    for fault in faults:
        print(_told(fault), file=sys.stderr)


def _told(fault: Fault) -> str:
    return f"case {fault.case}, entry {fault.n}: {fault.message}" if fault.case else fault.message
