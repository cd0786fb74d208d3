"""What people say through a device of their own program: a helmet, an intercom, a push-to-talk app.

It is a chat like any other, with one person in it; but the device comes for its answer, so nothing
is sent: what would be the reply is kept with the command and read from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.casework.answer import Answer, to_json
from bot.domain.error import Conflict
from bot.domain.message import INTERCOM, ChatRef, Incoming, IncomingKind, Media, Sender
from bot.domain.site import Member
from bot.ports import KnownCommand, Store, Tx
from bot.ports_console import ConsoleRecording

_LOOK_EVERY_S = 0.05
ANSWERED_WITHIN_S = 25.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A device: `id` is its key's, `member` speaks through it, at `sites` only (empty: all)."""

    id: str
    member: Member
    sites: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True)
class Intercom:
    """`take` is the inbox's door; answers are looked for in the store.

    `keep` decodes a recording and keeps it; it raises `Refused` with the sentence why not.
    """

    take: Callable[[Incoming], Awaitable[None]]
    keep: Callable[[bytes], Awaitable[ConsoleRecording]]
    store: Store

    async def said(
        self, caller: Caller, id: str, recording: ConsoleRecording
    ) -> KnownCommand | None:
        """Store what was said under the caller's own `id`, and wait for the answer to it.

        None: there is no answer yet; the same id again goes on waiting.  Raises `Conflict` where
        something else was said or pressed under the id.
        """
        media = Media("voice", recording.sha256, seconds=recording.seconds, mime="audio/wav")
        return await self._hear(self._incoming(caller, id, "voice", media=media))

    async def pressed(self, caller: Caller, id: str, data: str) -> KnownCommand | None:
        """A yes or a no to a question, without a word; as `said`."""
        return await self._hear(self._incoming(caller, id, "press", data=data))

    def _incoming(
        self,
        caller: Caller,
        id: str,
        kind: IncomingKind,
        *,
        data: str = "",
        media: Media | None = None,
    ) -> Incoming:
        return Incoming(
            channel=INTERCOM,
            platform_id=f"{caller.id}:{id}",
            chat=ChatRef(INTERCOM, caller.id, private=True, sites=caller.sites),
            sender=Sender(caller.member.id, caller.member.name, language=caller.language),
            kind=kind,
            data=data,
            media=(media,) if media else (),
        )

    async def _hear(self, incoming: Incoming) -> KnownCommand | None:
        await self.take(incoming)
        clock = asyncio.get_running_loop().time
        until = clock() + ANSWERED_WITHIN_S
        while clock() < until:
            if (known := await self.store.command_known(incoming.command_id)) is not None:
                if known.answer.get("content", "") != content_of(incoming):
                    raise Conflict(incoming.command_id)
                return known
            await asyncio.sleep(_LOOK_EVERY_S)
        return None


async def keep_told(tx: Tx, incoming: Incoming, key: str, text: str, now: int) -> None:
    """What a person is told whose words were no command, for the device to come for."""
    kept = to_json(Answer(False, key, text=text))
    kept |= {"content": content_of(incoming), "verb": None, "heard": incoming.text}
    await tx.add_command(incoming.command_id, incoming.sender.id, "", (), kept, now)


def content_of(incoming: Incoming) -> str:
    """By which a device's repeat is told from something else under the same id."""
    if incoming.channel != INTERCOM:
        return ""
    return incoming.media[0].ref if incoming.media else incoming.data
