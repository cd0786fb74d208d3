"""The ways out: chats, webhooks, second paths, speakers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from bot.assembly.foundation import Foundation
from bot.assembly.voices import SPEECH, GoodVoice, good_voice, sentences
from bot.channels.actuators import open_actuators
from bot.channels.alerts import open_alerts
from bot.channels.console import ConsoleChannel
from bot.channels.telegram import (
    SECRET_HEADER,
    SEND_S,
    SEND_THIN_S,
    TelegramOptions,
    telegram_soon,
)
from bot.channels.uploads import Uploads
from bot.channels.webhook import WebhookChannel
from bot.domain.hazard import Severity
from bot.domain.message import INTERCOM
from bot.domain.secret import Secret
from bot.domain.site import Line
from bot.hearing import Engine, ModelTranscriber
from bot.ports import AlertPath, Channel, NoTranscriber
from bot.ports_console import SpeakerHub
from bot.speaking import NoAnnouncer, ReadAloud, SafeRecordingDesk, VoiceAnnouncer, speaker_specs
from bot.watching.lights import WatchedActuator, not_working
from bot.watching.paths import WatchedAnnouncer, WatchedChannel, watched_channel
from handlers.console.context import Speech, silent
from handlers.http.pictures import PictureLinks
from handlers.http.server import SetUp
from handlers.http.updates import UpdateDoor
from handlers.voicenotes import VoiceNotes
from storage.console import SqlConsoleLog

_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Outlets:
    """`begin` opens what opens slowly, once all else stands; to `routes` platforms post;
    `prepare` has sentences made ahead, for ever."""

    console: ConsoleChannel
    console_log: SqlConsoleLog
    uploads: Uploads
    channels: Mapping[str, WatchedChannel]
    alerts: Mapping[str, AlertPath]
    announcer: WatchedAnnouncer
    actuators: Mapping[str, WatchedActuator]
    voices: VoiceNotes
    ears: ModelTranscriber | NoTranscriber
    silent: Callable[[], Awaitable[Mapping[str, str]]]
    dark: Callable[[Collection[str]], Awaitable[Collection[str]]]
    hubs: Mapping[str, SpeakerHub]
    begin: Callable[[], None]
    routes: tuple[SetUp, ...]
    prepare: Callable[[], Awaitable[None]] | None
    read_aloud: Speech


async def open_outlets(base: Foundation, links: PictureLinks) -> Outlets:
    """Open them all; raises `BadInput` for a token that cannot work, `VoiceFault` for a voice."""
    announcer, hubs, prepare, read_aloud = await _announcer(base)
    log = SqlConsoleLog(base.database)
    recordings = await _recording_desk(base)
    uploads = Uploads(base.pictures, base.desk, base.recordings, recordings)
    console = ConsoleChannel(log, uploads, base.core.clock)
    base.stack.push_async_callback(console.close)
    opened: dict[str, Channel] = {"console": console}
    routes: list[SetUp] = []
    begin = _nothing
    if base.settings.telegram_token is not None:
        begin = await _telegram(base, base.settings.telegram_token, opened, routes)
    _webhooks(base, links, opened)
    alerts = await open_alerts(base.config.alerts, base.settings.proxy)
    for path in alerts.values():
        base.stack.push_async_callback(path.close)
    clock = base.core.clock
    actuators = {
        id: WatchedActuator(id, one, clock)
        for id, one in open_actuators(base.config.actuators).items()
    }
    for one in actuators.values():
        base.stack.push_async_callback(one.close)
    watched = {name: watched_channel(one, clock) for name, one in opened.items()}
    return Outlets(
        console=console,
        console_log=log,
        uploads=uploads,
        channels=watched,
        alerts=alerts,
        announcer=WatchedAnnouncer(announcer, clock),
        actuators=actuators,
        voices=VoiceNotes({**watched, INTERCOM: uploads}, recordings, base.recordings),
        ears=_ears(base),
        silent=announcer.silent,
        dark=partial(not_working, actuators),
        hubs=hubs,
        begin=begin,
        routes=tuple(routes),
        prepare=prepare,
        read_aloud=read_aloud,
    )


def _nothing() -> None:
    """There is nothing that opens slowly."""


async def _telegram(
    base: Foundation, token: Secret, opened: dict[str, Channel], routes: list[SetUp]
) -> Callable[[], None]:
    settings, thin = base.settings, base.config.uplink is Line.THIN
    options = TelegramOptions(
        token=token,
        api=settings.telegram_api,
        proxy=settings.proxy,
        webhook_url=settings.telegram_webhook_url,
        send_timeout=SEND_THIN_S if thin else SEND_S,
        compact=thin,
    )
    opened["telegram"] = telegram = await telegram_soon(options)
    base.stack.push_async_callback(telegram.close)
    if options.webhook_url:
        door = UpdateDoor(options.hook_path, SECRET_HEADER, options.hook_secret, telegram.push)
        routes.append(door.set_up)
    return telegram.begin


def _webhooks(base: Foundation, links: PictureLinks, opened: dict[str, Channel]) -> None:
    chats = [chat for chat in base.config.every_chat if chat.channel == "webhook"]
    if not chats:
        return
    clock = base.core.clock

    def link(sha256: str) -> str:
        return links.url(sha256, clock())

    opened["webhook"] = channel = WebhookChannel(chats, clock, link, base.settings.proxy)
    base.stack.push_async_callback(channel.close)


async def _announcer(
    base: Foundation,
) -> tuple[
    VoiceAnnouncer | NoAnnouncer,
    Mapping[str, SpeakerHub],
    Callable[[], Awaitable[None]] | None,
    Speech,
]:
    if not base.config.speakers:
        return NoAnnouncer(), {}, None, silent
    from voice.announcer import open_announcer
    from voice.speakers.browser import BrowserSpeaker

    better = await asyncio.to_thread(good_voice, base.models)
    opened = open_announcer(
        speaker_specs(base.config),
        data_dir=base.settings.data_dir,
        better=better,
        clock=lambda: base.clock() / 1000,
    )
    announcer = await base.stack.enter_async_context(opened)
    for speaker, at, lane in await base.store.said_since(base.clock() - _HOUR_MS):
        urgent = lane == Severity.EMERGENCY.word
        announcer.remember(speaker, at / 1000, Severity.EMERGENCY if urgent else Severity.GENERAL)
    hubs = {
        id: cast(SpeakerHub, speaker)
        for id, speaker in announcer.speakers.items()
        if isinstance(speaker, BrowserSpeaker)
    }
    may_be_said = sentences(base.config, base.core.responses)
    folder = base.settings.data_dir / SPEECH
    prepare = GoodVoice(base.models, announcer.speech, folder, may_be_said).run
    said = VoiceAnnouncer(announcer, base.config.speakers, base.recordings)
    return said, hubs, prepare, ReadAloud(announcer.speech).wav


async def _recording_desk(base: Foundation) -> SafeRecordingDesk:
    from voice.recordings import RecordingDesk

    desk = RecordingDesk()
    base.stack.push_async_callback(desk.close)
    if base.config.speakers or base.settings.hearing != "off":
        await desk.start()
    return SafeRecordingDesk(desk)


def _ears(base: Foundation) -> ModelTranscriber | NoTranscriber:
    """What understands voice notes; its process starts when all else stands."""
    if base.settings.hearing == "off":
        return NoTranscriber()
    ears = ModelTranscriber(base.models, cast(Engine, base.settings.hearing))
    base.stack.push_async_callback(ears.close)
    base.supervisor.start("ears", ears.keep_ready)
    return ears
