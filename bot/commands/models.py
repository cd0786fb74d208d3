"""`models list|pull|add`: the model store."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.commands.common import complain, with_settings
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
            for stored in models.list():
                print(stored)
    except UnknownModel as error:
        return complain(str(error))
    except ModelStoreError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
