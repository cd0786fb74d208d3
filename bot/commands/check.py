"""`check`: validate settings and site file as a whole."""

from __future__ import annotations

import argparse
from typing import cast

from bot.cautions import nobody_called, not_yet
from bot.commands.common import complain
from bot.commands.lookers import unknown_models
from bot.configuration import load_configuration
from bot.fault import ConfigFaults
from bot.settings import Settings, read_environment
from bot.texts.terminal import told


def run(args: argparse.Namespace) -> int:
    """Print every fault with file, line and value; what is sound and does nothing yet, too."""
    try:
        settings, config = load_configuration(read_environment())
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    if unknown := list(unknown_models(settings, config)):
        return complain(*(str(fault) for fault in unknown))
    for warning in (*not_yet(config), *nobody_called(config)):
        print(warning)
    if settings.telegram_token is not None and (wanted := _deaf(settings)):
        print(told("check.deaf", config.language, text=wanted))
    print("OK")
    return 0


def _deaf(settings: Settings) -> str:
    """The command without which voice notes are not understood; "" where none is needed."""
    from bot.hearing import Engine, wanting

    if settings.hearing == "off":
        return ""
    return wanting(settings.models_dir, cast(Engine, settings.hearing))
