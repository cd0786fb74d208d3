"""What a case can be proved with, by its content: pictures, clips and recordings."""

from __future__ import annotations

from pathlib import Path

from storage.clips import ClipFolder
from storage.pictures import PictureFolder, RecordingFolder


class EvidenceFolder(PictureFolder):
    """The pictures of a data folder; clips and recordings are found likewise."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / "pictures")
        self._clips = ClipFolder(data_dir / "clips")
        self._recordings = RecordingFolder(data_dir / "recordings")

    def read(self, sha256: str) -> bytes | None:
        if (found := super().read(sha256)) is not None:
            return found
        try:
            return self._clips.path(sha256).read_bytes()
        except FileNotFoundError:
            return self._recordings.read(sha256)
