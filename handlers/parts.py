"""What handling chats is handed by the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.casework import Casework, Core
from bot.casework.resort import NoResort, Resort
from bot.ports import (
    Channel,
    NoTranscriber,
    PictureDesk,
    PictureStore,
    Pronounce,
    Share,
    Transcriber,
    Wake,
    Whole,
    spelt,
)
from handlers.voicenotes import VoiceNotes


class Invites(Protocol):
    """Codes that tie an account to a member."""

    async def redeem_invite(self, code: str, by: str, now: int) -> str | None: ...


@dataclass(frozen=True)
class ChatParts:
    """What each of its modules takes what it needs from."""

    core: Core
    casework: Casework
    channels: Mapping[str, Channel]
    invites: Invites
    desk: PictureDesk
    pictures: PictureStore
    voices: VoiceNotes
    wake: Wake
    share: Share = field(default_factory=Whole)
    resort: Resort = field(default_factory=NoResort)
    transcriber: Transcriber = field(default_factory=NoTranscriber)
    pronounce: Pronounce = spelt
