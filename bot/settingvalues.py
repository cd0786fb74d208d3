"""How single settings are read from their text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bot.domain.secret import Secret, has_credentials
from bot.fault import listing


class Wrong(Exception):
    """A setting's text will not do: the kind of fault and what its sentence is filled with."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


def path(text: str) -> Path:
    """A path that need not exist."""
    return Path(text).expanduser()


def readable_file(text: str) -> Path:
    """A file that exists and may be read."""
    found = path(text)
    try:
        if not found.is_file():
            raise Wrong("no_source")
    except OSError as error:
        raise Wrong("unreadable", reason=error.strerror) from None
    if not os.access(found, os.R_OK):
        raise Wrong("unreadable_source")
    return found


def port(text: str) -> int:
    """A TCP port; 0 is any free one."""
    if not re.fullmatch("[0-9]{1,5}", text, re.ASCII):
        raise Wrong("not_integer")
    if int(text) > 65535:
        raise Wrong("at_most", most=65535)
    return int(text)


def time_of_day(text: str) -> str:
    """A time such as 20:00."""
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", text, re.ASCII):
        raise Wrong("time_of_day")
    return text


def token(text: str) -> Secret:
    """A bot token: digits, a colon, characters, all of which can stand in an address."""
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", text, re.ASCII):
        raise Wrong("token")
    return Secret(text)


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise Wrong("choice", choices=listing(words), near="")
        return text.lower()

    return read


def url(*schemes: str, host: bool = True) -> Callable[[str], str]:
    """A URL of one of these schemes, without a slash at its end."""

    def read(text: str) -> str:
        try:
            split = urlsplit(text)
            port_sound = split.port != 0
        except ValueError:
            raise Wrong("port") from None
        if split.scheme not in schemes or "://" not in text:
            raise Wrong("scheme", choices=listing([f"{scheme}://" for scheme in schemes]))
        if host and not split.hostname:
            raise Wrong("host")
        if not port_sound:
            raise Wrong("port")
        return text.rstrip("/")

    return read


def public_url(text: str) -> str:
    """Where browsers reach us: everybody is shown it, so it names no user and no password."""
    read = url("http", "https")(text)
    if "@" in urlsplit(read).netloc:
        raise Wrong("public_credentials")
    return read


def secret_url(*schemes: str, host: bool = True, always: bool = False) -> Callable[[str], Secret]:
    """The same as a secret; inside other text it is hidden where it holds credentials, or
    `always`, where knowing it is enough to use it."""
    read = url(*schemes, host=host)
    return lambda text: Secret(read(text), listed=always or has_credentials(text))


def database(text: str) -> Secret:
    """A database URL; SQLite's names a file and no host, PostgreSQL's may name its socket's
    folder as `?host=`."""
    if text.partition("?")[0].strip("/") == "sqlite:":
        raise Wrong("no_file_named")
    host = not text.startswith("sqlite:") and "?host=/" not in text
    return secret_url("sqlite", "postgres", "postgresql", host=host)(text)
