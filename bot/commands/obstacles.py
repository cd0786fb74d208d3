"""What keeps a command from its work, as a line that a person can act on."""

from __future__ import annotations

from bot.domain.error import BadInput, Unavailable
from bot.program import program
from bot.redact import redact
from bot.settings import PREFIX, Settings


def in_words(error: Exception, settings: Settings) -> str | None:
    """The line that tells an obstacle; None for what is none but a fault of our own."""
    from storage.database import DatabaseUnusable, OutdatedSchema
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
    elif isinstance(error, OSError):
        words = _of_system(error, settings)
    return None if words is None else redact(words)


def _of_system(error: OSError, settings: Settings) -> str:
    """A system's error with the file, and the setting that led to it."""
    if error.filename is None:
        return error.strerror or str(error) or type(error).__name__
    words = f"{error.filename}: {error.strerror}"
    in_data = str(error.filename).startswith(str(settings.data_dir))
    return f"{PREFIX}DATA_DIR: {words}" if in_data else words
