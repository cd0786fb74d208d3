"""The built-in console as a chat platform: our own page is the other side.

Posts go into the `ConsoleLog`, and open pages are told to look.  What people type is written there
too, marked as not yet taken; it is acknowledged to the page once the inbox has it.  Should the
process die in between, or the inbox refuse, it is handed over again later, under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from bot.channels.uploads import Uploads
from bot.domain.error import (
    CopyGone,
    DeliveryError,
    NotFound,
    RetryLater,
    Unavailable,
)
from bot.domain.message import Capabilities, ChatRef, Incoming, Media, Picture, Post, Sender, Sent
from bot.ports import ChannelHealth, Clock, Take
from bot.ports_console import (
    ConsoleDraft,
    ConsoleLog,
    ConsoleMessage,
    ConsolePicture,
    ConsoleRecording,
    Pressed,
    Toast,
    ToastSink,
    Typed,
)
from bot.texts.doctor import said
from bot.texts.fitting import clip

log = logging.getLogger(__name__)

NAME = "console"
MAX_TEXT = 8_000


class ConsoleChannel:
    """See `bot.ports.Channel` and `bot.ports_console.ConsoleDesk`.

    `look_every` is how long (s) a page waits before it looks by itself, for messages that another
    process has written; `hand_over_every` how long (s) until a refused hand-over is tried again.
    """

    name = NAME
    capabilities = Capabilities(
        has_idempotency_key=True,
        max_text=MAX_TEXT,
        max_caption=MAX_TEXT,
        messages_per_minute=0,
        one_receiver=False,  # what people do on this process's pages only it can take
    )

    def __init__(
        self,
        messages: ConsoleLog,
        uploads: Uploads,
        now: Clock,
        *,
        look_every: float = 1.0,
        hand_over_every: float = 1.0,
    ) -> None:
        self._messages = messages
        self._uploads = uploads
        self._now = now
        self._look_every = look_every
        self._hand_over_every = hand_over_every
        self._take: Take | None = None
        self._handing_over = asyncio.Lock()
        self._refused = asyncio.Event()
        self._bells: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._revisions: dict[str, int] = {}
        self._sinks: defaultdict[str, set[ToastSink]] = defaultdict(set)

    # --- the core's side ---

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        """Write a message; a second time under the same key it is the same message."""
        draft = ConsoleDraft(
            chat=chat.id,
            key=f"out:{key}",
            kind="post",
            at=self._now(),
            post=_fitting(post),
            picture=await self._uploads.kept_if_possible(picture),
            reply_to=_number(reply_to),
        )
        with _delivery():
            message = await self._messages.add(draft)
        self._ring(message)
        return Sent(str(message.id), {"revision": message.revision})

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        """Make a message say `post`; `has_picture` is known here anyway."""
        kept = await self._uploads.kept_if_possible(picture)
        number = _number(message_id)
        message = None
        if number is not None:
            with _delivery():
                message = await self._messages.edit(
                    chat.id, number, _fitting(post), kept, self._now()
                )
        if message is None:
            raise CopyGone(f"there is no message {message_id} of ours in {chat.key}")
        self._ring(message)

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        """Show the presser a line on every page they have open."""
        member, _, id = press_id.partition(":")
        toast = Toast(id, text, alert)
        sinks = [sink(toast) for sink in self._sinks.get(member, ())]
        for result in await asyncio.gather(*sinks, return_exceptions=True):
            if isinstance(result, Exception):
                # A page that cannot be reached is as good as closed: there is nobody to answer.
                log.info("the answer to a press did not reach a page: %r", result)

    async def fetch(self, media: Media, limit: int) -> bytes:
        """The bytes of an uploaded picture or recording."""
        with _delivery():
            return await self._uploads.fetch(media, limit)

    async def receive(self, take: Take) -> None:
        """Take what people do on the page, until cancelled; first what was left from before."""
        self._take = take
        try:
            while True:
                self._refused.clear()
                try:
                    await self._hand_over_waiting()
                except Exception as fault:  # noqa: BLE001  boundary: however it fails, try again
                    log.warning("the inbox does not take what the console has: %r", fault)
                    self._refused.set()
                    await asyncio.sleep(self._hand_over_every)
                await self._refused.wait()
        finally:
            self._take = None

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        """Look whether the chats can be read; nothing can be wrong with them but the database."""
        try:
            with _delivery():
                revisions = {chat.id: await self._messages.revision(chat.id) for chat in chats}
        except DeliveryError as fault:
            unreadable = said("database.unusable", language, reason=fault)
            return ChannelHealth(False, NAME, (unreadable,))
        return ChannelHealth(True, NAME, detail={"revisions": revisions})

    async def close(self) -> None:
        """Wake whoever waits; there is no connection to let go of."""
        for bell in self._bells.values():
            bell.set()

    # --- the page's side ---

    async def typed(self, what: Typed) -> ConsoleMessage:
        """Write down what a member said, and hand it on; returns when the inbox has it."""
        if what.reply_to is not None:
            await self._require(what.chat, what.reply_to)
        now = self._now()
        draft = ConsoleDraft(
            chat=what.chat,
            key=f"in:{what.member}:{what.id}",
            kind="photo" if what.photo else "voice" if what.recording else "text",
            at=now,
            post=Post(what.text[:MAX_TEXT], fields={"language": what.language}),
            sender=what.member,
            name=what.name,
            picture=what.photo,
            recording=what.recording,
            reply_to=what.reply_to,
            sent_at=now - max(what.age, 0),
        )
        message = await self._messages.add(draft)
        self._ring(message)
        if not message.taken:
            await self._hand_over()
        return message

    async def pressed(self, what: Pressed) -> None:
        """Hand on a press; returns when the inbox has it."""
        message = None if what.message is None else await self._pressed_on(what.chat, what.message)
        incoming = Incoming(
            channel=NAME,
            platform_id=f"press:{what.member}:{what.id}",
            chat=_chat_ref(what.chat),
            sender=Sender(what.member, what.name, language=what.language),
            kind="press",
            data=what.data,
            reply_to=str(message.id) if message else None,
            reply_to_own=message is not None,
            reply_text=message.post.text if message else "",
            sent_at=self._now() - max(what.age, 0),
            press_id=f"{what.member}:{what.id}",
        )
        await self._hand_over(incoming)

    async def keep_photo(self, data: bytes) -> ConsolePicture:
        """Decode an upload into a clean JPEG and keep it."""
        return await self._uploads.keep_photo(data)

    async def keep_recording(self, data: bytes) -> ConsoleRecording:
        """Decode what a person said into a WAV file and keep it."""
        return await self._uploads.keep_recording(data)

    async def changed(self, chat: str, revision: int) -> None:
        """Wait until the chat has gone beyond `revision`, or until it is time to look anyway."""
        if self._revisions.get(chat, 0) > revision:
            return
        try:
            async with asyncio.timeout(self._look_every):
                await self._bells[chat].wait()
        except TimeoutError:
            return

    def listen(self, member: str, sink: ToastSink) -> Callable[[], None]:
        """Send the answers to a member's presses to `sink`."""
        self._sinks[member].add(sink)
        return lambda: self._sinks[member].discard(sink)

    # --- within ---

    async def _require(self, chat: str, id: int) -> ConsoleMessage:
        message = await self._messages.get(chat, id)
        if message is None:
            raise NotFound("console.no_such_message", message=id)
        return message

    async def _pressed_on(self, chat: str, id: int) -> ConsoleMessage:
        message = await self._require(chat, id)
        if message.kind != "post":
            raise NotFound("console.no_such_message", message=id)
        return message

    def _ring(self, message: ConsoleMessage) -> None:
        """Let the pages look.  The bell is replaced, so that each waits for news of its own."""
        newest = self._revisions.get(message.chat, 0)
        self._revisions[message.chat] = max(newest, message.revision)
        self._bells.pop(message.chat, asyncio.Event()).set()

    async def _hand_over(self, press: Incoming | None = None) -> None:
        """Hand on whatever was said, then the press; what is not taken is tried again."""
        try:
            await self._hand_over_waiting()
            if press is not None:
                await self._taking()(press)
        except BaseException:  # whatever it was, cancellation included
            self._refused.set()
            raise

    async def _hand_over_waiting(self) -> None:
        """One at a time and in order: nobody's words overtake what was said before them."""
        async with self._handing_over:
            for message in await self._messages.untaken():
                await self._taking()(await self._incoming(message))
                await self._messages.mark_taken(message.id)

    def _taking(self) -> Take:
        if self._take is None:
            raise Unavailable("the console is not receiving at the moment")
        return self._take

    async def _incoming(self, message: ConsoleMessage) -> Incoming:
        replied = None
        if message.reply_to is not None:
            replied = await self._messages.get(message.chat, message.reply_to)
        media = ()
        if message.picture is not None:
            media = (Media("photo", message.picture.sha256, mime="image/jpeg"),)
        if (said := message.recording) is not None:
            media = (Media("voice", said.sha256, seconds=said.seconds, mime="audio/wav"),)
        language: Any = message.post.fields.get("language")
        assert message.sender is not None
        return Incoming(
            channel=NAME,
            platform_id=f"message:{message.key.removeprefix('in:')}",
            chat=_chat_ref(message.chat),
            sender=Sender(message.sender, message.name, language=language),
            kind=message.kind if message.kind != "post" else "other",
            text=message.post.text,
            message_id=str(message.id),
            reply_to=str(message.reply_to) if message.reply_to is not None else None,
            reply_to_own=replied is not None and replied.kind == "post",
            reply_text=replied.post.text if replied else "",
            media=media,
            sent_at=message.sent_at,
        )


@contextmanager
def _delivery() -> Iterator[None]:
    """Names the faults of database and disk as the channel's; what was not stored is not there."""
    try:
        yield
    except DeliveryError:
        raise
    except Exception as fault:  # boundary: each database has errors of its own, all mean "not now"
        raise RetryLater(
            f"the console cannot be written: {type(fault).__name__}: {fault}"
        ) from fault


def _fitting(post: Post) -> Post:
    """The post within `MAX_TEXT`."""
    return replace(post, text=clip(post.text, MAX_TEXT))


def _chat_ref(chat: str) -> ChatRef:
    """The chat of that id; one's own with the program begins with @."""
    return ChatRef(NAME, chat, private=chat.startswith("@"))


def _number(message_id: str | None) -> int | None:
    """A message's id as it stands in the table; None for what none of ours could have."""
    if message_id is None or not (message_id.isascii() and message_id.isdigit()):
        return None
    return int(message_id[:18])
