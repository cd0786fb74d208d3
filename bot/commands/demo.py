"""`demo`: the whole path on real pictures, with no token and no configuration.

Fetches the model and sample pictures, draws a danger zone, and shows in the console: a card with a
box round a real person, a spoken warning, a case that stays open until somebody acts on it, and
people to escalate it to.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot import eventloop
from bot.commands.common import with_settings
from bot.commands.run import stop_event
from bot.domain.people import Party
from bot.domain.response import Override, SpeakOverride
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.site import Camera, Chat, Member, Site, SiteConfig, Speaker, Zone
from bot.ports import CaseFilter, Store
from bot.redact import configure_logging
from bot.settings import Settings, has_screen
from bot.texts.demo import DEMO
from storage.models import ModelStore, bar

_LINK_LIFE_MS = 24 * 3600 * 1000
_WHOLE = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C, or for `--seconds`."""
    return with_settings(lambda settings: _run(args, settings), args.language)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    configure_logging(settings.log_format, "warning")
    if args.source is not None:
        from vision.sources import open_source

        open_source(args.source, "demo").close()  # raises for what there is not
    settings = of_its_own(settings)
    config = demo_config(args.source, args.language, settings)
    eventloop.run(_show(settings, config, args))
    return 0


def of_its_own(settings: Settings) -> Settings:
    """A data folder beside the real one; nobody's chats, database or monitor are touched."""
    return replace(
        settings,
        data_dir=settings.data_dir / "demo",
        database_url=Secret(""),
        redis_url=None,
        telegram_token=None,
        heartbeat_url=None,
    )


def demo_config(source: str | None, language: str, settings: Settings) -> SiteConfig:
    """A site of one's own: a camera over a street, a danger zone, a chat, a horn, a person."""
    words = {name: pair.in_language(language) for name, pair in DEMO.items()}
    models = ModelStore(settings.data_dir.parent / "models")
    tell = bar(sys.stderr)
    models.pull("person-fall", tell)
    return SiteConfig(
        language=language,
        sites=(_site(words),),
        cameras=_cameras(source, words, models),
        speakers=(
            Speaker(
                id="horn",
                site="demo",
                name=words["horn"],
                url=Secret("browser:horn", listed=False),
                language=language,
                at_most_per_hour=0,
            ),
        ),
        chats=(Chat(key="console:main", channel="console", id="main", language=language),),
        members=(
            Member(id="you", name=words["you"], role=Role.SUPERVISOR),
            Member(id="lead", name=words["lead"], role=Role.SITE_LEAD),
            Member(id="head", name=words["head"], role=Role.SUPERVISOR),
        ),
        parties=(Party(id="builder", name=words["builder"]),),
    )


def _site(words: Mapping[str, str]) -> Site:
    return Site(id="demo", name=words["site"], responsible_party="builder", responses=_unhurried())


def _unhurried() -> Mapping[str, Override]:
    """Answers that fit a visit of minutes: nothing else differs from a real site.

    Somebody walks through the street's zone every half minute. The case must neither close itself
    before the reader has found it, nor be followed by a new one at every passer-by.
    """
    return {
        "zone_intrusion": Override(
            self_close_after=timedelta(minutes=10),
            cooldown=timedelta(seconds=10),
            speak=SpeakOverride(repeat=4, every=timedelta(seconds=8)),
        )
    }


def _cameras(
    source: str | None, words: Mapping[str, str], models: ModelStore
) -> tuple[Camera, ...]:
    if source is not None:
        return (_camera("demo", words["own"], source, words["whole"], _WHOLE),)
    from vision.sources.pan import ZONE

    tell = bar(sys.stderr)
    street = models.pull("sample-street", tell)
    return (_camera("street", words["street"], f"pan:{street}", words["zone"], ZONE),)


def _camera(
    id: str, name: str, source: str, zone: str, polygon: tuple[tuple[float, float], ...]
) -> Camera:
    danger = Zone(id="danger", name=zone, polygon=polygon, dwell=timedelta(seconds=1))
    return Camera(
        id=id,
        site="demo",
        name=name,
        source=Secret(source, listed=False),
        models=("person-fall",),
        loop=True,
        zones=(danger,),
    )


async def _case_to_come(store: Store) -> int:
    """The number of the case that the reader will act on: one still open, or the next."""
    newest = next(iter(await store.list_cases(CaseFilter(limit=1))), None)
    if newest is None:
        return 1
    return newest.number if newest.live else newest.number + 1


async def _show(settings: Settings, config: SiteConfig, args: argparse.Namespace) -> None:
    from bot.service import open_service

    words = {name: pair.in_language(args.language) for name, pair in DEMO.items()}
    stop = stop_event()
    models = settings.data_dir.parent / "models"
    async with open_service(settings, config, models=models) as service:
        link = await service.login_link("you", _LINK_LIFE_MS)
        print(words["open"].format(link=link), flush=True)
        print(words["try"].format(case=await _case_to_come(service.core.store)), flush=True)
        if not args.no_browser and has_screen():
            await asyncio.to_thread(webbrowser.open, link)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(args.seconds):
                await stop.wait()
