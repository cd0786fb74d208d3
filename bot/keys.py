"""The house's own secrets: keys that sign links, made once and kept in the data folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

_FILE = "house.key"


@dataclass(frozen=True, slots=True)
class HouseKeys:
    """32 bytes for each purpose, drawn from one kept secret."""

    pictures: bytes
    speakers: bytes


def house_keys(data_dir: Path) -> HouseKeys:
    """The keys of this installation; the first call makes them, readable by the owner only.

    Raises OSError where they can be neither read nor made, or are damaged.
    """
    path = data_dir / _FILE
    if not path.exists():
        _make(path)
    master = path.read_bytes()
    if len(master) < 32:
        raise OSError(0, "is damaged: put it back from a backup, or remove it", str(path))
    return HouseKeys(*(_derived(master, purpose) for purpose in ("pictures", "speakers")))


def _make(path: Path) -> None:
    """Whole or not at all, and never over another's: a killed start must not spoil the next."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-") as file:  # mode 0600
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _derived(master: bytes, purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=master[:64], digest_size=32).digest()
