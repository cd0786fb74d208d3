"""The HTTP side: reports and commands of programs, the page for people, what platforms post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from bot.assembly.delivery import Delivery
from bot.assembly.foundation import Foundation
from bot.assembly.outlets import Outlets
from bot.assembly.sight import Sight
from bot.casework import Casework, Intake
from bot.keys import HouseKeys
from bot.settings import Settings
from bot.watching.health import Health
from bot.watching.horns import Horns
from handlers.chat import ChatDesk
from handlers.console.context import ConsoleContext
from handlers.console.routes import console_routes
from handlers.console.speakerlinks import SpeakerLinks
from handlers.http.context import Context, Figures
from handlers.http.pictures import PictureLinks
from handlers.http.server import SetUp, Tls
from handlers.intercom import Intercom
from storage.clips import ClipFolder
from storage.figures import SqlFigures


def tls_of(settings: Settings) -> Tls | None:
    """The certificate to serve with, if there is one."""
    certificate, key = settings.tls_cert, settings.tls_key
    return Tls(certificate, key) if certificate and key else None


@dataclass(frozen=True)
class Doors:
    """What the server is built of."""

    http: Context
    speaker_links: SpeakerLinks
    routes: tuple[SetUp, ...]


def open_doors(
    base: Foundation,
    outlets: Outlets,
    delivery: Delivery,
    sight: Sight,
    intake: Intake,
    casework: Casework,
    horns: Horns,
    health: Health,
    links: PictureLinks,
    keys: HouseKeys,
    chat: ChatDesk,
) -> Doors:
    """Both contexts; nothing is served yet."""
    settings, config, core, eyes = base.settings, base.config, base.core, sight.eyes
    http = Context(
        config=config,
        store=base.store,
        intake=intake,
        casework=casework,
        desk=base.desk,
        pictures=base.pictures,
        links=links,
        access=base.access,
        figures=cast(Figures, SqlFigures(base.database)),
        eyes=eyes,
        clock=core.clock,
        member=core.people.active,
        push=eyes.push if sight.vision is not None else None,
        clips=ClipFolder(settings.data_dir / "clips"),
        intercom=Intercom(chat.take, outlets.uploads.keep_recording, base.store),
        ready=health.checks,
        registry=delivery.registry,
        public_url=settings.public_url,
        hosts=(settings.http_host, urlsplit(settings.telegram_webhook_url).hostname or ""),
    )
    speaker_links = SpeakerLinks(keys.speakers)
    page = ConsoleContext(
        config=config,
        desk=outlets.console,
        log=outlets.console_log,
        pictures=base.pictures,
        recordings=base.recordings,
        cases=base.store,
        facts=delivery.facts,
        cameras=eyes,
        clock=core.clock,
        speakers=outlets.hubs,
        speaker_links=speaker_links,
        horns=horns.views,
        speech=outlets.read_aloud,
    )
    return Doors(http, speaker_links, (console_routes(page), *outlets.routes))
