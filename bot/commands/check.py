"""`check`: validate settings and site file as a whole."""

from __future__ import annotations

import argparse

from bot.commands.common import complain
from bot.configuration import check
from bot.settings import read_environment


def run(args: argparse.Namespace) -> int:
    """Print every fault with file, line and value."""
    faults = check(read_environment())
    if faults:
        return complain(*faults)
    print("OK")
    return 0
