"""The cameras as the rest of the program sees them: their last seconds, and how they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.domain.error import BadInput, InputFault
from bot.domain.message import Picture
from bot.domain.report import Shot
from bot.ports import PictureStore
from bot.ports_console import CameraState, CameraView

if TYPE_CHECKING:
    from vision.status import CameraStatus
    from vision.watch import Vision

_STATES: Mapping[str, CameraState] = {
    "starting": "waiting",
    "live": "live",
    "stale": "failed",
    "ended": "ended",
    "failed": "failed",
}


class CameraEyes:
    """The cameras' last seconds, for reports, the console and `/snapshot`."""

    def __init__(self, vision: Vision | None, pictures: PictureStore) -> None:
        self._vision = vision
        self._pictures = pictures

    async def frame_near(self, camera: str, at: int) -> Shot | None:
        """See `bot.ports.Eyes`."""
        found = self._vision.frame_near(camera, at / 1000) if self._vision else None
        return Shot(Picture(found[0], "")) if found else None

    async def push(self, camera: str, jpeg: bytes, at: int) -> bool:
        """A frame for a `push` camera; False where it is not newer than the last.

        Raises LookupError where the camera takes none, `BadInput` for what is no picture.
        """
        from vision.errors import PictureError, SourceError

        assert self._vision is not None, "only offered where cameras are watched"
        try:
            return await self._vision.push(camera, jpeg, at / 1000)
        except SourceError as error:
            raise LookupError(camera) from error
        except PictureError as error:
            raise BadInput([InputFault("body", str(error))]) from error

    async def views(self, cameras: Sequence[str]) -> list[CameraView]:
        """See `bot.ports_console.CameraWall`."""
        return [self.view(camera) for camera in cameras]

    def view(self, camera: str) -> CameraView:
        """How one camera does: the one truth for pages, chats and figures."""
        status = self._status(camera)
        if self._vision is None or status is None:
            return CameraView(camera, "off")
        newest = self._vision.snapshot(camera)
        state = _STATES[status.state]
        return CameraView(
            id=camera,
            state="slow" if state == "live" and status.shortage else state,
            at=round(newest[1] * 1000) if newest else None,
            detail=status.reason or "",
            looks_per_second=status.looks_per_second,
        )

    def _status(self, camera: str) -> CameraStatus | None:
        known = self._vision.status() if self._vision else []
        return next((status for status in known if status.camera == camera), None)

    async def picture(self, camera: str) -> tuple[bytes, int] | None:
        """See `bot.ports_console.CameraWall`."""
        newest = self._vision.snapshot(camera) if self._vision else None
        return (newest[0], round(newest[1] * 1000)) if newest else None

    async def snap(self, camera: str, clear: bool) -> tuple[str, int] | None:
        """The camera's newest picture, kept: its SHA-256, and when it was taken (ms).

        Unless it is to be `clear`, faces are blurred; where that fails there is none.
        """
        newest = await self.picture(camera)
        if newest is None or self._vision is None:
            return None
        jpeg, at = newest
        shown = jpeg if clear else await self._vision.blurred(camera, jpeg)
        return await self._pictures.put(shown), at
