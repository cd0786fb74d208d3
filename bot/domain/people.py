"""People, the chats and phones that reach them, and when they are on duty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.hazard import Severity
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.window import EVERY_DAY, Window


class Purpose(StrEnum):
    """What a chat is for: cases of its sites, the service's own state, a party's work orders."""

    CASES = "cases"
    ADMIN = "admin"
    PARTY = "party"


class Notify(StrEnum):
    """Where a member is told: in the group, in a private chat, or in both."""

    GROUP = "group"
    DIRECT = "direct"
    BOTH = "both"


class Faces(StrEnum):
    """Whether pictures in a chat show faces."""

    BLUR = "blur"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Chat:
    """A group on a chat platform, a console, or a receiver of webhooks.

    `key` names it for good: `telegram:-1001`, with a topic `telegram:-1001/7`. With neither
    `sites` nor `area` it hears of all sites.
    """

    key: str
    channel: str
    id: str = ""
    sites: tuple[str, ...] = ()
    area: str | None = None
    url: Secret | None = None
    secret: Secret | None = None
    purpose: Purpose = Purpose.CASES
    language: str = "zh"
    minimum_severity: Severity = Severity.GENERAL
    messages_per_minute: int | None = None
    """At most so many in any 60 s; None: the platform's own limit; 0: no limit."""
    topic: int | None = None
    faces: Faces = Faces.BLUR


@dataclass(frozen=True, slots=True)
class Party:
    """Who gets the work orders, and where."""

    id: str
    name: str
    chat: Chat | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person. `roles` (site -> role) override `role`; neither sites nor area: all sites."""

    id: str
    name: str
    role: Role = Role.VIEWER
    sites: tuple[str, ...] = ()
    area: str | None = None
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role], hash=False)
    party: str | None = None
    notify: Notify = Notify.GROUP
    telegram: str | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """The second path of emergencies: an address that takes messages for phones."""

    id: str
    kind: str
    path: str
    url: Secret
    minimum_severity: Severity = Severity.EMERGENCY


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of the rota. `days` are weekdays, 0 is Monday; no `hours`: all day."""

    site: str
    members: tuple[str, ...]
    days: frozenset[int] = EVERY_DAY
    hours: Window | None = None

    def holds(self, local: datetime) -> bool:
        """Whether these people are on duty at that local time."""
        if self.hours is None:
            return local.weekday() in self.days
        return self.hours.holds_on(self.days, local)
