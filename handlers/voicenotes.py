"""Recordings that come with people's wishes: fetched from the platform, decoded safely, kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.casework.talking import AWAITED, awaited_key
from bot.domain.command import Command, Verb
from bot.domain.error import DeliveryError, Refused
from bot.domain.message import Incoming, Media
from bot.domain.recording import LONGEST_S, MOST_BYTES
from bot.domain.site import Member
from bot.ports import Recording, RecordingDesk, RecordingStore, Store
from handlers.fetching import Fetches, fetched
from handlers.utterance import Utterance
from handlers.words import parse

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VoiceNotes:
    """Puts what people said in their own voice into commands."""

    channels: Mapping[str, Fetches]
    desk: RecordingDesk
    recordings: RecordingStore

    async def with_recording(self, incoming: Incoming, command: Command) -> Command:
        """The command with `recording` (SHA-256 of a WAV file) and `seconds`, where one came.

        Raises `Refused` for a recording that cannot be had or used: nothing is done then.
        """
        note = recording_of(incoming)
        if note is None or command.verb is not Verb.SAY or incoming.spoken:
            return command
        recording = await self.recording(incoming.channel, note)
        if not recording.audible:  # a horn would play it, and be said to have spoken
            raise Refused("recording.empty")
        kept = {
            "recording": await self.recordings.put(recording.wav),
            "seconds": f"{recording.seconds:.1f}",
        }
        return replace(command, args={**command.args, **kept})

    async def recording(self, channel: str, note: Media) -> Recording:
        """What is heard in a note; raises `Refused` before it is fetched where it is too much."""
        if (note.seconds or 0) > LONGEST_S:
            raise Refused("recording.too_long")
        if (note.size or 0) > MOST_BYTES:
            raise Refused("recording.too_large")
        try:
            data = await fetched(self.channels[channel], note, MOST_BYTES)
        except DeliveryError as error:
            log.warning("a recording could not be had: %s", error)
            raise Refused("recording.unfetched") from error
        return await self.desk.decode(data)


def recording_of(incoming: Incoming) -> Media | None:
    """The recording that somebody sent."""
    return next((one for one in incoming.media if one.kind in ("voice", "audio")), None)


async def awaited(
    store: Store, incoming: Incoming, member: Member | None, now: int
) -> Utterance | None:
    """What a voice note means: to speak on the horn that its caption names or that awaits it."""
    if member is None or incoming.spoken or recording_of(incoming) is None:
        return None
    if incoming.text.strip():
        said = parse(f"/{incoming.text.strip()}", reply=False, bot=incoming.bot)
        return said if said is not None and said.verb is Verb.SAY else None
    found = await store.learned(AWAITED, awaited_key(incoming.chat, member.id))
    if found is None or found["until"] < now:
        return None
    wish = {"speaker": found["speaker"], "force": found["force"]}
    return Utterance(Verb.SAY, tuple(found["cases"]), args=wish)
