"""`check`: validate settings and site file as a whole."""

from __future__ import annotations

import argparse

from bot.commands.common import complain
from bot.configuration import load_configuration
from bot.fault import ConfigFaults
from bot.notyet import not_yet
from bot.settings import read_environment


def run(args: argparse.Namespace) -> int:
    """Print every fault with file, line and value; what is sound and does nothing yet, too."""
    try:
        _, config = load_configuration(read_environment())
    except ConfigFaults as error:
        return complain(*(str(fault) for fault in error.faults))
    for warning in not_yet(config):
        print(warning)
    print("OK")
    return 0
