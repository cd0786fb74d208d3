"""The built-in console: its messages, and what passes between its page and its channel.

The console is a chat platform of our own, so what other platforms keep for us is kept here: the
messages (`ConsoleLog`, fulfilled by storage), and the door by which the page's people speak
(`ConsoleDesk`, fulfilled by the channel, used by the HTTP handlers).

Every chat counts its changes: a message that is new or edited takes the chat's next `revision`, and
keeps no older ones.  A page that was away asks for everything after the last revision it has seen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from bot.domain.message import Post

SaidKind = Literal["post", "text", "photo", "voice"]


@dataclass(frozen=True, slots=True)
class ConsolePicture:
    """A picture in the snapshot store; width and height in pixels, 0 where unknown."""

    sha256: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class ConsoleRecording:
    """What a person said, in the recording store; how long it is in seconds."""

    sha256: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ConsoleDraft:
    """A message that is to be added to a chat, once under its `key`.

    `sender` is a member's id, None for the program itself, which alone writes `post`s. `at` and
    `sent_at` are epoch milliseconds: when it arrived, and when the person let go of it.
    """

    chat: str
    key: str
    kind: SaidKind
    at: int
    post: Post
    sender: str | None = None
    name: str = ""
    picture: ConsolePicture | None = None
    recording: ConsoleRecording | None = None
    reply_to: int | None = None
    sent_at: int = 0


@dataclass(frozen=True, slots=True)
class ConsoleMessage:
    """A message as it stands now. `taken` is false while a person's words are not in the inbox."""

    id: int
    chat: str
    revision: int
    key: str
    kind: SaidKind
    at: int
    post: Post
    sender: str | None = None
    name: str = ""
    picture: ConsolePicture | None = None
    recording: ConsoleRecording | None = None
    reply_to: int | None = None
    sent_at: int = 0
    edited_at: int | None = None
    taken: bool = True


class ConsoleLog(Protocol):
    """The console's messages in the database.  Lists run from the oldest to the newest."""

    async def add(self, draft: ConsoleDraft) -> ConsoleMessage:
        """Add a message; under a key that is already there, the message that has it."""
        ...

    async def edit(
        self, chat: str, id: int, post: Post, picture: ConsolePicture | None, at: int
    ) -> ConsoleMessage | None:
        """Make a message of the program say `post`; no picture: keep the old one. None: no such.

        What says the same already keeps its revision.
        """
        ...

    async def get(self, chat: str, id: int) -> ConsoleMessage | None: ...

    async def since(self, chat: str, revision: int, limit: int) -> list[ConsoleMessage]:
        """What is new or changed after `revision`, in the order of the changes."""
        ...

    async def latest(
        self, chat: str, limit: int, before: int | None = None
    ) -> list[ConsoleMessage]:
        """The newest messages, or the newest of those with an id below `before`."""
        ...

    async def revision(self, chat: str) -> int:
        """How many changes the chat has seen."""
        ...

    async def card_of(self, chat: str, case: int) -> ConsoleMessage | None:
        """The newest message of a chat that shows the case."""
        ...

    async def shows(self, chat: str, sha256: str) -> bool:
        """Whether a picture or recording hangs in a chat: only then its people may fetch it."""
        ...

    async def untaken(self) -> list[ConsoleMessage]:
        """People's messages that have not reached the inbox."""
        ...

    async def mark_taken(self, id: int) -> None: ...


# --- the page's door ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """What a signed-in member wrote or uploaded; `id` is the page's own, the same on a repeat.

    `age` says how many milliseconds ago the person let go of it, for what waited for a connection.
    """

    id: str
    chat: str
    member: str
    name: str
    text: str = ""
    photo: ConsolePicture | None = None
    recording: ConsoleRecording | None = None
    reply_to: int | None = None
    age: int = 0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that a signed-in member pressed; `id` as in `Typed`.

    `message` is None where the page shows a case by itself, which no message of the chat does.
    """

    id: str
    chat: str
    member: str
    name: str
    message: int | None
    data: str
    age: int = 0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a press, for the presser's eyes only."""

    press: str
    text: str
    alert: bool = False


ToastSink = Callable[[Toast], Awaitable[None]]


class ConsoleDesk(Protocol):
    """What the page can do.  `typed` and `pressed` return once it is stored for good.

    They raise `Unavailable` when it is not, and may then be called again with the same id, and
    `NotFound` when it never will be.
    """

    async def typed(self, what: Typed) -> ConsoleMessage: ...

    async def pressed(self, what: Pressed) -> None: ...

    async def keep_photo(self, data: bytes) -> ConsolePicture:
        """Decode an uploaded picture safely and keep it; raises `BadInput`."""
        ...

    async def keep_recording(self, data: bytes) -> ConsoleRecording:
        """Decode what a person said safely and keep it; raises `Refused`."""
        ...

    async def changed(self, chat: str, revision: int) -> None:
        """Return when the chat may have gone beyond `revision`; a hint, given early or twice."""
        ...

    def listen(self, member: str, sink: ToastSink) -> Callable[[], None]:
        """Have the answers to a member's presses sent to `sink`; the result ends it."""
        ...


# --- what else the page shows -------------------------------------------------------------------

CameraState = Literal["live", "slow", "waiting", "failed", "ended", "off"]
"""`slow`: live, with people in the picture and too few looks to decide anything. `failed`: no
picture now. `ended`: a recording is over. `off`: not watched by this process."""


@dataclass(frozen=True, slots=True)
class CameraView:
    """How a camera does; `at` is when its newest picture was taken (ms), `detail` says more."""

    id: str
    state: CameraState
    at: int | None = None
    detail: str = ""
    looks_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class HornView:
    """How a loudspeaker does; `since` (ms) it fails, and `why` in words for the installer.

    `back`: since when it answers again, and is watched before that is believed.
    """

    id: str
    ok: bool
    since: int | None = None
    why: str = ""
    back: int | None = None


class CameraWall(Protocol):
    """The newest pictures of the cameras."""

    async def views(self, cameras: Sequence[str]) -> list[CameraView]: ...

    async def picture(self, camera: str) -> tuple[bytes, int] | None:
        """The newest picture as a JPEG of a tile's size, and when it was taken (ms)."""
        ...


class SpeakerListener(Protocol):
    """One page that sounds."""

    def heard(self, message: Mapping[str, Any]) -> None: ...

    def leave(self) -> None: ...


class SpeakerHub(Protocol):
    """A loudspeaker made of open pages."""

    def join(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> SpeakerListener: ...

    def sound_file(self, play_id: str) -> Path:
        """The path of the WAV of a play that is going on; raises LookupError."""
        ...
