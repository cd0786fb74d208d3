"""The house's own secrets: keys that sign links, made once and kept in the data folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

_FILE = "house.key"


@dataclass(frozen=True, slots=True)
class HouseKeys:
    """32 bytes for each purpose, drawn from one kept secret."""

    pictures: bytes
    speakers: bytes


def house_keys(data_dir: Path) -> HouseKeys:
    """The keys of this installation; the first call makes them, readable by the owner only."""
    path = data_dir / _FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        master = path.read_bytes()
    else:
        master = secrets.token_bytes(32)
        with os.fdopen(handle, "wb") as file:
            file.write(master)
            file.flush()
            os.fsync(file.fileno())
    if len(master) < 32:
        raise ValueError(f"{path} is damaged: it must hold 32 bytes")
    return HouseKeys(*(_derived(master, purpose) for purpose in ("pictures", "speakers")))


def _derived(master: bytes, purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=master[:64], digest_size=32).digest()
