"""What people upload to pages of ours, and what is shown there: decoded safely, kept by content."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.error import Rejected
from bot.domain.message import Media, Picture
from bot.ports import PictureDesk, PictureStore, RecordingDesk, RecordingStore
from bot.ports_console import ConsolePicture, ConsoleRecording

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Uploads:
    """The desks that decode foreign bytes, and the stores that keep what became of them."""

    pictures: PictureStore
    picture_desk: PictureDesk
    recordings: RecordingStore
    recording_desk: RecordingDesk

    async def keep_photo(self, data: bytes) -> ConsolePicture:
        """An uploaded picture as a clean JPEG; raises `BadInput`."""
        return await self._kept(await self.picture_desk.sanitise(data))

    async def keep_recording(self, data: bytes) -> ConsoleRecording:
        """What a person said as a WAV file; raises `Refused`."""
        recording = await self.recording_desk.decode(data)
        return ConsoleRecording(await self.recordings.put(recording.wav), recording.seconds)

    async def kept_if_possible(self, picture: Picture | None) -> ConsolePicture | None:
        """The picture in the store; a store that is down costs the picture, never the alarm."""
        if picture is None:
            return None
        try:
            return await self._kept(picture)
        except OSError as fault:
            log.warning("a post goes without its picture, which cannot be kept: %s", fault)
            return None

    async def fetch(self, media: Media, limit: int) -> bytes:
        """What was uploaded, as it was kept; raises `Rejected` where it is not (any more)."""
        store = self.pictures if media.kind == "photo" else self.recordings
        data = await store.get(media.ref)
        if data is None:
            raise Rejected(f"there is no upload {media.ref}")
        if len(data) > limit:
            raise Rejected(f"the upload has {len(data)} bytes, over the limit of {limit}")
        return data

    async def _kept(self, picture: Picture) -> ConsolePicture:
        sha256 = await self.pictures.put(picture.jpeg)
        return ConsolePicture(sha256, picture.width, picture.height)
