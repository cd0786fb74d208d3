"""`models list|pull|add`: the model store."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands.common import complain, with_settings
from bot.commands.tables import print_table
from bot.settings import Settings
from storage.models import ModelStore, ModelStoreError, UnknownModel, bar


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    models = ModelStore(settings.models_dir)
    try:
        if args.action == "pull":
            print(models.pull(args.name, bar(sys.stderr)))
        elif args.action == "add":
            print(models.add(args.name, Path(args.file)))
        else:
            rows = [(s.name, str(s.path or "-"), s.licence, s.notes) for s in models.list()]
            print_table(("NAME", "FILE", "LICENCE", "WHAT IT IS"), rows)
    except UnknownModel as error:
        return complain(str(error))
    except ModelStoreError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
