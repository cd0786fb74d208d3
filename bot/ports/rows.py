"""What the core keeps in the database, row by row, as plain values.

Times are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.domain.case import State, TimerKind
from bot.domain.message import ChatRef, Incoming

OutboxKind = Literal[
    "card",
    "digest",
    "edit",
    "text",
    "press",
    "announce",
    "direct",
    "photo",
    "alert",
    "webhook",
    "switch_on",
    "switch_off",
]
OutboxState = Literal["waiting", "done", "merged", "uncertain", "dead"]
"""`merged`: a digest shows what this row was to show."""

LANES: Mapping[str, int] = {
    "emergency": 0,
    "answer": 1,
    "serious": 2,
    "general": 3,
    "reminder": 4,
    "picture": 5,
    "last_picture": 6,
}
"""Lane -> rank; lower goes first: words before pictures, those of general cases last."""


def topic_of(kind: str) -> str:
    """The wake-up that is rung for a new row of the outbox."""
    return _TOPICS.get(kind, "outbox")


_TOPICS: Mapping[str, str] = {
    "announce": "speakers",
    "switch_on": "lights",
    "switch_off": "lights",
    "alert": "alerts",
    "webhook": "webhooks",
    "photo": "pictures",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to be delivered.  `stream` rows go strictly one after another.

    `target` is a chat's key, or the id of a speaker or actuator; `dedupe_key` may be waiting only
    once.
    """

    kind: OutboxKind
    target: str
    payload: Mapping[str, Any]
    due: int
    lane: str = "general"
    case: int | None = None
    stream: str | None = None
    dedupe_key: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An `Outgoing` in the database, with what has become of it so far."""

    id: int
    kind: OutboxKind
    target: str
    payload: Mapping[str, Any]
    lane: str
    case: int | None
    stream: str | None
    state: OutboxState
    due: int | None
    attempts: int
    created_at: int
    unsure: bool = False
    outcome: Mapping[str, Any] | None = None
    finished_at: int | None = None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Which rows of the outbox are meant that are not done: all, but for what is given.

    `target` is a chat's key, which means its topics too, or the id of a speaker or alert.
    """

    states: tuple[OutboxState, ...] = ("waiting", "uncertain", "dead")
    target: str | None = None
    case: int | None = None
    ids: tuple[int, ...] = ()
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A stored `Incoming` that waits for its turn among those of the same `queue`."""

    id: int
    queue: str
    incoming: Incoming
    attempts: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Copy:
    """One message that shows a case, or all cases of a digest.

    `shown` is the version (of a digest: the revision) it shows, `wanted` the newest.  `repeat`: it
    may be the second one, and says so for as long as it stands.
    """

    id: int
    case: int | None
    chat: ChatRef
    message_id: str
    has_picture: bool
    shown: int
    wanted: int
    lost: bool = False
    digest: int | None = None
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """Cases that share one message in a chat because their cards came too thick.

    `target` is the chat's key; `revision` counts what has changed in it, lines and cases.
    """

    id: int
    target: str
    private: bool
    opened_at: int
    joined_at: int
    revision: int
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A command that waits for its person's word: carried out by the same person, there, in time.

    `seqs` are the states of `cases` that it was asked about.
    """

    id: int
    chat: str
    member: str
    verb: str
    cases: tuple[int, ...]
    seqs: tuple[int, ...]
    reason: str
    args: Mapping[str, Any]
    asked_at: int
    expires_at: int
    answered_at: int | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A clock that runs out at `due`."""

    id: int
    case: int
    kind: TimerKind
    due: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What an audit entry says; `private` (names, words, pictures) is kept apart, salted."""

    at: int
    event: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    private: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry in its chain; `facts` is what it seals of the case (see `bot.domain.evidence`)."""

    case: int
    n: int
    entry: Entry
    hash: str
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A seal over all chains: its number, when it was taken, the highest case number then.

    `witness` is the short hash that people are told, such as `3f9a-71c2-0b5e`.
    """

    n: int
    at: int
    cases: int
    witness: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a case: kind is annotated, blurred, clean, after, evidence, clip or
    recording (what a person said, a WAV file).

    `erased_at`: its file was let go of by rule, and may be gone.
    """

    case: int
    kind: str
    sha256: str
    at: int
    by: str | None = None
    erased_at: int | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """What a transaction of this process has taught; `value` None: it is forgotten."""

    kind: str
    key: str
    value: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report that was answered before: the digest of its content, and the answer."""

    content: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownCommand:
    """A command that was carried out before, and its answer."""

    id: str
    actor: str
    answer: Mapping[str, Any]
    at: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the HTTP API; only its digest is stored."""

    id: int
    name: str
    role: str
    sites: tuple[str, ...]
    member: str | None
    digest: str
    created_at: int
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; `before` is a case number to page on from, exclusive.

    `canaries`: tests of delivery instead, which no other list shows.
    """

    sites: tuple[str, ...] | None = None
    states: tuple[State, ...] | None = None
    hazard: str | None = None
    before: int | None = None
    limit: int = 50
    canaries: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Undelivered rows of one place: how many, and since when (ms) the oldest should be out.

    `place` is a chat's key, or the id of a speaker or alert; `kind` is "chat", "webhook",
    "announce", "switch" or "alert".  `pressing`: grave or an answer to somebody, or tried before in
    vain; what only waits for its turn is not, nor what is told to other systems.
    """

    place: str
    kind: str
    pressing: bool
    count: int
    since: int

    @property
    def channel(self) -> str:
        """The chat platform, or "speakers", "lights" or "alerts"."""
        names = {"announce": "speakers", "switch": "lights", "alert": "alerts"}
        return names.get(self.kind) or self.place.partition(":")[0]
