"""What the core needs from outside, as Protocols.  The composition root hands in what fulfils them.

Times are epoch milliseconds (`now()` of a `Clock`), durations in seconds.
"""

from __future__ import annotations

from bot.ports.outside import (
    AlertMessage,
    AlertPath,
    Announcer,
    Channel,
    ChannelHealth,
    Clock,
    Eyes,
    PictureDesk,
    PictureStore,
    Spoken,
    Take,
    Utterance,
    Wake,
)
from bot.ports.rows import (
    LANES,
    ApiKey,
    AuditRow,
    CaseFilter,
    Copy,
    Digest,
    Entry,
    InboxRow,
    KnownCommand,
    KnownReport,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Outgoing,
    Question,
    Snapshot,
    Timer,
    topic_of,
)
from bot.ports.store import (
    Store,
    Tx,
)

__all__ = [
    "LANES",
    "AlertMessage",
    "AlertPath",
    "Announcer",
    "ApiKey",
    "AuditRow",
    "CaseFilter",
    "Channel",
    "ChannelHealth",
    "Clock",
    "Copy",
    "Digest",
    "Entry",
    "Eyes",
    "InboxRow",
    "KnownCommand",
    "KnownReport",
    "OutboxKind",
    "OutboxRow",
    "OutboxState",
    "Outgoing",
    "PictureDesk",
    "PictureStore",
    "Question",
    "Snapshot",
    "Spoken",
    "Store",
    "Take",
    "Timer",
    "Tx",
    "Utterance",
    "Wake",
    "topic_of",
]
