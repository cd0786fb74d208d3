"""`key create|list|revoke`: keys of the HTTP API."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from bot.commands.common import complain, configured, on_database, time_of
from bot.commands.tables import local_time, print_table
from bot.domain.site import SiteConfig
from bot.settings import Settings
from bot.texts.terminal import told

if TYPE_CHECKING:
    from storage.access import SqlAccess
    from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return configured(lambda settings, config: _act(args, settings, config))


def _act(args: argparse.Namespace, settings: Settings, config: SiteConfig) -> int:
    async def act(database: Database) -> int:
        from storage.access import SqlAccess

        access, now = SqlAccess(database), await time_of(database)
        match args.action:
            case "create":
                return await _create(args, config, access, now)
            case "revoke":
                return await _revoke(args.name or args.option, config.language, access, now)
            case _:
                return await _list(config.language, access)

    return on_database(settings, act)


async def _revoke(name: str, language: str, access: SqlAccess, now: int) -> int:
    if not await access.revoke_key(name, now):
        return complain(told("key.unknown", language, name=repr(name)))
    print(told("key.revoked", language, name=name))
    return 0


async def _list(language: str, access: SqlAccess) -> int:
    rows = [
        (
            key.name,
            key.role,
            ",".join(key.sites) or told("key.all_sites", language),
            key.member or "-",
            told("key.dead" if key.revoked_at else "key.living", language),
            told("key.never", language) if used is None else local_time(used),
        )
        for key, used in await access.keys()
    ]
    print_table(told("key.head", language).split("|"), rows)
    return 0


async def _create(args: argparse.Namespace, config: SiteConfig, access: SqlAccess, now: int) -> int:
    language = config.language
    sites = tuple(site.strip() for site in (args.sites or "").split(",") if site.strip())
    unknown = [site for site in sites if config.site(site) is None]
    if unknown or (args.sites is not None and not sites):  # "$UNSET" must not mean all of them
        return complain(told("option.site", language, what=", ".join(unknown) or repr(args.sites)))
    if args.member and config.member(args.member) is None:
        return complain(told("option.member", language, what=args.member))
    key, _ = await access.create_key(args.name, args.role, sites, args.member, now=now)
    if args.role == "operator" and not args.member:
        print(told("key.looks_only", language, name=args.name), file=sys.stderr)
    print(told("key.created", language, name=args.name, role=args.role, key=key))
    return 0
