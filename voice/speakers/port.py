"""What every kind of speaker can do, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from voice.sound import Sound


class Outcome(StrEnum):
    """How a play ended. Only `spoken` may be told as "the horn has spoken"."""

    SPOKEN = "spoken"
    SENT = "sent"  # on its way to whoever listens; this kind of speaker never answers
    NO_LISTENER = "no_listener"  # nobody is there who could play it
    NOT_CONFIRMED = "not_confirmed"  # sent, but nobody said that it sounded
    FAILED = "failed"  # the speaker broke, or for a reason that has no name here
    UNREACHABLE = "unreachable"  # no route, no such host, nobody at that port
    NO_ANSWER = "no_answer"  # something may be there, but it says nothing
    BUSY = "busy"  # another is speaking on it
    UNAUTHORISED = "unauthorised"  # user or password is wrong
    NOT_FOUND = "not_found"  # the device is there and knows no such extension, path or channel
    NOT_SUPPORTED = "not_supported"  # the device cannot take sound in this way
    REFUSED = "refused"  # the device said no
    CUT_OFF = "cut_off"  # the device ended it before its end
    NOT_PLAYED = "not_played"  # the device took it in a way in which it cannot have sounded
    NO_SPEECH = "no_speech"  # the sentence could not be made into sound
    EXPIRED = "expired"  # too late to be true any more
    QUIET_HOURS = "quiet_hours"
    CAPPED = "capped"  # at_most_per_hour is used up
    PREEMPTED = "preempted"  # broken off for an emergency
    STOPPED = "stopped"  # the service is shutting down
    UNKNOWN_SPEAKER = "unknown_speaker"


SOUNDED = (Outcome.SPOKEN, Outcome.SENT)
"""It went as well as this kind of speaker lets one know."""


class PlayFault(Exception):
    """Why a device plays nothing; inside a kind of speaker only, `play` makes a report of it."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PlayReport:
    """What became of one play: evidence, so it says no more than is known.

    `bytes` of audio handed over, `seconds` of sound, `first_byte_ms` from the request until the
    first audio was on its way (None: never). `detail` is for the log and the installer. `late_ms`:
    99 of 100 packets went at most that late.
    """

    outcome: Outcome
    bytes: int = 0
    seconds: float = 0.0
    first_byte_ms: float | None = None
    detail: str = ""
    late_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeakerHealth:
    """Whether a speaker could play now; `detail` for the installer."""

    ok: bool
    detail: str = ""


class Speaker(Protocol):
    """One loudspeaker. `play` is never called twice at a time by the announcer."""

    @property
    def kind(self) -> str:
        """The scheme of its URL, such as `file`."""
        ...

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Play a sound to its end. `key` names the play in logs.

        Faults of the device are outcomes, not exceptions. Cancelling stops the sound.
        """
        ...

    async def probe(self) -> SpeakerHealth:
        """Look whether it could play, without a sound."""
        ...

    async def close(self) -> None:
        """Give back what it holds. A closed speaker reports `failed`."""
        ...
