"""A strobe, siren or relay as the site file has it, and how its answers are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.hazard import Severity
from bot.domain.secret import Secret
from bot.domain.window import Window

LONGEST_ON = timedelta(minutes=10)
"""Well below the quarter of an hour for which anything in the outbox may be put off."""

_SPACES = re.compile(r"\s+")
_JSON_SPACE = re.compile(r" ?([:,{}\[\]]) ?")


@dataclass(frozen=True, slots=True)
class Order:
    """What is said to a device: a request (`method`, `path`, `body`) or a message (`topic`,
    `payload`).  Paths, bodies and payloads may hold a password."""

    path: str = field(default="", repr=False)
    method: str = ""
    body: str = field(default="", repr=False)
    topic: str = ""
    payload: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a device tells its state, and in which words.

    `path` is asked (none: the answer to the order itself is read), `topic` is listened to, and
    `ask`, where there is one, makes the device tell.
    """

    on: str
    off: str
    path: str = field(default="", repr=False)
    topic: str = ""
    ask: Order | None = None

    def reads(self, text: str) -> bool | None:
        """Whether the device says that it is on; None: it says neither, or both."""
        said = _tight(text)
        on, off = (_holds(said, _tight(words)) for words in (self.on, self.off))
        return on if on is not off else None


def _tight(text: str) -> str:
    """Without the spaces that JSON may have or not."""
    return _JSON_SPACE.sub(r"\1", _SPACES.sub(" ", text.strip()))


def _holds(said: str, words: str) -> bool:
    """Whether the words stand there as such: ON is not in MONITOR."""
    before = r"(?<!\w)" if words[:1].isalnum() else ""
    after = r"(?!\w)" if words[-1:].isalnum() else ""
    return re.search(before + re.escape(words) + after, said) is not None


@dataclass(frozen=True, slots=True)
class Actuator:
    """`cameras` are those whose warnings it goes on with, empty: the whole site.

    `hazards` are those that it goes on for, none: all that a horn has something to say of.
    """

    id: str
    site: str
    name: str
    url: Secret
    cameras: tuple[str, ...] = ()
    on: Order = field(default_factory=Order)
    off: Order = field(default_factory=Order)
    state: Proof | None = None
    token: Secret | None = None
    hazards: tuple[str, ...] = ()
    minimum_severity: Severity = Severity.GENERAL
    on_for: timedelta = timedelta(seconds=30)
    quiet_hours: tuple[Window, ...] = ()

    @property
    def kind(self) -> str:
        """The scheme of its URL."""
        return self.url.reveal().partition(":")[0].lower()

    def belongs_to(self, site: str, camera: str | None) -> bool:
        """Whether it stands where that camera looks."""
        return self.site == site and (not self.cameras or camera in self.cameras)

    def goes_with(self, hazard: str, severity: Severity, *, spoken: bool) -> bool:
        """Whether it goes on for such a hazard; `spoken`: a horn has something to say of it."""
        wanted = hazard in self.hazards if self.hazards else spoken
        return wanted and severity >= self.minimum_severity
