"""What people do in the chats: type, send pictures and voice notes, press buttons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .markup import typed_entities
from .model import Account, Chat, Json, Media, Message, Press
from .wire import chat_json, message_json, press_json, user_json

if TYPE_CHECKING:
    from .server import BotApiServer

ANONYMOUS_ADMIN = Account(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
CHANNEL_BOT = Account(136817688, "Channel", "Channel_Bot", is_bot=True)


class User:
    """A person; every method returns what appeared in the chat."""

    def __init__(self, server: BotApiServer, account: Account) -> None:
        self.server = server
        self.account = account

    @property
    def id(self) -> int:
        """The Telegram user id."""
        return self.account.id

    async def says(
        self,
        chat: Chat,
        text: str,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
        extra: Json | None = None,
    ) -> Message:
        """Type a text; `extra` is added to the message's JSON as it stands."""
        message = self._message(chat, reply_to, topic, extra, text=text)
        message.entities = typed_entities(text)
        return self._post(message)

    async def says_anonymously(
        self, chat: Chat, text: str, *, reply_to: Message | None = None
    ) -> Message:
        """Type as an administrator who stays anonymous: the group itself speaks."""
        message = self._message(chat, reply_to, None, {"sender_chat": chat_json(chat)}, text=text)
        message.sender = ANONYMOUS_ADMIN
        message.entities = typed_entities(text)
        return self._post(message)

    async def says_as_channel(self, chat: Chat, text: str, channel_id: int) -> Message:
        """Type under the name of a channel that one owns."""
        channel = {"id": channel_id, "type": "channel", "title": "A channel"}
        message = self._message(chat, None, None, {"sender_chat": channel}, text=text)
        message.sender = CHANNEL_BOT
        return self._post(message)

    async def forwards(self, chat: Chat, text: str, author: User) -> Message:
        """Forward what somebody else wrote."""
        origin = {
            "type": "user",
            "date": int(self.server.world.clock()),
            "sender_user": user_json(author.account),
        }
        return await self.says(chat, text, extra={"forward_origin": origin})

    async def edits(self, message: Message, text: str) -> Message:
        """Change one's own text afterwards."""
        message.text = text
        message.entities = typed_entities(text)
        message.edited_at = self.server.world.clock()
        self._deliver(message, "edited_message")
        return message

    async def photo(
        self,
        chat: Chat,
        data: bytes,
        caption: str | None = None,
        *,
        reply_to: Message | None = None,
        topic: int | None = None,
    ) -> Message:
        """Send a picture."""
        message = self._message(chat, reply_to, topic, None, caption=caption)
        message.media = self.server.world.photo(data)
        return self._captioned(message)

    async def album(
        self,
        chat: Chat,
        pictures: list[bytes],
        caption: str | None = None,
        *,
        reply_to: Message | None = None,
    ) -> list[Message]:
        """Send several pictures at once; the caption stands on the first."""
        album = f"album-{self.server.world.number()}"
        messages = [self._message(chat, reply_to, None, None) for _ in pictures]
        messages[0].caption = caption
        for message, data in zip(messages, pictures, strict=True):
            message.media, message.album = self.server.world.photo(data), album
        return [self._captioned(message) for message in messages]

    async def voice(
        self, chat: Chat, data: bytes, *, seconds: int = 3, reply_to: Message | None = None
    ) -> Message:
        """Send a voice note (OGG/Opus)."""
        message = self._message(chat, reply_to, None, None)
        file = self.server.world.keep_file("voice", data, ".oga")
        message.media = Media("voice", file, duration=seconds, mime="audio/ogg")
        return self._post(message)

    async def audio(
        self, chat: Chat, data: bytes, *, seconds: int = 3, reply_to: Message | None = None
    ) -> Message:
        """Send an audio file, such as a player shows."""
        message = self._message(chat, reply_to, None, None)
        file = self.server.world.keep_file("music", data, ".m4a")
        message.media = Media("audio", file, duration=seconds, mime="audio/mp4", name="memo.m4a")
        return self._post(message)

    async def video_note(
        self, chat: Chat, data: bytes, *, seconds: int = 3, reply_to: Message | None = None
    ) -> Message:
        """Send a round video."""
        message = self._message(chat, reply_to, None, None)
        file = self.server.world.keep_file("video_notes", data, ".mp4")
        message.media = Media("video_note", file, duration=seconds)
        return self._post(message)

    async def document(
        self,
        chat: Chat,
        data: bytes,
        name: str,
        *,
        mime: str = "application/octet-stream",
        caption: str | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Send a file."""
        message = self._message(chat, reply_to, None, None, caption=caption)
        file = self.server.world.keep_file("documents", data, "")
        message.media = Media("document", file, mime=mime, name=name)
        return self._captioned(message)

    async def press(
        self,
        message: Message,
        button: str | int = 0,
        *,
        inaccessible: bool = False,
    ) -> Press:
        """Press a button, named by a part of its label or by its place, counted row by row."""
        found = [b for row in message.keyboard or [] for b in row]
        if isinstance(button, str):
            found = [b for b in found if button in b["text"]]
            button = 0
        if button >= len(found):
            raise AssertionError(f"no such button under {message.words!r}: {message.buttons}")
        return await self.sends_data(
            message, found[button]["callback_data"], inaccessible=inaccessible
        )

    async def sends_data(
        self, message: Message | None, data: str, *, inaccessible: bool = False
    ) -> Press:
        """A press with any data at all: forged, outdated, or without its message."""
        world = self.server.world
        press = Press(f"{world.number()}{self.id}", self.account, message, data, world.clock())
        world.presses[press.id] = press
        self.server.updates.put("callback_query", press_json(press, inaccessible=inaccessible))
        return press

    def _message(
        self,
        chat: Chat,
        reply_to: Message | None,
        topic: int | None,
        extra: Json | None,
        *,
        text: str | None = None,
        caption: str | None = None,
    ) -> Message:
        if topic is None and reply_to:
            topic = reply_to.topic
        return Message(
            chat.next_id(),
            chat,
            self.account,
            self.server.world.clock(),
            text=text,
            caption=caption,
            reply_to=reply_to,
            topic=topic,
            extra=extra or {},
        )

    def _captioned(self, message: Message) -> Message:
        message.entities = typed_entities(message.caption or "")
        return self._post(message)

    def _post(self, message: Message) -> Message:
        self.server.world.store(message)
        self._deliver(message, "message")
        return message

    def _deliver(self, message: Message, kind: str) -> None:
        if self._bot_sees(message):
            self.server.deliver(message.chat, kind, message_json(message))

    def _bot_sees(self, message: Message) -> bool:
        """Privacy mode: in groups only commands, mentions of the bot and replies to it."""
        chat, bot = message.chat, self.server.world.bot
        if chat.kind == "private" or not self.server.privacy or chat.bot_is_admin:
            return True
        if message.reply_to and message.reply_to.sender is bot:
            return True
        if f"@{bot.username}" in message.words:
            return True
        return bool(re.match(r"/\w+(?!\S*@)", message.words))
