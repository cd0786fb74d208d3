"""`link create`: invite codes for chats, single-use links to the console."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.address import url_at
from bot.commands.common import complain, configured, on_database, time_of
from bot.domain.site import SiteConfig
from bot.settings import Settings
from bot.texts.terminal import told

if TYPE_CHECKING:
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Print the code or the link."""
    return configured(lambda settings, config: _create(args, settings, config))


def _create(args: argparse.Namespace, settings: Settings, config: SiteConfig) -> int:
    if config.member(args.member) is None:
        return complain(told("option.member", config.language, what=args.member))

    async def act(database: Database) -> int:
        from storage.access import SqlAccess

        access, now = SqlAccess(database), await time_of(database)
        if args.console:
            token = await access.create_login_link(args.member, now=now)
            print(f"{url_at(settings, settings.http_port)}/login?token={token}")
        else:
            code = await access.create_invite(args.member, now=now)
            print(f"/link {code}")
        return 0

    return on_database(settings, act)
