"""What keeps a command from its work, as a line that a person can act on."""

from __future__ import annotations

import errno

from bot.configuration import site_language
from bot.domain.error import BadInput, Unavailable
from bot.program import program
from bot.redact import redact
from bot.settings import PREFIX, Settings
from bot.texts.reasons import reason_in
from bot.texts.terminal import told


def exit_code(error: Exception) -> int:
    """1 where the set-up is right but somebody is there already, 2 for what is to be mended."""
    from storage.slots import AlreadyRunning

    return 1 if isinstance(error, AlreadyRunning) else 2


def in_words(error: Exception, settings: Settings) -> str | None:
    """The line that tells an obstacle; None for what is none but a fault of our own."""
    from storage.database import DatabaseUnusable, OutdatedSchema, disk_trouble
    from storage.models import ModelStoreError
    from storage.slots import AlreadyRunning
    from vision.errors import VisionError
    from voice.faults import VoiceFault

    language = site_language(settings.site_file)
    words = None
    if isinstance(error, OutdatedSchema):
        params = {"setting": f"{PREFIX}DATABASE_URL", "fault": error, "program": program()}
        words = told("obstacle.migrate", language, **params)
    elif isinstance(error, AlreadyRunning | DatabaseUnusable | Unavailable):
        setting = "DATABASE_URL" if settings.database_url else "DATA_DIR"
        words = f"{PREFIX}{setting}: {reason_in(error, language)}"
    elif isinstance(error, BadInput | ModelStoreError | VisionError | VoiceFault):
        words = reason_in(error, language)
    elif trouble := disk_trouble(error):
        words = _make_room(trouble, language)
    elif isinstance(error, OSError):
        words = _of_system(error, settings, language)
    return None if words is None else redact(words)


def _of_system(error: OSError, settings: Settings, language: str) -> str:
    """A system's error with the file, and the setting that led to it."""
    if error.filename is None and error.errno == errno.ENOSPC:
        return _make_room(reason_in(error.strerror, language), language)
    if error.filename is None:
        return reason_in(error.strerror or str(error) or type(error).__name__, language)
    words = f"{error.filename}: {reason_in(error.strerror, language)}"
    in_data = str(error.filename).startswith(str(settings.data_dir))
    return f"{PREFIX}DATA_DIR: {words}" if in_data else words


def _make_room(fault: str, language: str) -> str:
    return told("obstacle.room", language, setting=f"{PREFIX}DATA_DIR", fault=fault)
