"""Recorded video: any file that FFmpeg reads, GIFs too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from vision.errors import SourceError
from vision.frame import Frame
from vision.sources.base import Rate

EARLY_S = 0.004  # a frame this little before its turn is taken: clocks of files are rounded


class VideoSource:
    """Decodes a file and hands out the frames that are wanted; time is start + media time.

    With `loop` the clock goes on: the second pass starts where the first one ended.
    """

    recorded: ClassVar[bool] = True

    def __init__(self, camera: str, path: Path, start: float | None, *, loop: bool = False) -> None:
        self._camera = camera
        self._path = path
        self._start = start
        self._loop = loop
        self._closed = False

    def frames(self, rate: Rate) -> Iterator[Frame]:
        """Frames at about the wanted rate; every frame is decoded, only these are converted."""
        due = offset = 0.0
        start = self._start
        while True:
            last, count = 0.0, 0
            for seconds, picture in self._decoded():
                last, count = seconds, count + 1
                if start is None:  # not before: to open it may take as long as a fall
                    start = time.time()
                if offset + seconds + EARLY_S < due:
                    continue
                due = max(due + 1 / rate(), offset + seconds)
                image = np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)
                yield Frame(self._camera, start + offset + seconds, image)
            if count == 0 and not self._closed:
                raise SourceError(str(self._path), "holds no picture")
            if not self._loop or self._closed:
                return
            offset += last + last / max(count - 1, 1)

    def close(self) -> None:
        """Stop at the next frame."""
        self._closed = True

    def _decoded(self) -> Iterator[tuple[float, Any]]:
        """Seconds since the first frame, and the decoded picture."""
        import av
        import av.error

        try:
            # `file:` and the whitelist keep playlists inside a file from reaching elsewhere
            with av.open(
                f"file:{self._path.resolve()}", options={"protocol_whitelist": "file"}
            ) as container:
                stream = container.streams.video[0]
                stream.thread_count = 1
                first: float | None = None
                for number, picture in enumerate(container.decode(stream)):
                    if self._closed:
                        return
                    seconds = _seconds(picture, number, stream)
                    first = seconds if first is None else first
                    yield seconds - first, picture
        except IndexError as error:
            raise SourceError(str(self._path), "has no video in it") from error
        except (av.error.FFmpegError, OSError) as error:
            raise SourceError(str(self._path), f"cannot be read: {error.strerror}") from error


def _seconds(picture: Any, number: int, stream: Any) -> float:
    """The frame's own time, or its number over the rate where it carries none."""
    if picture.time is not None:
        return float(picture.time)
    return number / float(stream.average_rate or 25)
