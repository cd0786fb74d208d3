"""`run`: the service, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal

from bot import eventloop
from bot.cautions import not_yet
from bot.commands.common import complain, configured
from bot.commands.lookers import fetch_models
from bot.domain.role import Role
from bot.domain.site import SiteConfig
from bot.settings import PREFIX, Settings, service_manager
from bot.systemd import Manager
from bot.texts.terminal import told

log = logging.getLogger(__name__)

CUT_AFTER_S = 25.0
"""The stages of a stop have limits of their own, together some 15 s; this is for what hangs."""
CUT_OFF = 1


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    return configured(lambda settings, config: start(settings, config, args.role))


def start(settings: Settings, config: SiteConfig, role: str) -> int:
    """Run the service with this configuration; models that it lacks are fetched first."""
    refusal = role_refused(role, settings, config.language)
    if refusal:
        return complain(refusal)
    for warning in not_yet(config):
        print(warning, flush=True)
    if role == "all":
        fetch_models(settings, config)
    eventloop.run(_serve(settings, config, role))
    return 0


def role_refused(role: str, settings: Settings, language: str) -> str | None:
    """Why this role cannot be run here; None where it can."""
    from storage.database import is_sqlite

    if role == "vision":
        return told("run.no_vision", language)
    if role != "all" and is_sqlite(settings.database.reveal()):
        return told("run.needs_postgres", language, role=role, setting=f"{PREFIX}DATABASE_URL")
    return None


async def _serve(settings: Settings, config: SiteConfig, role: str) -> None:
    from bot.service import open_service

    stop = stop_event()
    manager = Manager(*service_manager())
    async with manager.watching(), open_service(settings, config, role=role) as service:
        print(f"Loudhailer 喊话器: {service.url}", flush=True)
        first = first_member(config)
        if first is not None:
            link = await service.login_link(first)
            name = config.member(first)
            shown = name.name if name else first
            print(told("run.console", config.language, name=shown, link=link), flush=True)
        for speaker in config.speakers:
            if speaker.url.reveal().startswith("browser:"):
                path = service.speaker_links.path(speaker.id)
                link = f"{service.url}{path}"
                line = told("run.speaker", config.language, speaker=speaker.id, link=link)
                print(line, flush=True)
        manager.tell("READY=1", f"STATUS=Serving at {service.url}")
        await stop.wait()
        manager.tell("STOPPING=1", "STATUS=Letting what is under way end")
        asyncio.get_running_loop().call_later(CUT_AFTER_S, _cut)


def _cut() -> None:
    """What has not ended by now never will; what was being sent is found again at the start."""
    log.critical("not stopped within %g s: cut off", CUT_AFTER_S)
    logging.shutdown()
    os._exit(CUT_OFF)


def stop_event() -> asyncio.Event:
    """Set by SIGTERM and SIGINT; a second signal of either kind ends the program at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def ask() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in numbers:
        loop.add_signal_handler(number, ask)
    return stop


def first_member(config: SiteConfig) -> str | None:
    """Who gets the printed console link: the first admin, else the most senior member."""
    order = list(Role)
    members = sorted(config.members, key=lambda member: -order.index(member.role))
    return members[0].id if members else None
