"""The chats: whether the bot is known, is in its groups and hears what is said there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.casework.people import People
from bot.doctor import webhooks
from bot.doctor.finding import Finding, Probe
from bot.domain.error import BadInput
from bot.domain.message import ChatRef
from bot.domain.people import Chat, Notify
from bot.domain.site import SiteConfig
from bot.ports import Channel
from bot.settings import Settings

_HERE = ("console",)
"""Channels that need nothing from outside."""


async def probes(settings: Settings, config: SiteConfig) -> list[Probe]:
    """One for the bot, one for each chat, one for each person it writes to directly."""
    people = await _people(settings, config)
    chats = [*config.chats, *(party.chat for party in config.parties if party.chat)]
    found = [_of_chat(settings, config, people, chat) for chat in chats]
    if settings.telegram_token is None:
        return found
    bot = Probe("bot", "", partial(_bot, settings, config.language))
    return [bot, *found, *_of_members(settings, config, people)]


async def _people(settings: Settings, config: SiteConfig) -> People:
    """With what was learned of moved groups and linked accounts, as far as it can be read."""
    from storage.database import DatabaseUnusable, OutdatedSchema, open_database
    from storage.store import SqlStore
    from storage.wake import LocalWake

    people = People(config)
    try:
        async with open_database(settings.database.reveal()) as opened:
            await people.load(SqlStore(opened, LocalWake()))
    except (DatabaseUnusable, OutdatedSchema, OSError):
        pass  # the probe of the database tells it
    return people


def _of_chat(settings: Settings, config: SiteConfig, people: People, chat: Chat) -> Probe:
    look = partial(_chat, settings, config.language, chat, people.ref_of(chat))
    return Probe("chat", chat.key, look)


async def _chat(settings: Settings, language: str, chat: Chat, ref: ChatRef) -> Finding:
    if chat.channel in _HERE:
        return Finding("chat", chat.key, True, "chat.console")
    if chat.channel == "webhook":
        return _told(
            "chat", chat.key, await webhooks.faults_of(settings, chat, language), "chat.hook"
        )
    if settings.telegram_token is None:
        return Finding("chat", chat.key, False, "chat.no_token")
    faults, _ = await _ask(settings, [ref], language)
    return _told("chat", chat.key, faults, "chat.fine")


async def _bot(settings: Settings, language: str) -> Finding:
    faults, name = await _ask(settings, [], language)
    if faults:
        return Finding("bot", "", False, "bot.fault", {"reason": "; ".join(faults)})
    return Finding("bot", "", True, "bot.fine", {"name": name})


def _of_members(settings: Settings, config: SiteConfig, people: People) -> list[Probe]:
    """Those who want messages of their own and have an account."""
    direct = [m.id for m in config.members if m.notify is not Notify.GROUP]
    accounts = [(id, people.user_of(id, "telegram")) for id in direct]
    return [
        Probe("member", id, partial(_member, settings, config.language, id, user))
        for id, user in accounts
        if user
    ]


async def _member(settings: Settings, language: str, member: str, user: str) -> Finding:
    faults, _ = await _ask(settings, [ChatRef("telegram", user, private=True)], language)
    return _told("member", member, faults, "chat.direct")


def _told(part: str, subject: str, faults: Sequence[str], fine: str) -> Finding:
    if not faults:
        return Finding(part, subject, True, fine)
    return Finding(part, subject, False, "chat.fault", {"reason": "; ".join(faults)})


async def _ask(
    settings: Settings, chats: Sequence[ChatRef], language: str
) -> tuple[Sequence[str], str]:
    """The channel's faults in words, and who the bot is."""
    from bot.channels.telegram import TelegramOptions, open_telegram

    assert settings.telegram_token is not None
    options = TelegramOptions(
        token=settings.telegram_token,
        api=settings.telegram_api,
        proxy=settings.proxy,
        webhook_url=settings.telegram_webhook_url,
    )
    try:
        channel: Channel = await open_telegram(options)
    except BadInput as error:
        return (str(error),), ""
    try:
        health = await channel.check(chats, language)
    finally:
        await channel.close()
    return health.faults, health.identity
