"""Who may come in besides the chats: console sessions, login links and invite codes, as values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class KeyRole(StrEnum):
    """What a key of the HTTP API is for."""

    SOURCE = "source"
    """Sends reports."""
    OPERATOR = "operator"
    """Looks, and acts as its member."""
    ADMIN = "admin"
    """Does both, and looks at the service's own figures."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; times are epoch milliseconds."""

    id: int
    member: str
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that was just opened, with the token that only its cookie carries from now on."""

    token: str
    session: Session


def fingerprint(token: str) -> str:
    """What is kept instead of a key, link, cookie or code: its SHA-256 in hex.

    The tokens carry 256 random bits (an invite code 40), so neither salt nor stretching is needed.
    """
    return hashlib.sha256(token.encode()).hexdigest()
