"""Where frames come from: one module per kind of source, opened by one factory."""

from __future__ import annotations

import time
from pathlib import Path

from vision.errors import SourceError, UnsupportedSource
from vision.kinds import not_opened
from vision.sources.base import Rate, Source
from vision.sources.pan import PanSource
from vision.sources.push import PushSource
from vision.sources.still import StillSource
from vision.sources.video import VideoSource

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})

__all__ = ["PushSource", "Rate", "Source", "open_source"]


def open_source(
    spec: str, camera: str, *, start: float | None = None, loop: bool = False
) -> Source:
    """Open a source by its specification; cheap, the first frame may still take a while.

    `push`: frames are handed in. `pan:FILE`: a still picture seen by a moving camera, endless.
    A folder or a picture: stills. Any other file: a video or a GIF. `start`: the time of the
    first frame of what has no clock of its own (epoch seconds, default now). Raises
    `SourceError` naming the source, `UnsupportedSource` for kinds that are not known.
    """
    now = time.time() if start is None else start
    if spec == "push":
        return PushSource(camera)
    if spec.startswith("pan:"):
        return PanSource(camera, _existing(spec.removeprefix("pan:")), now)
    if kind := not_opened(spec):
        raise UnsupportedSource(kind, "this kind of source cannot be opened here")
    path = _existing(spec)
    if path.is_dir() or path.suffix.lower() in PICTURES:
        return StillSource(camera, path, now, loop=loop)
    return VideoSource(camera, path, start, loop=loop)


def _existing(spec: str) -> Path:
    path = Path(spec).expanduser()
    if not path.exists():
        raise SourceError(spec, "there is no such file or folder")
    return path
