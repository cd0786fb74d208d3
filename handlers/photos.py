"""The photos that come with people's words: fetched from the platform, made safe, kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.command import Command
from bot.domain.error import BadInput, DeliveryError, Unavailable
from bot.domain.message import Incoming, Media, Picture
from bot.ports import Channel, PictureDesk, PictureStore
from handlers.fetching import fetched

log = logging.getLogger(__name__)

_LIMIT = 20_000_000


class Photos:
    """Puts pictures into commands.  A command is not lost with a picture that cannot be had."""

    def __init__(
        self, channels: Mapping[str, Channel], desk: PictureDesk, pictures: PictureStore
    ) -> None:
        self._channels = channels
        self._desk = desk
        self._pictures = pictures

    async def with_pictures(self, incoming: Incoming, command: Command) -> Command:
        """The command with `pictures` (SHA-256), `shots`, and the number of `pictures_lost`."""
        photos = [media for media in incoming.media if media.kind in ("photo", "document")]
        if not photos:
            return command
        tried = [await self._fetch(incoming.channel, media) for media in photos]
        found = [picture for picture in tried if picture]
        args = {
            "pictures": [picture.sha256 for picture in found],
            "shots": found,
            "pictures_lost": len(photos) - len(found),
        }
        return replace(command, args={**command.args, **args})

    async def _fetch(self, channel: str, media: Media) -> Picture | None:
        try:
            data = await fetched(self._channels[channel], media, _LIMIT)
            picture = await self._desk.sanitise(data)
            return Picture(picture.jpeg, await self._pictures.put(picture.jpeg))
        except (DeliveryError, BadInput, Unavailable, OSError) as error:
            log.warning("a photo could not be had: %s", error)
            return None
