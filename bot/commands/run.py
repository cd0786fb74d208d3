"""`run`: the service, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal

from bot.commands.common import complain, configured
from bot.domain.role import Role
from bot.domain.site import SiteConfig
from bot.settings import Settings
from storage.database import OutdatedSchema
from storage.models import ModelStoreError


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    return configured(lambda settings, config: start(settings, config, args.role))


def start(settings: Settings, config: SiteConfig, role: str) -> int:
    """Run the service with this configuration."""
    try:
        asyncio.run(_serve(settings, config, role))
    except OutdatedSchema as error:
        return complain(f"{error}; run: loudhailer migrate")
    except ModelStoreError as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"cannot start: {error}")
    return 0


async def _serve(settings: Settings, config: SiteConfig, role: str) -> None:
    from bot.service import open_service

    stop = stop_event()
    async with open_service(settings, config, role=role) as service:
        print(f"Loudhailer 喊话器: {service.url}", flush=True)
        first = first_member(config)
        if first is not None:
            link = await service.login_link(first)
            name = config.member(first)
            print(f"Console for {name.name if name else first} (once): {link}", flush=True)
        for speaker in config.speakers:
            if speaker.url.reveal().startswith("browser:"):
                path = service.speaker_links.path(speaker.id)
                print(f"Speaker {speaker.id}: {service.url}{path}", flush=True)
        await stop.wait()


def stop_event() -> asyncio.Event:
    """Set by SIGTERM and SIGINT; a second signal ends the program the hard way."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask, number)
    return stop


def first_member(config: SiteConfig) -> str | None:
    """Who gets the printed console link: the first admin, else the most senior member."""
    order = list(Role)
    members = sorted(config.members, key=lambda member: -order.index(member.role))
    return members[0].id if members else None
