"""Everything that can go wrong, as one tree.

    LoudhailerError
    ├── BadInput            what was given is wrong; names every fault with its place
    ├── NotFound            what was named does not exist (or not for this person)
    ├── Refused             understood, but not now or not by this person; carries a text key
    ├── Conflict            the same id was used before with other content
    ├── Unavailable         cannot be done at the moment; `retry_after` seconds if known
    └── DeliveryError       a chat, speaker or alert did not take what was sent
        ├── RetryLater      surely not delivered; may be tried again (`retry_after` seconds)
        │   ├── NotReady    the channel is still being opened: this was no try at all
        │   ├── SignedOut   the platform does not know our credentials (any more)
        │   └── TooSlow     given up while its picture was being uploaded (`sent` of its bytes)
        ├── Uncertain       may or may not have been delivered (time-out, reset, cut answer)
        ├── Rejected        surely not delivered and never will be as it is
        │   ├── PictureRefused  for the picture's sake alone
        │   └── ChatClosed  nothing reaches that chat any more until somebody lets us in (`why`)
        ├── CopyGone        the message to edit no longer exists
        └── ChatMoved       the chat has a new id (`new_chat`)

A `Refused` is told to the person in their language: `key` names a sentence in `bot.texts`, `params`
fill it in.  Errors of delivery never escape the courier; the others are mapped to replies and HTTP
statuses at the door they came in by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class InputFault:
    """One thing wrong with an input: where it is, what stands there, and why that will not do."""

    where: str
    message: str
    value: object = None


class LoudhailerError(Exception):
    """The root of this program's own errors."""


class BadInput(LoudhailerError):
    """What was given is wrong; `faults` names every place."""

    def __init__(self, faults: Sequence[InputFault]) -> None:
        super().__init__("; ".join(f"{fault.where}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


class _Told(LoudhailerError):
    """An error whose sentence stands in `bot.texts` under `key`."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params: Mapping[str, Any] = params


class NotFound(_Told):
    """What was named does not exist, or not for this person."""


class Refused(_Told):
    """Understood, but not in this state or not by this person."""


class Conflict(LoudhailerError):
    """The same id was used before with other content."""


class Unavailable(LoudhailerError):
    """Cannot be done at the moment; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryError(LoudhailerError):
    """A chat, speaker or alert did not take what was sent."""


class RetryLater(DeliveryError):
    """Surely not delivered; may be sent again after `retry_after` seconds (None: usual backoff)."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(RetryLater):
    """The channel is still being opened; nothing was tried, so nothing is counted against it."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message, retry_after)


class SignedOut(RetryLater):
    """The platform does not know our credentials: somebody has to give us new ones."""


class TooSlow(RetryLater):
    """The picture did not get through in time; `sent` bytes of it left in `seconds`."""

    def __init__(self, message: str, sent: int, seconds: float) -> None:
        super().__init__(message)
        self.sent = sent
        self.seconds = seconds


class Uncertain(DeliveryError):
    """May or may not have been delivered: the answer timed out, was reset or cut."""


class Rejected(DeliveryError):
    """Surely not delivered, and trying again unchanged will not help."""


class PictureRefused(Rejected):
    """The platform does not show this picture, or no picture in that chat; words it would take."""


class ChatClosed(Rejected):
    """Nothing reaches the chat until somebody lets us in again.

    `why` is kicked (from a group), blocked (by a person), absent (there is no such chat) or muted
    (we may not write there).
    """

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


class CopyGone(DeliveryError):
    """The message that was to be edited no longer exists or can no longer be edited."""


class ChatMoved(DeliveryError):
    """The chat has a new id; what was sent to the old one was not delivered."""

    def __init__(self, new_chat: str) -> None:
        super().__init__(f"the chat moved to {new_chat}")
        self.new_chat = new_chat
