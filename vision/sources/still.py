"""Still pictures: one file, or a folder of them one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from vision.errors import SourceError
from vision.frame import Frame, Image
from vision.sources.base import Rate

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
PER_PICTURE_S = 1.0  # how long each picture of a folder is seen
ROUNDING_S = 1e-6  # six sixths of a second are a little under one
SINGLE_S = 10.0  # how long a single picture is seen where it is not looped


class StillSource:
    """Shows pictures as a camera would: each for a while, at the wanted rate."""

    recorded: ClassVar[bool] = True

    def __init__(self, camera: str, path: Path, start: float, *, loop: bool = False) -> None:
        self._camera = camera
        self._path = path
        self._start = start
        self._loop = loop
        self._closed = False

    def frames(self, rate: Rate) -> Iterator[Frame]:
        """The pictures in the order of their names; with `loop` again and again."""
        files = self._files()
        lasting = SINGLE_S if len(files) == 1 else PER_PICTURE_S
        begin = 0.0
        while not self._closed:
            for file in files:
                image = read_picture(file)
                seconds = 0.0
                while seconds < lasting - ROUNDING_S and not self._closed:
                    yield Frame(self._camera, self._start + begin + seconds, image)
                    seconds += 1 / rate()
                begin += lasting
            if not self._loop:
                return

    def close(self) -> None:
        """Stop at the next picture."""
        self._closed = True

    def _files(self) -> list[Path]:
        if self._path.is_file():
            return [self._path]
        files = sorted(f for f in self._path.iterdir() if f.suffix.lower() in SUFFIXES)
        if not files:
            raise SourceError(str(self._path), "the folder holds no picture")
        return files


def read_picture(file: Path) -> Image:
    """Decode a picture of our own disk; raises `SourceError` naming the file."""
    import cv2

    try:
        data = np.frombuffer(file.read_bytes(), np.uint8)
    except OSError as error:
        raise SourceError(str(file), f"cannot be read: {error.strerror}") from error
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise SourceError(str(file), "is no picture that can be decoded")
    return np.asarray(image, np.uint8)
