"""When a speaker may speak: quiet hours and the number of times an hour. Pure, given `now`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.hazard import Severity
from bot.domain.window import Window, open_at
from voice.speakers.port import Outcome

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class SpeakerSpec:
    """One speaker as configured. `url` may hold a password, so it is not shown in logs."""

    id: str
    url: str = field(repr=False)
    language: str = "zh"
    lead_silence_s: float = 0.3
    quiet_hours: tuple[Window, ...] = ()
    at_most_per_hour: int = 12
    timezone: str = "Asia/Shanghai"


class Manners:
    """Keeps one speaker from becoming a nuisance. Emergencies are never held back."""

    def __init__(self, spec: SpeakerSpec) -> None:
        self._spec = spec
        self._zone = ZoneInfo(spec.timezone)
        self._spoken: deque[float] = deque()

    def refusal(self, severity: Severity, now: float) -> Outcome | None:
        """Why the speaker keeps silent at epoch second `now`; None: it may speak."""
        if severity is Severity.EMERGENCY:
            return None
        if open_at(self._spec.quiet_hours, datetime.fromtimestamp(now, self._zone)):
            return Outcome.QUIET_HOURS
        if self._in_the_last_hour(now) >= self._spec.at_most_per_hour:
            return Outcome.CAPPED
        return None

    def spoke(self, now: float) -> None:
        """Count an announcement that sounded, or may have."""
        self._spoken.append(now)

    def _in_the_last_hour(self, now: float) -> int:
        # A clock that was set back would otherwise keep entries from its future for long.
        self._spoken = deque(at for at in self._spoken if now - HOUR < at <= now)
        return len(self._spoken)
