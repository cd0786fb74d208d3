"""Voice notes as words: which are listened to, and how they come to say something.

A note is stored before it is listened to, like everything that comes in; a crash while it is being
listened to means that it is listened to again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.casework import READ_BACK, Core
from bot.casework.heard import HEARD
from bot.domain.command import Command, Verb
from bot.domain.error import Refused
from bot.domain.message import Incoming
from bot.ports import InboxRow, Recording, Transcriber, Transcript
from handlers.voicenotes import VoiceNotes, awaited, recording_of

_LATELY_MS = 10 * 60_000
_OFTEN = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """A note with its words: `incoming` as if somebody had typed them, but `spoken`."""

    incoming: Incoming
    transcript: Transcript
    recording: Recording


class Hearing:
    """Listens to what people say to us."""

    def __init__(self, core: Core, notes: VoiceNotes, transcriber: Transcriber) -> None:
        self._core = core
        self._notes = notes
        self._transcriber = transcriber
        self._told: dict[tuple[str, str, str], list[int]] = {}

    async def heard(self, row: InboxRow) -> Heard | None:
        """The words of a note; None where it is none, or not meant for our ears.

        Raises `Refused` with the sentence why it cannot be understood; with "" as its key where
        the person was told so often lately, in a chat where people speak among themselves.
        """
        incoming = row.incoming
        if not await self._is_ours(incoming, row.received_at):
            return None
        if missing := await self._transcriber.missing():
            if not _is_to_us(incoming):
                return None
            raise Refused("hearing.off" if missing == "-" else "hearing.missing", text=missing)
        try:
            return await self._listen(incoming)
        except Refused as deaf:
            if self._told_lately(incoming, deaf.key):
                raise Refused("") from deaf
            raise

    async def as_evidence(self, heard: Heard | None, command: Command) -> Command:
        """The command with what was said, kept: words, and the SHA-256 of the WAV file."""
        concerns = command.cases or command.verb in _ON_QUESTIONS or READ_BACK in command.args
        if heard is None or not concerns:
            return command
        kept = await self._notes.recordings.put(heard.recording.wav)
        return replace(command, args={**command.args, HEARD: _evidence(heard, kept)})

    async def _is_ours(self, incoming: Incoming, received_at: int) -> bool:
        """A member's note in a chat of ours, without a caption, and for no horn."""
        core = self._core
        member = core.people.member_of(incoming.channel, incoming.sender.id)
        note = recording_of(incoming)
        if note is None or incoming.text.strip() or member is None or incoming.sender.anonymous:
            return False
        if not incoming.chat.private and core.people.chat_config(incoming.chat) is None:
            return False
        return await awaited(core.store, incoming, member, received_at) is None

    async def _listen(self, incoming: Incoming) -> Heard:
        note = recording_of(incoming)
        assert note is not None, "only notes are listened to"
        recording = await self._notes.recording(incoming.channel, note)
        transcript = await self._transcriber.transcribe(recording)
        if transcript.refusal:
            raise Refused(transcript.refusal, **transcript.params)
        said = replace(incoming, text=transcript.text, spoken=True)
        return Heard(said, transcript, recording)

    def _told_lately(self, incoming: Incoming, key: str) -> bool:
        """Whoever speaks to us is told every time; among people not for ever the same."""
        if _is_to_us(incoming):
            return False
        now = self._core.clock()
        lately = {who: [at for at in told if now - at < _LATELY_MS]
                  for who, told in self._told.items()}  # fmt: skip
        self._told = {who: told for who, told in lately.items() if told}
        told = self._told.setdefault((incoming.chat.key, incoming.sender.id, key), [])
        if len(told) >= _OFTEN:
            return True
        told.append(now)
        return False


_ON_QUESTIONS = frozenset({Verb.CONFIRM, Verb.CANCEL})


def _is_to_us(incoming: Incoming) -> bool:
    return incoming.chat.private or incoming.reply_to_own or incoming.channel == "console"


def _evidence(heard: Heard, recording: str) -> Mapping[str, Any]:
    transcript = heard.transcript
    return {
        "recording": recording,
        "seconds": round(heard.recording.seconds, 1),
        "language": transcript.language,
        "score": round(transcript.score, 2),
        "transcript": transcript.text,
    }
