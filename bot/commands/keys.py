"""`key create|list|revoke`: keys of the HTTP API."""

from __future__ import annotations

import argparse

from bot.commands.common import complain, configured, now, on_database
from bot.domain.error import BadInput
from bot.domain.site import SiteConfig
from bot.settings import Settings
from storage.access import SqlAccess
from storage.database import Database


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    return configured(lambda settings, config: _act(args, settings, config))


def _act(args: argparse.Namespace, settings: Settings, config: SiteConfig) -> int:
    async def act(database: Database) -> int:
        access = SqlAccess(database)
        match args.action:
            case "create":
                return await _create(args, config, access)
            case "revoke":
                if not await access.revoke_key(args.name, now()):
                    return complain(f"there is no living key {args.name!r}")
                print(f"revoked {args.name}")
            case _:
                for key, used in await access.keys():
                    state = "revoked" if key.revoked_at else "living"
                    sites = ",".join(key.sites) or "all sites"
                    last = "never used" if used is None else f"last used {used}"
                    print(f"{key.name}\t{key.role}\t{sites}\t{state}\t{last}")
        return 0

    return on_database(settings, act)


async def _create(args: argparse.Namespace, config: SiteConfig, access: SqlAccess) -> int:
    sites = tuple(site.strip() for site in (args.sites or "").split(",") if site.strip())
    unknown = [site for site in sites if config.site(site) is None]
    if unknown:
        return complain(f"--sites: the site file has no {', '.join(unknown)}")
    if args.member and config.member(args.member) is None:
        return complain(f"--member: the site file has no {args.member}")
    if args.role == "operator" and not args.member:
        return complain("--member: an operator key acts for a member, name one")
    try:
        key, _ = await access.create_key(args.name, args.role, sites, args.member, now=now())
    except BadInput as error:
        return complain(str(error))
    print(f"key {args.name} ({args.role}), shown only now: {key}")
    return 0
