"""What can go wrong between a sentence and a speaker.

    VoiceFault
    ├── SpeechFailed             the sentence could not be made into sound
    │   └── VoiceMissing         the engine has no such voice
    ├── RecordingUnusable        bytes from outside that are no usable recording
    └── BadSpeakerUrl            the URL names no speaker (also a ValueError)
        └── SpeakerKindNotAvailable   a kind this release cannot play on

A speaker that cannot play is no exception: it is a `PlayReport` with its outcome.
"""

from __future__ import annotations


class VoiceFault(Exception):
    """Anything of this package that a caller may want to tell from a programming error."""


class SpeechFailed(VoiceFault):
    """No sound could be made of a sentence; the message says why."""


class VoiceMissing(SpeechFailed):
    """The speech engine has no voice of this name."""

    def __init__(self, voice: str) -> None:
        super().__init__(f"the speech engine has no voice {voice!r}")
        self.voice = voice


class RecordingUnusable(VoiceFault):
    """A recording that cannot be used; `reason` is a word of `RecordingDesk.decode`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadSpeakerUrl(VoiceFault, ValueError):
    """A speaker's URL cannot be used. The message never repeats the URL: it may hold a password."""


class SpeakerKindNotAvailable(BadSpeakerUrl):
    """The URL names a kind of speaker that this release does not play on."""

    def __init__(self, kind: str, available: tuple[str, ...]) -> None:
        known = ", ".join(f"{one}:" for one in available)
        super().__init__(f"speakers of kind {kind}: are not available yet; there are {known}")
        self.kind = kind
