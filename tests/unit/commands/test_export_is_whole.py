"""An export is there whole or not at all, and a full disk is named by the file that did not fit."""

from __future__ import annotations

import errno
import zipfile
from pathlib import Path

import pytest

from bot.export import _write
from tests.support.disks import small_disk


def test_an_export_without_room_leaves_the_one_before(tmp_path: Path) -> None:
    """No half of a zip takes the place of evidence."""
    with small_disk(tmp_path / "stick", megabytes=2) as disk:
        out = disk.folder / "case.zip"
        _write(out, {"a": b"first"})
        disk.fill()
        with pytest.raises(OSError) as raised:
            _write(out, {"a": bytes(range(256)) * 40_000})
        assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(out))
        assert zipfile.ZipFile(out).read("a") == b"first"
        assert sorted(path.name for path in disk.folder.iterdir()) == ["ballast", "case.zip"]


@pytest.mark.parametrize("there", ["folder", "device"])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, there: str) -> None:
    """Neither a folder nor a device."""
    out = tmp_path if there == "folder" else Path("/dev/null")
    with pytest.raises(FileExistsError):
        _write(out, {"a": b"x"})
