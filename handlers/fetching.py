"""Getting what came with a message from its platform, with patience."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from bot.domain.error import RetryLater
from bot.domain.message import Media

log = logging.getLogger(__name__)

_PAUSES = (0.3, 1.0)
"""Seconds before the second and the third try."""


class Fetches(Protocol):
    """Where a message's files come from; every channel is one."""

    async def fetch(self, media: Media, limit: int) -> bytes: ...


async def fetched(channel: Fetches, media: Media, limit: int) -> bytes:
    """The bytes, at most `limit` of them; raises `DeliveryError` when three tries were in vain."""
    for pause in _PAUSES:
        try:
            return await channel.fetch(media, limit)
        except RetryLater as error:
            log.info("what came with a message is fetched again: %s", error)
            await asyncio.sleep(pause)
    return await channel.fetch(media, limit)
