"""A value that no log, error, metric or page may show, and the list of what must be hidden."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

MASK = "***"
SHORTEST = 6
"""Shorter values are not listed: hiding every `0` of a log would hide the log."""

_listed: set[str] = set()


class Secret:
    """Holds a text that only `reveal()` gives back; printed, formatted or logged it is `***`.

    A listed secret is also hidden where it stands inside other text (bot.redact): the whole value
    and, for a URL, its password and the values of its query. `listed=False` is for values that may
    be harmless, such as a camera source without credentials.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str, *, listed: bool = True) -> None:
        self._value = value
        if listed:
            _listed.update(part for part in sensitive_parts(value) if len(part) >= SHORTEST)

    def reveal(self) -> str:
        """The value itself: for the call that needs it, never for a message."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __str__(self) -> str:
        return MASK if self._value else ""

    def __repr__(self) -> str:
        return f"Secret({MASK!r})" if self._value else "Secret('')"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def listed_secrets() -> frozenset[str]:
    """Every text that must not appear anywhere, as far as this process has met it."""
    return frozenset(_listed)


def sensitive_parts(value: str) -> set[str]:
    """The value and, where it is a URL, the pieces of it that are secret by themselves."""
    parts = {value}
    if "://" not in value:
        return parts
    try:
        url = urlsplit(value)
    except ValueError:
        return parts
    password = url.password or ""
    parts.update((password, unquote(password)))
    parts.update(text for _, text in parse_qsl(url.query))
    return parts


def has_credentials(url: str) -> bool:
    """Whether a URL carries something that opens a door: a password or a query."""
    try:
        split = urlsplit(url)
    except ValueError:
        return True
    return "://" in url and bool(split.password or split.username or split.query)
