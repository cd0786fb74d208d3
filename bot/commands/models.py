"""`models list|pull|add`: the model store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bot.commands.common import BAD, complain, with_settings
from bot.commands.tables import print_table
from bot.configuration import site_language
from bot.settings import Settings
from bot.texts.reasons import reason_in
from bot.texts.terminal import told
from storage.models import ModelStore, ModelStoreError, Progress, UnknownModel, bar


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    models, language = ModelStore(settings.models_dir), site_language(settings.site_file)
    try:
        if args.action == "pull":
            print(models.pull(args.name, _bar(language)))
        elif args.action == "add":
            print(models.add(args.name, Path(args.file)))
        else:
            rows = [
                (s.name, str(s.path or "-"), s.licence, reason_in(s.notes, language))
                for s in models.list()
            ]
            print_table(told("models.head", language).split("|"), rows)
    except ModelStoreError as error:
        complain(reason_in(error, language))
        # What cannot be added was named wrongly; what cannot be pulled may come another time.
        return BAD if args.action == "add" or isinstance(error, UnknownModel) else 1
    return 0


def _bar(language: str) -> Callable[[Progress], None]:
    """The progress, its steps in the reader's language."""
    return bar(sys.stderr, lambda step: reason_in(step, language))
