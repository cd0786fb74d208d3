"""What the server remembers: users, chats, messages, files and presses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.patience import PATIENCE_S

Json = dict[str, Any]
Keyboard = list[list[Json]]


@dataclass(frozen=True)
class File:
    """Something that can be downloaded by its `file_id`."""

    file_id: str
    path: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Media:
    """A message's photo, voice note, audio or document.

    `sizes` are a photo's renderings, smallest first; only the last one holds the picture itself.
    """

    kind: str
    file: File
    width: int = 0
    height: int = 0
    duration: int = 0
    mime: str = ""
    name: str = ""
    sizes: tuple[tuple[File, int, int], ...] = ()

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.file.data


@dataclass
class Account:
    """A Telegram user or bot."""

    id: int
    name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False


@dataclass
class Chat:
    """A private chat, group or supergroup, with all its messages by id."""

    id: int
    kind: str
    title: str = ""
    owner: Account | None = None
    topics: frozenset[int] = frozenset()
    bot_is_admin: bool = False
    bot_is_member: bool = True
    bot_may_write: bool = True
    bot_may_send_photos: bool = True
    migrated_to: int | None = None
    last_id: int = 0
    messages: dict[int, Message] = field(default_factory=dict, repr=False)

    def next_id(self) -> int:
        """A fresh message id; every chat counts for itself, so ids repeat between chats."""
        self.last_id += 1
        return self.last_id


@dataclass(frozen=True)
class Version:
    """What a message showed from the moment `at` (epoch seconds) on."""

    at: float
    words: str
    buttons: tuple[str, ...]
    picture: bytes | None = field(repr=False)


@dataclass
class Message:
    """A message as everyone in the chat sees it now; `history` tells what it showed before.

    `text` and `caption` are plain (entities apart); `accepted_at` is the epoch second at which the
    server stored it and `answered_at` the one at which it began to answer the sender.
    """

    id: int
    chat: Chat
    sender: Account
    accepted_at: float
    text: str | None = None
    caption: str | None = None
    entities: list[Json] = field(default_factory=list)
    media: Media | None = None
    keyboard: Keyboard | None = None
    reply_to: Message | None = field(default=None, repr=False)
    topic: int | None = None
    album: str | None = None
    silent: bool = False
    edited_at: float | None = None
    answered_at: float | None = None
    deleted: bool = False
    extra: Json = field(default_factory=dict)
    history: list[Version] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The text or the caption, whichever this message has."""
        return self.text if self.text is not None else self.caption or ""

    @property
    def buttons(self) -> list[str]:
        """The labels of all buttons, row by row."""
        return [button["text"] for row in self.keyboard or [] for button in row]

    @property
    def photo(self) -> bytes | None:
        """The picture's bytes."""
        return self.media.data if self.media and self.media.kind == "photo" else None

    @property
    def edits(self) -> int:
        """How often it was changed."""
        return max(0, len(self.history) - 1)

    def remember(self, at: float) -> None:
        """Append the present look to the history."""
        self.history.append(Version(at, self.words, tuple(self.buttons), self.photo))

    def look(self) -> tuple[Any, ...]:
        """Everything that "message is not modified" compares."""
        picture = self.media.file.file_id if self.media else None
        return self.words, self.entities, picture, self.keyboard

    def copy(self) -> Message:
        """A snapshot to edit, so that a refused edit changes nothing."""
        return replace(self, history=self.history)


@dataclass
class Press:
    """A button press on its way to the bot and back."""

    id: str
    user: Account
    message: Message | None
    data: str
    at: float
    alert: bool = False
    _answer: asyncio.Future[str] = field(default_factory=lambda: asyncio.Future())

    @property
    def answered(self) -> bool:
        """True once the bot has answered."""
        return self._answer.done()

    @property
    def text(self) -> str | None:
        """What the bot answered, None while it has not."""
        return self._answer.result() if self.answered else None

    def settle(self, text: str, *, alert: bool) -> None:
        """The bot's answer is there; "" closes the spinner without words."""
        self.alert = alert
        self._answer.set_result(text)

    async def answer(self, timeout: float = PATIENCE_S) -> str:
        """The text of the bot's answer; fails the test when none comes in `timeout` seconds."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._answer), timeout)
        except TimeoutError:
            raise AssertionError(f"the press on {self.data!r} was never answered") from None


@dataclass
class Call:
    """One request of the bot, for figures and for "who called what"."""

    method: str
    chat_id: int | str | None
    params: Json
    at: float
    port: int = 0
    """The caller's end of the connection."""
    answered_at: float | None = None
    status: int | None = None
    description: str = ""
