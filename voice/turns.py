"""What is to be said, what became of it, and its place in a speaker's queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.hazard import Severity
from bot.domain.response import Style
from voice.sound import Sound
from voice.speakers.port import PlayReport

Begins = Callable[[], Awaitable[None]]
"""Is awaited before the first sound of an announcement."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A person's own voice; `id` tells it from other recordings."""

    id: str
    sound: Sound


@dataclass(frozen=True, slots=True)
class Announcement:
    """A sentence for some speakers.

    `id` names the announcement: given twice, it is spoken once. `expires_at` in epoch seconds: a
    warning that has not started by then is never spoken. `lead_silence_s` where it should be more
    than the speaker's own. `repeat_in_one` says the sentence that often in one sound. `about` is
    told to whom it interrupts. `round` counts how often it has been said before, from 1; `forced`
    passes quiet hours and limits. Where it is `recorded`, that is played, and `text` only shown.
    """

    id: str
    speakers: tuple[str, ...]
    text: str
    language: str
    severity: Severity
    expires_at: float
    style: Style = Style.NORMAL
    lead_silence_s: float = 0.0
    repeat_in_one: int = 1
    about: str = ""
    round: int = 1
    forced: bool = False
    recorded: Recorded | None = None

    @property
    def sentence(self) -> tuple[str, str, Style, int]:
        """What is heard: announcements that agree in it are one."""
        heard = self.recorded.id if self.recorded else self.text
        return heard, self.language, self.style, self.repeat_in_one


@dataclass(frozen=True, slots=True)
class SpeakerReport:
    """What one speaker did about an announcement.

    Epoch seconds: `at` is when that was known, `began_at` when it was handed to the speaker (None:
    never), in which `voice`. `interrupted_by` is what the emergency was about that took its place.
    """

    speaker: str
    report: PlayReport
    at: float
    began_at: float | None = None
    interrupted_by: str = ""
    voice: str = ""


@dataclass(slots=True, eq=False)
class Turn:
    """An announcement in a queue, and whoever else asked for the same sentence meanwhile."""

    announcement: Announcement
    order: int
    done: asyncio.Future[SpeakerReport]
    severity: Severity
    expires_at: float
    gone_by: float  # the same on the monotonic clock: setting the clock back revives nothing
    ids: set[str] = field(default_factory=set[str])
    begins: list[Begins] = field(default_factory=list[Begins])
    making: asyncio.Task[Sound] | None = None
    began_at: float | None = None
    began_on: float = 0.0  # the same on the monotonic clock
    interrupted_by: Turn | None = None
    voice: str = ""
    round: int = 1
    forced: bool = False

    def join(self, other: Announcement, gone_by: float) -> None:
        """Let another announcement of the same sentence share this turn."""
        self.ids.add(other.id)
        self.severity = max(self.severity, other.severity)
        self.expires_at = max(self.expires_at, other.expires_at)
        self.gone_by = max(self.gone_by, gone_by)
        self.round = max(self.round, other.round)
        self.forced = self.forced or other.forced

    def gives_way_to(self, other: Turn) -> bool:
        """Whether it is broken off for another: only for an emergency, and never one itself."""
        graver = other.severity is Severity.EMERGENCY and self.severity < Severity.EMERGENCY
        return graver and other.announcement.sentence != self.announcement.sentence
