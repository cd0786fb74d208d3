"""What a case can be proved with, by its content: pictures, and the clips beside them."""

from __future__ import annotations

from pathlib import Path

from storage.clips import ClipFolder
from storage.pictures import PictureFolder


class EvidenceFolder(PictureFolder):
    """The pictures of a data folder; a clip is found under its SHA-256 likewise."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / "pictures")
        self._clips = ClipFolder(data_dir / "clips")

    def read(self, sha256: str) -> bytes | None:
        if (found := super().read(sha256)) is not None:
            return found
        try:
            return self._clips.path(sha256).read_bytes()
        except FileNotFoundError:
            return None
