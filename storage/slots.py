"""Which process this is: a name that a process started anew has again, and no other at the time.

Each process of an installation locks a file of its own in the data folder.  The system lets go of
the lock when the process ends, however it ends; so the next one has the same name and takes up the
leases of the one before at once, without waiting for their end.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from storage.database import is_sqlite, sqlite_path

_PATIENCE_S = 5.0
_STEP_S = 0.1


class AlreadyRunning(RuntimeError):
    """Another process runs on this SQLite database, which serves one."""


@asynccontextmanager
async def process_name(url: str, data_dir: Path) -> AsyncIterator[str]:
    """The name, while left in; raises `AlreadyRunning` on SQLite, and OSError for the disk."""
    file, name = await asyncio.to_thread(
        _the_only if is_sqlite(url) else _one_of_many, url, data_dir
    )
    try:
        yield name
    finally:
        os.close(file)


def _the_only(url: str, data_dir: Path) -> tuple[int, str]:
    """A predecessor that is just ending is waited for."""
    path = sqlite_path(url)
    lock = path.with_name(f"{path.name}.lock")
    deadline = time.monotonic() + _PATIENCE_S
    while (file := _locked(lock)) is None:
        if time.monotonic() > deadline:
            raise AlreadyRunning(
                f"{path}: another process runs on this database; several need PostgreSQL"
            )
        time.sleep(_STEP_S)
    return file, _name(file)


def _one_of_many(url: str, data_dir: Path) -> tuple[int, str]:
    for number in count(1):
        file = _locked(data_dir / f"process-{number}.lock")
        if file is not None:
            return file, _name(file)
    raise AssertionError("there is always another number")


def _locked(path: Path) -> int | None:
    """The open file, locked; None where another process has it.

    A lock of fcntl's kind is the process's own: children that outlive it do not keep it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    return file


def _name(file: int) -> str:
    """Kept in the file; with the machine's name, for a file may be copied to another machine."""
    kept = os.read(file, 32).decode("ascii", "replace")
    if len(kept) < 32:
        kept = uuid.uuid4().hex
        os.pwrite(file, kept.encode(), 0)
    return f"{kept}@{socket.gethostname()[:60]}"
