"""What keeps a command from its work, as a line that a person can act on."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.domain.error import BadInput, Unavailable
from bot.redact import redact
from bot.settings import PREFIX, Settings


def in_words(error: Exception, settings: Settings) -> str | None:
    """The line that tells an obstacle; None for what is none but a fault of our own."""
    from storage.database import OutdatedSchema
    from storage.models import ModelStoreError
    from vision.errors import VisionError
    from voice.faults import VoiceFault

    words = None
    if isinstance(error, OutdatedSchema):
        words = f"{database_place(settings)}: {error}; run: loudhailer migrate"
    elif isinstance(error, ConnectionError | Unavailable):
        words = f"{database_place(settings)}: {error}"
    elif isinstance(error, BadInput | ModelStoreError | VisionError | VoiceFault):
        words = str(error)
    elif isinstance(error, OSError):
        words = _of_system(error, settings)
    return None if words is None else redact(words)


def database_place(settings: Settings) -> str:
    """The setting that leads to the database, and where it is, without its password."""
    from storage.database import is_sqlite, sqlite_path

    url = settings.database.reveal()
    if is_sqlite(url):
        name = "DATABASE_URL" if settings.database_url else "DATA_DIR"
        return f"{PREFIX}{name}: {sqlite_path(url)}"
    parts = urlsplit(url)
    return f"{PREFIX}DATABASE_URL: PostgreSQL at {parts.hostname}:{parts.port or 5432}{parts.path}"


def _of_system(error: OSError, settings: Settings) -> str:
    """A system's error with the file, and the setting that led to it."""
    if error.filename is None:
        return error.strerror or str(error) or type(error).__name__
    words = f"{error.filename}: {error.strerror}"
    in_data = str(error.filename).startswith(str(settings.data_dir))
    return f"{PREFIX}DATA_DIR: {words}" if in_data else words
