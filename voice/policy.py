"""When a speaker may speak, how often an hour, and how loud by day and night. Pure, given `now`."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo

from bot.domain.hazard import Severity
from bot.domain.window import Window, open_at
from voice.speakers.port import Outcome

HOUR = 3600.0
CHINA = timezone(timedelta(hours=8), "China")
LOUDEST_ROUND = 3
"""An emergency by night grows from the volume of the night to that of the day until then."""


@dataclass(frozen=True, slots=True)
class SpeakerSpec:
    """One speaker as configured. `url` may hold a password, so it is not shown in logs.

    `volume` by day and `night_volume` within `night` are fractions of full level. In quiet hours
    only emergencies are spoken, where `night_emergencies` allows it and so often an hour.
    """

    id: str
    url: str = field(repr=False)
    language: str = "zh"
    lead_silence_s: float = 0.3
    quiet_hours: tuple[Window, ...] = ()
    at_most_per_hour: int = 12
    timezone: tzinfo = CHINA
    volume: float = 1.0
    night_volume: float = 1.0
    night: tuple[Window, ...] = ()
    night_emergencies: bool = True
    night_at_most_per_hour: int = 12


class Manners:
    """Keeps one speaker from becoming a nuisance. By day emergencies are never held back."""

    def __init__(self, spec: SpeakerSpec) -> None:
        self._spec = spec
        self._spoken: deque[float] = deque()
        self._by_night: deque[float] = deque()

    def refusal(self, severity: Severity, now: float, *, forced: bool = False) -> Outcome | None:
        """Why the speaker keeps silent at epoch second `now`; None: it may speak.

        `forced`: a person who may has asked for it in spite of everything.
        """
        if forced:
            return None
        quiet = self._is_quiet(now)
        if severity is Severity.EMERGENCY:
            return self._refusal_by_night(now) if quiet else None
        if quiet:
            return Outcome.QUIET_HOURS
        self._spoken = _last_hour(self._spoken, now)
        if len(self._spoken) >= self._spec.at_most_per_hour:
            return Outcome.CAPPED
        return None

    def _refusal_by_night(self, now: float) -> Outcome | None:
        if not self._spec.night_emergencies:
            return Outcome.QUIET_HOURS
        self._by_night = _last_hour(self._by_night, now)
        capped = len(self._by_night) >= self._spec.night_at_most_per_hour
        return Outcome.CAPPED if capped else None

    def gain(self, severity: Severity, now: float, round: int = 1) -> float:
        """How loud, as a fraction of full level; `round` counts how often it has been said."""
        spec = self._spec
        if not open_at(spec.night, self._local(now)):
            return spec.volume
        if severity is not Severity.EMERGENCY or spec.night_volume >= spec.volume:
            return spec.night_volume
        share = min(max(round - 1, 0) / (LOUDEST_ROUND - 1), 1.0)
        return spec.night_volume + share * (spec.volume - spec.night_volume)

    def spoke(self, now: float, severity: Severity = Severity.GENERAL) -> None:
        """Count an announcement that sounded, or may have.

        An emergency uses up nothing that the others have.
        """
        if severity is not Severity.EMERGENCY:
            self._spoken.append(now)
        elif self._is_quiet(now):
            self._by_night.append(now)

    def _is_quiet(self, now: float) -> bool:
        return open_at(self._spec.quiet_hours, self._local(now))

    def _local(self, now: float) -> datetime:
        return datetime.fromtimestamp(now, self._spec.timezone)


def _last_hour(times: deque[float], now: float) -> deque[float]:
    # A clock that was set back would otherwise keep entries from its future for long.
    return deque(at for at in times if now - HOUR < at <= now)
