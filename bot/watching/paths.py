"""Channels and speakers that note how they go, and are otherwise what they were."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from bot.domain.error import (
    ChatMoved,
    CopyGone,
    DeliveryError,
    NotReady,
    Rejected,
    RetryLater,
    SignedOut,
)
from bot.domain.message import ChatRef, Media, Picture, Post, Sent
from bot.ports import (
    SOUNDED,
    Announcer,
    Begins,
    Channel,
    ChannelHealth,
    Clock,
    Receiving,
    Reception,
    Spoken,
    Take,
    Utterance,
)
from bot.watching.course import Course

_ANSWERS = (Rejected, CopyGone, ChatMoved)
"""What it refuses it has at least heard."""

_SILENT = frozenset(
    {
        "failed",
        "no_speech",
        "no_listener",
        "unknown_speaker",
        "unreachable",
        "no_answer",
        "unauthorised",
        "not_found",
        "not_supported",
        "refused",
        "cut_off",
        "not_played",
    }
)
"""Outcomes that a speaker which works would not have; a busy one works."""


def watched_channel(channel: Channel, clock: Clock) -> WatchedChannel:
    """Receivers of webhooks are servers of their own, the chats of a platform are not."""
    return WatchedChannel(channel, clock, apart=channel.name == "webhook")


class WatchedChannel:
    """See `bot.ports.Channel`; `courses` tell how sending goes, by chat if they go `apart`."""

    def __init__(self, channel: Channel, clock: Clock, *, apart: bool = False) -> None:
        self.name = channel.name
        self.capabilities = channel.capabilities
        self.courses = {} if apart else {channel.name: Course(channel.name)}
        self._apart = apart
        self._channel = channel
        self._clock = clock

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        with self._noted(chat):
            return await self._channel.send(chat, post, key=key, picture=picture, reply_to=reply_to)

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        with self._noted(chat):
            await self._channel.edit(
                chat, message_id, post, has_picture=has_picture, picture=picture
            )

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        with self._noted(None):
            await self._channel.answer_press(press_id, text, alert=alert)

    async def fetch(self, media: Media, limit: int) -> bytes:
        return await self._channel.fetch(media, limit)

    async def receive(self, take: Take) -> None:
        await self._channel.receive(take)

    @property
    def hears(self) -> bool:
        """Whether the platform can be heard, which proves that it is there."""
        return isinstance(self._channel, Receiving) and not self._channel.reception.fault

    @property
    def reception(self) -> Reception:
        return self._channel.reception if isinstance(self._channel, Receiving) else Reception()

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        return await self._channel.check(chats, language)

    async def close(self) -> None:
        await self._channel.close()

    @contextmanager
    def _noted(self, chat: ChatRef | None) -> Generator[None]:
        key = chat.key if chat and self._apart else self.name
        course = self.courses.setdefault(key, Course(key))
        try:
            yield
        except NotReady:
            raise
        except _ANSWERS:
            course.worked()
            raise
        except DeliveryError as error:
            self._failed(course, error)
            raise
        except asyncio.CancelledError:  # it took longer than the courier waits
            course.failed(self._clock(), "no answer in time")
            raise
        course.worked()

    def _failed(self, course: Course, error: DeliveryError) -> None:
        """A platform that says when to come again is there."""
        signed_out = isinstance(error, SignedOut)
        if isinstance(error, RetryLater) and error.retry_after is not None and not signed_out:
            course.worked()
        else:
            course.failed(self._clock(), str(error), urgent=signed_out)


class WatchedAnnouncer:
    """See `bot.ports.Announcer`; `courses` tell how each speaker goes that was used.

    `ended` are the last outcomes that say something of the speaker.
    """

    def __init__(self, announcer: Announcer, clock: Clock) -> None:
        self.courses: dict[str, Course] = {}
        self.ended: dict[str, str] = {}
        self._announcer = announcer
        self._clock = clock

    async def announce(self, utterance: Utterance, begins: Begins | None = None) -> Spoken:
        spoken = await self._announcer.announce(utterance, begins)
        course = self.courses.setdefault(spoken.speaker, Course(spoken.speaker))
        if spoken.outcome in SOUNDED or spoken.outcome == "not_confirmed":
            course.worked()
            self.ended[spoken.speaker] = spoken.outcome
        elif spoken.outcome in _SILENT:
            course.failed(self._clock(), spoken.detail or spoken.outcome, urgent=True)
            self.ended[spoken.speaker] = spoken.outcome
        return spoken
