"""All that the server knows, and the signal that something in it has changed."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import TypeVar

from .errors import Refused, bad_request
from .images import picture_size
from .limits import FloodLimits
from .model import Account, Chat, File, Media, Message, Press

T = TypeVar("T")
THUMBNAIL = b"a thumbnail, not the picture"
THUMBNAIL_SIDE = 90


class Signal:
    """Wakes everyone who waits for a condition over the server's memory."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def fire(self) -> None:
        """Something has changed."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def until(self, condition: Callable[[], T], timeout: float) -> T:
        """The first true value of `condition`; its last value when `timeout` seconds are over."""
        try:
            # not wait_for: on Python 3.11 it swallows a cancellation that meets the event
            async with asyncio.timeout(timeout):
                while not (found := condition()):
                    await self._event.wait()
        except TimeoutError:
            return condition()
        return found


class World:
    """Accounts, chats, files and presses; `clock` gives epoch seconds."""

    def __init__(self, bot: Account, clock: Callable[[], float] = time.time) -> None:
        self.bot = bot
        self.clock = clock
        self.changed = Signal()
        self.limits = FloodLimits()
        self.accounts: dict[int, Account] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.presses: dict[str, Press] = {}
        self.query_lifetime_s = 30.0
        self.commands: list[dict[str, str]] = []
        self._numbers = itertools.count(1)

    def number(self) -> int:
        """A number never used before, for file, album and query ids."""
        return next(self._numbers)

    def reach(self, chat_id: int | str) -> Chat:
        """The chat that the bot may write to now; refuses like Telegram where it may not."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._by_name(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise bad_request(
                "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
            )
        if not chat.bot_is_member:
            private = chat.kind == "private"
            reason = "blocked by the user" if private else f"kicked from the {chat.kind} chat"
            raise Refused(403, f"Forbidden: bot was {reason}")
        return chat

    def find(self, chat: Chat, message_id: int) -> Message | None:
        """A message that still exists."""
        message = chat.messages.get(message_id)
        return None if message is None or message.deleted else message

    def store(self, message: Message) -> Message:
        """Put a new message into its chat and wake who waits for it."""
        message.chat.messages[message.id] = message
        message.remember(message.accepted_at)
        self.changed.fire()
        return message

    def replace(self, message: Message, new: Message) -> None:
        """Let `message` look like its edited copy `new`."""
        for name in ("text", "caption", "entities", "media", "keyboard"):
            setattr(message, name, getattr(new, name))
        message.edited_at = self.clock()
        message.remember(message.edited_at)
        self.changed.fire()

    def keep_file(self, folder: str, data: bytes, suffix: str) -> File:
        """Make bytes downloadable."""
        number = self.number()
        file = File(f"{folder}-{number}", f"{folder}/file_{number}{suffix}", data)
        self.files[file.file_id] = file
        return file

    def photo(self, data: bytes) -> Media:
        """A photo in two renderings, the small one useless on purpose."""
        width, height = picture_size(data) or (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        small = self.keep_file("thumbnails", THUMBNAIL, ".jpg")
        full = self.keep_file("photos", data, ".jpg")
        least = (min(width, THUMBNAIL_SIDE) // 2, min(height, THUMBNAIL_SIDE) // 2)
        sizes = ((small, *least), (full, width, height))
        return Media("photo", full, width, height, sizes=sizes)

    def _by_name(self, name: str) -> Chat | None:
        return next((c for c in self.chats.values() if f"@{c.title}" == name), None)
