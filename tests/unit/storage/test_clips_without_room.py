"""Clips that cannot be written: their report goes on, and a repeat of it is still known as one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from storage.clips import ClipFolder
from tests.support.disks import small_disk


async def test_a_clip_is_kept(tmp_path: Path) -> None:
    """Under the digest of its bytes."""
    clips = ClipFolder(tmp_path)
    async with clips.receive() as clip:
        await clip.write(b"one")
        await clip.write(b"two")
        sha256 = await clip.keep()
    assert not clip.lost
    assert sha256 == hashlib.sha256(b"onetwo").hexdigest()
    assert clips.path(sha256).read_bytes() == b"onetwo"


async def test_a_full_disk_loses_the_clip_and_nothing_else(tmp_path: Path) -> None:
    """Before it begins, or on its way; the digest is the same either way, and no rest stays."""
    with small_disk(tmp_path / "disk", megabytes=1) as disk:
        clips = ClipFolder(disk.folder / "clips")
        async with clips.receive() as clip:
            for _ in range(40):
                await clip.write(bytes(100_000))
            sha256 = await clip.keep()
        assert clip.lost
        assert sha256 == hashlib.sha256(bytes(4_000_000)).hexdigest()
        assert [path for path in disk.folder.rglob("*") if path.is_file()] == []
        disk.fill()
        async with ClipFolder(disk.folder / "nowhere").receive() as clip:
            await clip.write(b"one")
            assert await clip.keep() == hashlib.sha256(b"one").hexdigest()
        assert clip.lost
