"""What must be kept when all else fails: pictures, and the journal of emergencies."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from bot.doctor.finding import Finding, Probe, in_thread
from bot.settings import Settings


def probes(settings: Settings) -> list[Probe]:
    """All of this module."""
    folder = settings.data_dir
    return [
        Probe("pictures", "", partial(in_thread, partial(pictures, folder / "pictures"))),
        Probe("journal", "", partial(in_thread, partial(journal, folder))),
    ]


def pictures(folder: Path) -> Finding:
    """Whether one could be kept. Blocking."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        params = {"path": folder, "reason": error.strerror}
        return Finding("pictures", "", False, "pictures.unwritable", params)
    return Finding("pictures", "", True, "pictures.fine")


def journal(folder: Path) -> Finding:
    """Whether emergencies wait in it, also of a program that runs no more. Blocking."""
    from bot.lastresort.record import read
    from storage.journal import peek

    try:
        waiting = read(peek(folder))
    except OSError as error:
        params = {"path": folder, "reason": error.strerror or error}
        return Finding("journal", "", False, "journal.unusable", params)
    if waiting:
        return Finding("journal", "", False, "journal.waiting", {"count": len(waiting)})
    return Finding("journal", "", True, "journal.fine")
