"""`audit verify|export`: the evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.common import complain, on_database, store_of, time_of, with_settings
from bot.configuration import site_language
from bot.settings import Settings
from bot.texts.reasons import reason_in
from bot.texts.terminal import told

if TYPE_CHECKING:
    from storage.audit import Fault
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    from storage.evidence import EvidenceFolder

    pictures, language = EvidenceFolder(settings.data_dir), site_language(settings.site_file)

    async def verify(database: Database) -> int:
        store = store_of(database)
        files = None if args.no_pictures else pictures
        chains, faults = await store.verify_audit(args.case, files, args.witness)
        if args.case is not None and not chains:
            return complain(told("audit.no_case", language, case=args.case))
        _tell(faults, language)
        gone = await store.erased_pictures(args.case)
        erased = told("audit.erased", language, count=gone) if gone else ""
        counts = {"chains": chains, "faults": len(faults), "erased": erased}
        print(told("audit.verified", language, **counts))
        if args.checkpoint and not faults:
            async with store.begin() as tx:
                taken = await tx.take_checkpoint(await time_of(database))
            known = taken or await store.latest_checkpoint()
            witness = known.witness if known else told("audit.nothing", language)
            print(told("audit.checkpoint", language, witness=witness))
        return 1 if faults else 0

    async def export(database: Database) -> int:
        from bot.export import export_case

        store = store_of(database)
        chains, faults = await store.verify_audit(args.case, pictures)
        if not chains:
            return complain(told("audit.no_case", language, case=args.case))
        found = [_told(fault, "en") for fault in faults]  # the zip is read by machines too
        await export_case(store, pictures, args.case, Path(args.out), found)
        _tell(faults, language)
        print(args.out)
        return 1 if faults else 0

    return on_database(settings, verify if args.action == "verify" else export)


def _tell(faults: Sequence[Fault], language: str) -> None:
    for fault in faults:
        print(_told(fault, language), file=sys.stderr)


def _told(fault: Fault, language: str) -> str:
    words = reason_in(fault.message, language)
    if not fault.case:
        return words
    return told("audit.fault", language, case=fault.case, n=fault.n, fault=words)
