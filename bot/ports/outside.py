"""The world around the core: chat platforms, voice, eyes, pictures, and being woken up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from bot.domain.message import Capabilities, ChatRef, Incoming, Media, Picture, Post, Sent
from bot.domain.report import Shot

Clock = Callable[[], int]
"""Now, in epoch milliseconds."""

Take = Callable[[Incoming], Awaitable[None]]
"""Stores what a person did; when it returns, the platform may be told that it has arrived."""


# --- chat platforms ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """What a channel says of itself: who it is there, and one repair sentence per fault.

    `detail["deaf"]` are those of the faults for which it hears less, but delivers all the same.
    """

    ok: bool
    identity: str = ""
    faults: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Reception:
    """How receiving goes.

    `fault` says in words why nothing is received now, "" if all is well, and `cause` what it is:
    `second_holder` (another program receives with our credentials), `webhook` (updates were being
    posted elsewhere), `token` (it is not known) or `away`.  `ahead_ms` is how far the platform's
    clock is ahead of ours, None where it has not said.
    """

    cause: str = ""
    fault: str = ""
    ahead_ms: int | None = None


@runtime_checkable
class Receiving(Protocol):
    """What a channel is, besides, whose receiving can fail by itself."""

    @property
    def reception(self) -> Reception: ...


class Channel(Protocol):
    """A chat platform, both ways.  Every method raises only `bot.domain.error.DeliveryError`s.

    `key` is an idempotency key: a platform that honours one gets it, so that sending again under
    the same key delivers once.
    """

    name: str
    capabilities: Capabilities

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        """Post a message; returns when the platform has it."""
        ...

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        """Make a sent message say `post`, and show `picture` if given; "unchanged" is success.

        Where the message has none (`has_picture`) and the platform refuses this one, it raises
        `PictureRefused`.
        """
        ...

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a button press; too late is success, there is nobody left to answer."""
        ...

    async def fetch(self, media: Media, limit: int) -> bytes:
        """The bytes of what came with a message, at most `limit` of them."""
        ...

    async def receive(self, take: Take) -> None:
        """Receive until cancelled; an update is acknowledged only after `take` has returned."""
        ...

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        """Probe the platform and the chats, without posting anything; faults in `language`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# --- the second path --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """A message for the phones `to`; the same `id` is the same message, however often it comes.

    `attempt` counts how often the case was told on that path; `case` is None for one that has no
    number yet.
    """

    id: str
    to: tuple[str, ...]
    title: str
    text: str
    case: int | None
    severity: str
    attempt: int
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])


class AlertPath(Protocol):
    """A second path of emergencies, independent of every chat.

    Every method raises only `bot.domain.error.DeliveryError`s.
    """

    async def send(self, message: AlertMessage) -> None:
        """Hand it over; returns when it was accepted."""
        ...

    async def probe(self) -> None:
        """Look whether it could be handed over, without sending anything."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# --- voice, eyes, pictures ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoken:
    """What became of an announcement at one speaker; `outcome` is "spoken" only with proof.

    Nothing ever answers a page to a group of horns: the most that it becomes is "sent".  What was
    `interrupted_by` the emergency of a case sounded for at most so many seconds.  `began_at` (ms):
    when the speaker was given it, whose first sound left `first_ms` later; 99 of 100 packets were
    at most `late_ms` late.  `voice` is who spoke.
    """

    speaker: str
    outcome: str
    seconds: float = 0.0
    detail: str = ""
    began_at: int | None = None
    interrupted_by: int | None = None
    first_ms: int | None = None
    late_ms: int | None = None
    voice: str = ""


SOUNDED = frozenset({"spoken", "sent"})
"""The outcomes of an announcement that went as well as its kind of speaker lets one know."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence for one speaker.  Not started by `expires_at` (ms), it is never spoken.

    `round` counts, from 1, how often it has been said; `forced` passes quiet hours and limits.
    `recording` names a person's own voice, which is played; the text is only shown then.
    """

    id: str
    speaker: str
    text: str
    language: str
    severity: str
    style: str
    expires_at: int
    case: int | None = None
    round: int = 1
    forced: bool = False
    recording: str | None = None


Begins = Callable[[], Awaitable[None]]
"""Is awaited, for a moment, before anything can be heard."""


class Announcer(Protocol):
    """Says sentences on site speakers; returns when it is known what became of it."""

    async def announce(self, utterance: Utterance, begins: Begins | None = None) -> Spoken: ...


class Eyes(Protocol):
    """The cameras' last seconds."""

    def frame_near(self, camera: str, at: int) -> Awaitable[Shot | None]:
        """The frame nearest to `at` (ms), if the camera still has one near it."""
        ...


class PictureStore(Protocol):
    """Content-addressed pictures; writing is atomic, names are SHA-256 in hex."""

    async def put(self, content: bytes) -> str: ...

    def holds(self, sha256: str) -> bool:
        """Whether it could not be written yet, and is in memory only."""
        ...

    async def get(self, sha256: str) -> bytes | None: ...


class RecordingStore(Protocol):
    """What people said, as WAV files; content-addressed like pictures."""

    async def put(self, content: bytes) -> str: ...

    async def get(self, sha256: str) -> bytes | None: ...


class Journal(Protocol):
    """Keeps what the database cannot take, where a full disk does not matter."""

    @property
    def fault(self) -> str:
        """Why nothing can be written; "" while all is well."""
        ...

    async def open(self) -> None:
        """Make it ready; may be called again where there was a `fault`."""
        ...

    async def write(self, entry: bytes) -> None:
        """Returns when the entry is durable; raises `bot.domain.error.Unavailable`."""
        ...

    async def read(self) -> list[bytes]:
        """Everything written since it was last cleared."""
        ...

    async def clear(self) -> None:
        """Forget it all, durably."""
        ...


class PictureDesk(Protocol):
    """Decodes foreign bytes safely into clean JPEGs; raises `BadInput`."""

    async def sanitise(self, data: bytes) -> Picture: ...


@dataclass(frozen=True, slots=True)
class Recording:
    """What a person said: a mono WAV file, and how long it is; `audible`: it is not all silence."""

    wav: bytes
    seconds: float
    audible: bool = True


class RecordingDesk(Protocol):
    """Decodes foreign sound files safely.

    Raises `Refused` with the sentence why (`recording.too_long` ...), or `Unavailable`.
    """

    async def decode(self, data: bytes) -> Recording: ...


class PictureShrinker(Protocol):
    """Makes pictures fit a thin line; raises `BadInput` or `Unavailable`."""

    async def shrink(self, jpeg: bytes, most: int) -> Picture:
        """The same picture, encoded anew in at most `most` bytes."""
        ...


# --- waking up --------------------------------------------------------------------------------


class Wake(Protocol):
    """Tells other loops (and other processes) that there is work; never the truth itself."""

    def ring(self, topic: str) -> None: ...

    async def wait(self, topic: str, timeout: float) -> None:
        """Return when `topic` was rung since the last wait, or after `timeout` seconds."""
        ...
