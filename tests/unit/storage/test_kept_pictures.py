"""Pictures that cannot be written: shown from memory, and written as soon as that can be."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.keeping import KeptPictures
from storage.pictures import PictureFolder
from tests.support.patience import PATIENCE_S


class Folder(PictureFolder):
    """A folder on a disk that can be full, or hang."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.full = False
        self.answers = threading.Event()
        self.answers.set()

    def write(self, jpeg: bytes) -> str:
        assert self.answers.wait(PATIENCE_S)
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(jpeg)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "pictures")


@pytest.fixture
def kept(folder: Folder) -> Iterator[KeptPictures]:
    opened = KeptPictures(folder, most=1000)
    yield opened
    opened.close()


async def test_what_can_be_written_is(folder: Folder, kept: KeptPictures) -> None:
    """Nothing of it stays in memory."""
    sha256 = await kept.put(b"picture")
    assert sha256 == hashlib.sha256(b"picture").hexdigest()
    assert not kept.holds(sha256)
    assert await folder.get(sha256) == await kept.get(sha256) == b"picture"
    assert await kept.get("0" * 64) is None


async def test_a_full_disk_loses_no_picture(folder: Folder, kept: KeptPictures) -> None:
    """It is served from memory, and written when there is room again."""
    folder.full = True
    sha256 = await kept.put(b"picture")
    assert kept.holds(sha256)
    assert await kept.get(sha256) == b"picture"
    assert kept.fault == "No space left on device"
    await kept.write_held()
    assert kept.holds(sha256)
    folder.full = False
    await kept.write_held()
    assert not kept.holds(sha256)
    assert kept.fault == ""
    assert await folder.get(sha256) == b"picture"


async def test_the_folder_is_made_anew(tmp_path: Path, kept: KeptPictures) -> None:
    """Somebody removed it; what is written from then on is there."""
    await kept.put(b"one")
    await asyncio.to_thread(shutil.rmtree, tmp_path / "pictures")
    sha256 = await kept.put(b"two")
    assert not kept.holds(sha256)
    assert await kept.get(sha256) == b"two"


async def test_a_hanging_store_is_not_waited_for(
    folder: Folder, kept: KeptPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do its threads run out: once all hang nobody is sent after them."""
    monkeypatch.setattr("storage.keeping._WITHIN_S", 0.05)
    folder.answers.clear()
    names = [await kept.put(f"picture {n}".encode()) for n in range(10)]
    assert all(map(kept.holds, names))
    folder.answers.set()
    while kept.held:
        await asyncio.sleep(0.1)
        await kept.write_held()
    assert await folder.get(names[-1]) == b"picture 9"


async def test_the_memory_is_bounded(folder: Folder, kept: KeptPictures) -> None:
    """The oldest goes first, and is counted."""
    folder.full = True
    names = [await kept.put(bytes([n]) * 300) for n in range(5)]
    assert [kept.holds(name) for name in names] == [False, False, True, True, True]
    assert kept.lost == 2
    assert await kept.get(names[0]) is None
