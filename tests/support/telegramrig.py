"""The Telegram channel before the Bot API test server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.channels.telegram import SECRET_HEADER, TelegramOptions, open_telegram
from bot.channels.telegram.late import PostedChannel
from bot.domain.message import ChatRef
from bot.domain.secret import Secret
from bot.ports import Channel
from handlers.http.updates import UpdateDoor
from tests.support.botapi import BotApiServer, bot_api
from tests.support.http_house import House, running_house
from tests.support.rig import Shown


def options(server: BotApiServer, **changes: Any) -> TelegramOptions:
    """Options that point at the server, with pauses fit for tests."""
    given: dict[str, Any] = {
        "token": Secret(server.token, listed=False),
        "api": server.url,
        "send_timeout": 0.5,
        "poll_timeout": 5,
        "pause_first": 0.02,
        "pause_most": 0.1,
    }
    return TelegramOptions(**given | changes)


@asynccontextmanager
async def telegram(server: BotApiServer, **changes: Any) -> AsyncIterator[PostedChannel]:
    """An open channel; nothing is received until somebody calls `receive`."""
    channel = await open_telegram(options(server, **changes))
    try:
        yield channel
    finally:
        await channel.close()


@asynccontextmanager
async def posted_telegram(
    server: BotApiServer, **changes: Any
) -> AsyncIterator[tuple[PostedChannel, House]]:
    """The same where Telegram posts its updates, and the HTTP server that it posts to."""
    channels: list[PostedChannel] = []

    async def put(update: dict[str, Any]) -> None:
        await channels[0].push(update)

    chosen = options(server, webhook_url="http://127.0.0.1/updates")
    door = UpdateDoor(chosen.hook_path, SECRET_HEADER, chosen.hook_secret, put)
    async with running_house(door.set_up) as house:
        given = {"webhook_url": f"{house.url}/updates", "look_every": 0.05, **changes}
        async with telegram(server, **given) as channel:
            channels.append(channel)
            yield channel, house


class TelegramRig:
    """See `tests.support.rig.Rig`."""

    def __init__(self, server: BotApiServer, channel: Channel) -> None:
        self.server = server
        self.channel = channel
        self.group = server.group(-1001, "七号工地")
        self.user = server.user(111, "李工", "li")
        self.chat = ChatRef("telegram", "-1001")
        self.person_id = "111"
        self.person_name = "李工"

    async def shown(self, message_id: str) -> Shown | None:
        """What stands in the server."""
        message = self.server.world.find(self.group, int(message_id))
        if message is None:
            return None
        reply_to = str(message.reply_to.id) if message.reply_to else None
        return Shown(message.words, tuple(message.buttons), message.photo, reply_to)

    async def count(self) -> int:
        """The bot's messages."""
        return len(self.server.messages(self.group))

    async def says(self, text: str, *, reply_to: str | None = None) -> None:
        """Typed in the group."""
        await self.user.says(self.group, text, reply_to=self._message(reply_to))

    async def sends_picture(
        self, jpeg: bytes, caption: str = "", *, reply_to: str | None = None
    ) -> None:
        """Sent into the group."""
        await self.user.photo(self.group, jpeg, caption or None, reply_to=self._message(reply_to))

    async def presses(self, message_id: str, label: str) -> Callable[[], str | None]:
        """Pressed under the bot's message."""
        press = await self.user.press(self.group.messages[int(message_id)], label)
        return lambda: press.text

    def _message(self, message_id: str | None) -> Any:
        return None if message_id is None else self.group.messages[int(message_id)]


@asynccontextmanager
async def telegram_rig(**changes: Any) -> AsyncIterator[TelegramRig]:
    """A rig whose server fails the test on any misuse of the Bot API."""
    async with bot_api() as server, telegram(server, **changes) as channel:
        yield TelegramRig(server, channel)


@asynccontextmanager
async def posted_telegram_rig() -> AsyncIterator[TelegramRig]:
    """The same with updates that are posted."""
    async with bot_api() as server, posted_telegram(server) as (channel, _):
        yield TelegramRig(server, channel)
