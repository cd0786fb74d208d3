"""A command: one person wants one thing done, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.message import ChatRef, Media


class Verb(StrEnum):
    """Everything a person can ask for; the first group changes a case."""

    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"
    RECTIFIED = "rectified"
    VERIFY = "verify"
    CLOSE = "close"
    ESCALATE = "escalate"
    FALSE_ALARM = "false_alarm"
    REOPEN = "reopen"
    UNDO = "undo"
    ASSIGN = "assign"
    DISPUTE = "dispute"

    CASES = "cases"
    CASE = "case"
    STATUS = "status"
    REPORT = "report"
    CAMERAS = "cameras"
    SNAPSHOT = "snapshot"
    DUTY = "duty"
    HANDOVER = "handover"
    ANNOUNCEMENTS = "announcements"

    SAY = "say"
    LIGHT = "light"
    MUTE = "mute"
    UNMUTE = "unmute"
    HAZARD = "hazard"
    SOS = "sos"

    CARD = "card"
    CONFIRM = "confirm"
    CANCEL = "cancel"

    LINK = "link"
    WHOAMI = "whoami"
    CHATID = "chatid"
    HELP = "help"
    LANGUAGE = "language"


CASE_VERBS = frozenset(
    {
        Verb.ACKNOWLEDGE,
        Verb.ARRIVE,
        Verb.RECTIFIED,
        Verb.VERIFY,
        Verb.CLOSE,
        Verb.ESCALATE,
        Verb.FALSE_ALARM,
        Verb.REOPEN,
        Verb.UNDO,
        Verb.ASSIGN,
        Verb.DISPUTE,
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and by which way; `member` is None for the program itself."""

    member: str | None
    name: str
    via: str = ""

    @property
    def id(self) -> str:
        """The member's id, or `system`."""
        return self.member or "system"


SYSTEM = Actor(None, "system", "clock")


@dataclass(frozen=True, slots=True)
class Command:
    """One act of one person, carried out at most once under `id`.

    `sent_at` is epoch milliseconds by the sender's platform; `seq` is the state's sequence number
    that the person saw (buttons only).  `passed` is the verdict of a verification.  `args` holds
    what only one verb needs (person to assign, minutes to mute, speaker, text).  `content` is the
    digest by which a repeat is told from another command under the same id, where ids are foreign.
    """

    id: str
    actor: Actor
    verb: Verb
    sent_at: int
    cases: tuple[int, ...] = ()
    reason: str = ""
    seq: int | None = None
    passed: bool = True
    chat: ChatRef | None = None
    media: tuple[Media, ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    content: str = ""
