"""Receivers of webhooks: whether they answer a signed ping, which means nothing else to them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clock import epoch_ms
from bot.domain.error import BadInput
from bot.domain.message import ChatRef
from bot.domain.people import Chat
from bot.settings import Settings


async def faults_of(settings: Settings, chat: Chat, language: str) -> Sequence[str]:
    """What the receiver says, in words; nothing where it took the ping."""
    from bot.channels.webhook import WebhookChannel

    try:
        channel = WebhookChannel([chat], epoch_ms, lambda sha256: sha256, settings.proxy)
    except BadInput as error:
        return (str(error),)
    try:
        health = await channel.check([ChatRef(chat.channel, chat.id)], language)
    finally:
        await channel.close()
    return health.faults
