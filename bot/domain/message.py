"""What passes between the core and a chat platform, in words that no platform owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.domain.hazard import Severity

IncomingKind = Literal["text", "press", "photo", "voice", "moved", "joined", "left", "other"]
"""`joined` and `left` are about ourselves: a chat lets us in, or out."""


INTERCOM = "intercom"
"""The channel of what is said through devices, which come for their answers themselves."""


@dataclass(frozen=True, slots=True)
class ChatRef:
    """A place to send to: channel name, the platform's chat id as text, and a forum topic.

    A private chat is about its member's sites, or only about some of them, `sites`.
    """

    channel: str
    id: str
    topic: str | None = None
    private: bool = False
    sites: tuple[str, ...] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> ChatRef:
        """As it was kept in JSON, which has no tuples."""
        given: dict[str, Any] = {**stored, "sites": tuple(stored.get("sites", ()))}
        return cls(**given)

    @property
    def key(self) -> str:
        """`telegram:-1001`, in a topic `telegram:-1001/7`: what tables and settings call it."""
        return f"{self.channel}:{self.id}" + (f"/{self.topic}" if self.topic else "")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote or pressed, as the platform says; `anonymous` when it hides the person."""

    id: str
    name: str = ""
    username: str | None = None
    language: str | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or sound that came with a message; `ref` is what `Channel.fetch` takes."""

    kind: Literal["photo", "voice", "audio", "document"]
    ref: str
    size: int | None = None
    seconds: float | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that a person did in a chat, complete enough to be redone after a crash.

    `platform_id` names it once and for ever on its channel (for Telegram `message:<chat>:<id>` or
    `callback:<id>`); `sent_at` is epoch milliseconds by the platform's clock, 0 if it has none.
    `reply_to` is the id of the message replied to, or of the message whose button was pressed;
    `reply_to_own` says that it is one of ours, `reply_data` is then the data of its first button;
    `bot` is what we are called there, `title` what a group is called.
    `spoken`: the text is what was heard in a recording, and may be misheard.
    A chat that moved tells its `new_chat`, and the new one its `old_chat`.
    """

    channel: str
    platform_id: str
    chat: ChatRef
    sender: Sender
    kind: IncomingKind
    text: str = ""
    data: str = ""
    message_id: str | None = None
    reply_to: str | None = None
    reply_to_own: bool = False
    reply_text: str = ""
    reply_data: str = ""
    bot: str | None = None
    media: tuple[Media, ...] = ()
    album: str | None = None
    sent_at: int = 0
    press_id: str | None = None
    new_chat: str | None = None
    old_chat: str | None = None
    title: str = ""
    spoken: bool = False

    @property
    def command_id(self) -> str:
        """The id under which the act is carried out at most once."""
        return f"{self.channel}:{self.platform_id}"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; `data` comes back when it is pressed (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A member to be called by name; `user` is their id on the channel, None if not linked."""

    name: str
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A message as the core wants it seen: plain text lines, buttons in rows, people to call.

    The channel escapes, shortens to its limits (the first line is never cut) and calls those who
    are mentioned, where the text names them or after it.  `case`, `version` and `severity` let a
    channel that draws its own cards do so.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    mentions: tuple[Mention, ...] = ()
    silent: bool = False
    case: int | None = None
    version: int = 0
    severity: Severity | None = None
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG with its size in pixels; `sha256` names it in the snapshot store.

    `kept` is false while the store has it in memory only.
    """

    jpeg: bytes
    sha256: str
    width: int = 0
    height: int = 0
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took the message; `message_id` finds it again for editing and replies."""

    message_id: str
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; the courier asks these instead of the channel's name.

    `max_text` and `max_caption` are in UTF-16 code units, `callback_bytes` in bytes,
    `messages_per_minute` is the platform's limit per group (0: none), `edit_window` in seconds
    after sending (None: always), `press_answer_within` in seconds.  With `one_receiver` only one
    process of several may receive at a time.  `adds_pictures`: a picture can be edited into a
    message that was sent without one.
    """

    can_edit: bool = True
    edit_window: float | None = None
    has_idempotency_key: bool = False
    has_buttons: bool = True
    max_text: int = 4096
    max_caption: int = 1024
    callback_bytes: int = 64
    messages_per_minute: int = 20
    press_answer_within: float = 10.0
    one_receiver: bool = True
    adds_pictures: bool = False
