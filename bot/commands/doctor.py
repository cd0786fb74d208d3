"""`doctor`: probe everything; a line each, and with every fault what to do about it."""

from __future__ import annotations

import argparse
import logging

from bot import eventloop
from bot.commands.common import configured
from bot.domain.site import SiteConfig
from bot.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Print the findings; 1 where anything is at fault."""
    return configured(lambda settings, config: _examine(settings, config, not args.no_canary))


def _examine(settings: Settings, config: SiteConfig, flies: bool) -> int:
    from bot.doctor import examine

    # The lines tell what is wrong; what the parts log about it is for `debug`.
    if settings.log_level != "debug":
        logging.disable(logging.CRITICAL)
    findings = eventloop.run(examine(settings, config, flies=flies))
    for finding in findings:
        print(finding.line(config.language))
    return 0 if all(finding.ok for finding in findings) else 1
