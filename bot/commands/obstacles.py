"""What keeps a command from its work, as a line that a person can act on."""

from __future__ import annotations

import errno

from bot.domain.error import BadInput, Unavailable
from bot.program import program
from bot.redact import redact
from bot.settings import PREFIX, Settings

_MAKE_ROOM = "; make room there and start again"


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

    words = None
    if isinstance(error, OutdatedSchema):
        words = f"{PREFIX}DATABASE_URL: {error}; run: {program()} migrate"
    elif isinstance(error, AlreadyRunning | DatabaseUnusable | Unavailable):
        words = f"{PREFIX}{'DATABASE_URL' if settings.database_url else 'DATA_DIR'}: {error}"
    elif isinstance(error, BadInput | ModelStoreError | VisionError | VoiceFault):
        words = str(error)
    elif trouble := disk_trouble(error):
        words = f"{PREFIX}DATA_DIR: {trouble}{_MAKE_ROOM}"
    elif isinstance(error, OSError):
        words = _of_system(error, settings)
    return None if words is None else redact(words)


def _of_system(error: OSError, settings: Settings) -> str:
    """A system's error with the file, and the setting that led to it."""
    if error.filename is None and error.errno == errno.ENOSPC:
        return f"{PREFIX}DATA_DIR: {error.strerror}{_MAKE_ROOM}"
    if error.filename is None:
        return error.strerror or str(error) or type(error).__name__
    words = f"{error.filename}: {error.strerror}"
    in_data = str(error.filename).startswith(str(settings.data_dir))
    return f"{PREFIX}DATA_DIR: {words}" if in_data else words
