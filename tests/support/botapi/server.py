"""A Bot API server for tests, on loopback, that checks every call and remembers everything."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from tests.support.patience import PATIENCE_S

from .asking import bot_member_json
from .front import Front
from .model import Account, Call, Chat, Json, Message
from .people import ANONYMOUS_ADMIN, User
from .wire import chat_json, message_json, user_json
from .world import World

TOKEN = "700000001:token-of-the-test-bot"
_PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "telegram-bot-api.json"


def published_spec() -> Path | None:
    """Where the machine-readable Bot API lies; None where this checkout does not have it."""
    return _PUBLISHED if _PUBLISHED.is_file() else None


class BotApiServer(Front):
    """`async with BotApiServer() as server:`; leaving the block fails on any recorded fault.

    faults        contract violations of the program under test, in words
    calls         every request with its times, in order
    trouble       what shall go wrong (`trouble.TroubleMaker`)
    privacy       groups show the bot only commands, mentions and replies to it
    latency_s     answering time added to every call but getUpdates
    world.limits  flood limits, off by default
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        host: str = "127.0.0.1",
        spec: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        bot = Account(int(token.split(":")[0]), "Loudhailer", "loudhailer_test_bot", is_bot=True)
        super().__init__(token, World(bot, clock), spec or published_spec())
        self.host = host
        self.port = 0
        self.webhook_retry_s = 0.1
        self._runner: web.AppRunner | None = None
        self._pusher: asyncio.Task[None] | None = None

    # -- life

    @property
    def url(self) -> str:
        """The base URL, for TELEGRAM_API."""
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen; after a stop on the same port again, with memory and updates kept."""
        self.closing = False
        await asyncio.to_thread(self.spec)  # no call is to wait for it
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = self._runner.addresses[0][1]
        self._pusher = asyncio.create_task(self.updates.push(self.post, self.webhook_retry_s))

    async def stop(self) -> None:
        """Close the port and all connections; hanging calls end."""
        self.closing = True
        self.world.changed.fire()
        if self._pusher:
            self._pusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pusher
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> BotApiServer:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
        if kind is None and self.faults:
            raise AssertionError("the Bot API was misused:\n" + "\n".join(self.faults))

    @contextlib.contextmanager
    def expecting(self, words: str) -> Iterator[None]:
        """Exactly one fault that contains `words` is expected in this block, and forgiven."""
        before = len(self.faults)
        yield
        new = self.faults[before:]
        if len(new) != 1 or words not in new[0]:
            raise AssertionError(f"expected one fault with {words!r}, got {new}")
        del self.faults[before:]

    # -- people and places

    def user(
        self,
        id: int,
        name: str,
        username: str | None = None,
        language_code: str | None = "zh-hans",
    ) -> User:
        """A person with a Telegram account."""
        account = Account(id, name, username, language_code)
        self.world.accounts[id] = account
        return User(self, account)

    def group(
        self,
        id: int,
        title: str = "",
        *,
        kind: str = "supergroup",
        topics: tuple[int, ...] = (),
        bot_is_admin: bool = False,
    ) -> Chat:
        """A group with the bot in it; `topics` make it a forum."""
        title = title or f"group {id}"
        chat = Chat(id, kind, title, topics=frozenset(topics), bot_is_admin=bot_is_admin)
        chat.last_id = max(topics, default=0)
        self.world.chats[id] = chat
        return chat

    def private(self, user: User) -> Chat:
        """The private chat of a person who has pressed Start."""
        return self.world.chats.setdefault(user.id, Chat(user.id, "private", owner=user.account))

    def kick_bot(self, chat: Chat, by: User) -> None:
        """The bot is thrown out of a group, or blocked by a person: from now on 403."""
        self._set_membership(chat, by, False)

    def add_bot(self, chat: Chat, by: User) -> None:
        """The bot is let in (again)."""
        self._set_membership(chat, by, True)

    def migrate(self, chat: Chat, new_id: int) -> Chat:
        """The group becomes a supergroup under a new id; both chats get their service message."""
        new = self.group(new_id, chat.title)
        self.service(chat, {"migrate_to_chat_id": new_id})
        chat.migrated_to = new_id
        self.service(new, {"migrate_from_chat_id": chat.id})
        return new

    def service(self, chat: Chat, extra: Json) -> Message:
        """A service message, as from the group itself."""
        now = self.world.clock()
        message = Message(chat.next_id(), chat, ANONYMOUS_ADMIN, now, extra=extra)
        self.world.store(message)
        self.deliver(chat, "message", message_json(message))
        return message

    def deliver(self, chat: Chat, kind: str, body: Json) -> None:
        """Queue an update for the bot if it is in the chat."""
        if chat.bot_is_member:
            self.updates.put(kind, body)

    def _set_membership(self, chat: Chat, by: User, member: bool) -> None:
        old = bot_member_json(self.world, chat)
        chat.bot_is_member = member
        body = {
            "chat": chat_json(chat),
            "from": user_json(by.account),
            "date": int(self.world.clock()),
            "old_chat_member": old,
            "new_chat_member": bot_member_json(self.world, chat),
        }
        self.updates.put("my_chat_member", body)

    # -- what the bot did

    def messages(self, chat: Chat) -> list[Message]:
        """The bot's messages in a chat that still exist, oldest first."""
        mine = (m for m in chat.messages.values() if m.sender is self.world.bot)
        return [message for message in mine if not message.deleted]

    def calls_of(self, method: str) -> list[Call]:
        """All calls of one method, refused ones included."""
        return [call for call in self.calls if call.method == method]

    async def wait_until(self, condition: Callable[[], Any], timeout: float = PATIENCE_S) -> Any:
        """The first true value of `condition`; fails the test after `timeout` seconds.

        Looked at whenever something in the server changes.
        """
        if found := await self.world.changed.until(condition, timeout):
            return found
        raise AssertionError(f"waited {timeout} s in vain; {self._story()}")

    async def wait_message(
        self,
        chat: Chat,
        predicate: Callable[[Message], bool] = lambda _: True,
        timeout: float = PATIENCE_S,
        *,
        after: Message | None = None,
    ) -> Message:
        """The bot's first message in `chat`, later than `after`, for which `predicate` holds."""
        since = after.id if after else 0
        return await self.wait_until(
            lambda: next((m for m in self.messages(chat) if m.id > since and predicate(m)), None),
            timeout,
        )

    async def wait_edit(
        self, message: Message, predicate: Callable[[Message], bool], timeout: float = PATIENCE_S
    ) -> Message:
        """`message` once `predicate` holds, by an edit or because it came late enough."""
        return await self.wait_until(lambda: message if predicate(message) else None, timeout)

    def _story(self) -> str:
        lines = [
            f"[{chat.id}] {message.id} {message.sender.name}: {message.words} {message.buttons}"
            for chat in self.world.chats.values()
            for message in chat.messages.values()
        ]
        faults = [f"fault: {fault}" for fault in self.faults]
        return "\n".join(["what was said:", *lines, *faults])


@contextlib.asynccontextmanager
async def bot_api(**settings: Any) -> AsyncIterator[BotApiServer]:
    """A started server; leaving fails the test where the program broke the Bot API's contract."""
    async with BotApiServer(**settings) as server:
        yield server
