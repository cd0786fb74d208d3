"""`member deactivate`: end all that a member may do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.commands.common import complain, configured, on_database, store_of, time_of
from bot.domain.site import SiteConfig
from bot.settings import Settings
from bot.texts.terminal import told

if TYPE_CHECKING:
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Deactivate the member; a running instance knows within seconds."""
    return configured(lambda settings, config: _deactivate(args.id, settings, config))


def _deactivate(member: str, settings: Settings, config: SiteConfig) -> int:
    if config.member(member) is None:
        return complain(told("member.unknown", config.language, name=repr(member)))

    async def act(database: Database) -> int:
        from bot.casework.people import DEACTIVATED
        from storage.access import SqlAccess

        now = await time_of(database)
        async with store_of(database).begin() as tx:
            await tx.learn(DEACTIVATED, member, {"at": now})
        await SqlAccess(database).shut_out(member, now)
        print(told("member.out", config.language, name=member))
        return 0

    return on_database(settings, act)
