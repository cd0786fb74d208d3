"""The chats: whether the bot is known, is in its groups and hears what is said there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.casework.people import UNKNOWN, People, what_was_learned
from bot.doctor import webhooks
from bot.doctor.finding import Finding, Probe
from bot.domain.error import BadInput
from bot.domain.message import ChatRef
from bot.domain.people import Chat, Notify
from bot.domain.site import SiteConfig
from bot.ports import Channel
from bot.settings import Settings
from bot.texts.fitting import one_line

_HERE = ("console",)
"""Channels that need nothing from outside."""


@dataclass(frozen=True)
class Learned:
    """What the program has learned, as far as it can be read: who is where, and unknown groups."""

    people: People
    unknown: Mapping[str, str]
    """Key of a group that the site file does not name -> its title."""


def probes(settings: Settings, config: SiteConfig, learned: Learned) -> list[Probe]:
    """One for the bot, one for each chat, one for each person it writes to directly."""
    people = learned.people
    chats = [*config.chats, *(party.chat for party in config.parties if party.chat)]
    found = [_of_chat(settings, config, people, chat) for chat in chats]
    found += [_of_unknown(key, title) for key, title in learned.unknown.items()]
    if settings.telegram_token is None:
        return found
    bot = Probe("bot", "", partial(_bot, settings, config.language))
    return [bot, *found, *_of_members(settings, config, people)]


async def learn(settings: Settings, config: SiteConfig) -> Learned:
    """Moved groups, linked accounts, groups in which somebody spoke to the bot."""
    from storage.database import DatabaseUnusable, OutdatedSchema, open_database
    from storage.store import SqlStore
    from storage.wake import LocalWake

    people, noted = People(config), dict[str, Mapping[str, Any]]()
    try:
        async with open_database(settings.database.reveal()) as opened:
            store = SqlStore(opened, LocalWake())
            people.know(await what_was_learned(store))
            noted = await store.all_learned(UNKNOWN)
    except (DatabaseUnusable, OutdatedSchema, OSError):
        pass  # the probe of the database tells it
    known = {f"{ref.channel}:{ref.id}" for ref in map(people.ref_of, config.every_chat)}
    unknown = {key: str(told["title"]) for key, told in noted.items() if key not in known}
    return Learned(people, unknown)


def _of_unknown(key: str, title: str) -> Probe:
    channel, _, id = key.partition(":")
    params = {"title": one_line(title), "channel": channel, "id": id}

    async def told() -> Finding:
        return Finding("chat", key, True, "chat.unknown", params, note=True)

    return Probe("chat", key, told)


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
