"""Getting what came with a message from its platform, with patience."""

from __future__ import annotations

import asyncio
import logging

from bot.domain.error import RetryLater
from bot.domain.message import Media
from bot.ports import Channel

log = logging.getLogger(__name__)

_PAUSES = (0.3, 1.0)
"""Seconds before the second and the third try."""


async def fetched(channel: Channel, media: Media, limit: int) -> bytes:
    """The bytes, at most `limit` of them; raises `DeliveryError` when three tries were in vain."""
    for pause in _PAUSES:
        try:
            return await channel.fetch(media, limit)
        except RetryLater as error:
            log.info("what came with a message is fetched again: %s", error)
            await asyncio.sleep(pause)
    return await channel.fetch(media, limit)
