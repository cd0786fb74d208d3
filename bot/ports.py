"""What the core needs from outside, as Protocols.  The composition root hands in what fulfils them.

Times are epoch milliseconds (`now()` of a `Clock`), durations in seconds.  A `Tx` is one database
transaction: everything done through it becomes durable together or not at all, and no network is
touched while it is open.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.domain.case import Case, State, TimerKind
from bot.domain.message import Capabilities, ChatRef, Incoming, Media, Picture, Post, Sent
from bot.domain.report import Shot

Clock = Callable[[], int]
"""Now, in epoch milliseconds."""

Take = Callable[[Incoming], Awaitable[None]]
"""Stores what a person did; when it returns, the platform may be told that it has arrived."""


# --- chat platforms ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """What a channel says of itself: who it is there, and one repair sentence per fault."""

    ok: bool
    identity: str = ""
    faults: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Channel(Protocol):
    """A chat platform, both ways.  Every method raises only `bot.domain.error.DeliveryError`s.

    `key` is an idempotency key: a platform that honours one gets it, so that sending again under
    the same key delivers once.
    """

    name: str
    capabilities: Capabilities

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        """Post a message; returns when the platform has it."""
        ...

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        """Make a sent message say `post`, and show `picture` if given; "unchanged" is success."""
        ...

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a button press; too late is success, there is nobody left to answer."""
        ...

    async def fetch(self, media: Media, limit: int) -> bytes:
        """The bytes of what came with a message, at most `limit` of them."""
        ...

    async def receive(self, take: Take) -> None:
        """Receive until cancelled; an update is acknowledged only after `take` has returned."""
        ...

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        """Probe the platform and the chats, without posting anything; faults in `language`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# --- voice, eyes, pictures ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoken:
    """What became of an announcement at one speaker; `outcome` is "spoken" only with proof."""

    speaker: str
    outcome: str
    seconds: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence for one speaker.  Not started by `expires_at` (ms), it is never spoken."""

    id: str
    speaker: str
    text: str
    language: str
    severity: str
    style: str
    expires_at: int


class Announcer(Protocol):
    """Says sentences on site speakers; returns when it is known what became of it."""

    async def announce(self, utterance: Utterance) -> Spoken: ...


class Eyes(Protocol):
    """The cameras' last seconds."""

    def frame_near(self, camera: str, at: int) -> Awaitable[Shot | None]:
        """The frame nearest to `at` (ms), if the camera still has one near it."""
        ...


class PictureStore(Protocol):
    """Content-addressed pictures; writing is atomic, names are SHA-256 in hex."""

    async def put(self, jpeg: bytes) -> str: ...

    async def get(self, sha256: str) -> bytes | None: ...


class PictureDesk(Protocol):
    """Decodes foreign bytes safely into clean JPEGs; raises `BadInput`."""

    async def sanitise(self, data: bytes) -> Picture: ...


# --- waking up --------------------------------------------------------------------------------


class Wake(Protocol):
    """Tells other loops (and other processes) that there is work; never the truth itself."""

    def ring(self, topic: str) -> None: ...

    async def wait(self, topic: str, timeout: float) -> None:
        """Return when `topic` was rung since the last wait, or after `timeout` seconds."""
        ...


# --- rows -------------------------------------------------------------------------------------

OutboxKind = Literal["card", "edit", "text", "press", "announce", "direct", "alert", "webhook"]
OutboxState = Literal["waiting", "done", "uncertain", "dead"]

LANES: Mapping[str, int] = {"emergency": 0, "answer": 1, "serious": 2, "general": 3, "reminder": 4}
"""Lane -> rank; lower goes first."""


def topic_of(kind: str) -> str:
    """The wake-up that is rung for a new row of the outbox."""
    return "speakers" if kind == "announce" else "outbox"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to be delivered.  `stream` rows go strictly one after another.

    `target` is a chat's key or a speaker's id; `dedupe_key` may be waiting only once.
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
class InboxRow:
    """A stored `Incoming` that waits for its turn."""

    id: int
    incoming: Incoming
    attempts: int
    received_at: int


@dataclass(frozen=True, slots=True)
class Copy:
    """One message that shows a case: `shown` is the version it shows, `wanted` the newest."""

    id: int
    case: int
    chat: ChatRef
    message_id: str
    has_picture: bool
    shown: int
    wanted: int
    lost: bool = False


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
    """An entry in its chain."""

    case: int
    n: int
    entry: Entry
    hash: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a case: kind is annotated, blurred, clean or after."""

    case: int
    kind: str
    sha256: str
    at: int
    by: str | None = None


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
    """Which cases a list shows; `before` is a case number to page on from, exclusive."""

    sites: tuple[str, ...] | None = None
    states: tuple[State, ...] | None = None
    hazard: str | None = None
    before: int | None = None
    limit: int = 50


# --- the store --------------------------------------------------------------------------------


class Tx(Protocol):
    """One open transaction."""

    # cases
    async def next_number(self, counter: str) -> int: ...
    async def case(self, number: int) -> Case | None:
        """A case; until the transaction ends nobody else changes it."""
        ...

    async def case_holding(self, live_key: str) -> Case | None: ...
    async def latest_case_at(self, place_key: str) -> Case | None: ...
    async def add_case(self, case: Case) -> None: ...
    async def save_case(self, case: Case) -> None: ...
    async def add_entry(self, case: int, entry: Entry) -> None: ...
    async def add_snapshot(self, snapshot: Snapshot) -> None: ...
    async def copy_snapshots(self, case: int, to: int) -> None:
        """The pictures that a case opened with belong to another one too."""
        ...

    # reports and commands
    async def known_report(self, key: str) -> KnownReport | None: ...
    async def add_report(
        self, key: str, content: str, answer: Mapping[str, Any], case: int | None, at: int
    ) -> None: ...
    async def known_command(self, id: str) -> KnownCommand | None: ...
    async def add_command(
        self,
        id: str,
        actor: str,
        verb: str,
        cases: Sequence[int],
        answer: Mapping[str, Any],
        at: int,
    ) -> None: ...
    async def finish_incoming(self, row: int, at: int, error: str | None = None) -> None: ...

    # delivery
    async def send(self, *rows: Outgoing) -> None: ...
    async def want(self, case: int, version: int, now: int) -> None:
        """Every copy of the case is to show `version`; waiting edits are coalesced per copy."""
        ...

    async def finish(
        self, row: OutboxRow, state: OutboxState, outcome: Mapping[str, Any], now: int
    ) -> bool:
        """The row is over: done, uncertain or dead.  False: the claim is not ours any more."""
        ...

    async def postpone(
        self, row: OutboxRow, due: int, outcome: Mapping[str, Any], *, unsure: bool
    ) -> bool:
        """Try the row again at `due`; `unsure` when the last try may have been delivered.

        False: the claim is not ours any more.
        """
        ...

    async def add_copy(
        self, case: int, chat: ChatRef, message_id: str, has_picture: bool, shown: int
    ) -> Copy:
        """A message shows the case at version `shown`; known already: that one."""
        ...

    async def copy_shows(self, copy: int, shown: int, now: int) -> None:
        """The copy shows `shown` now; if more is wanted meanwhile its edit is due again."""
        ...

    async def lose_copy(self, copy: int) -> None:
        """The message is gone; it is not edited any more."""
        ...

    async def lose_copies(self, chat: ChatRef) -> list[int]:
        """Every message of a chat is gone; the numbers of the cases that were shown there."""
        ...

    # clocks
    async def set_timer(self, case: int, kind: TimerKind, due: int) -> None: ...
    async def take_timer(self, timer: Timer) -> bool:
        """Take a clock that ran out away; False if it was stopped or set anew meanwhile."""
        ...

    async def stop_timer(self, case: int, kind: TimerKind | None = None) -> None: ...

    # what the program learns
    async def learn(self, kind: str, key: str, value: Mapping[str, Any]) -> None: ...
    async def forget(self, kind: str, key: str) -> None: ...
    async def learned(self, kind: str, key: str) -> Mapping[str, Any] | None: ...


class Store(Protocol):
    """The database."""

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        """Open a transaction; commits on leaving, rolls back on an exception."""
        ...

    # looking, outside any transaction
    async def get_case(self, number: int) -> Case | None: ...
    async def list_cases(self, which: CaseFilter) -> list[Case]: ...
    async def live_keys(self, camera: str) -> list[Case]: ...
    async def history(self, case: int) -> list[AuditRow]: ...
    async def deliveries(self, case: int) -> list[OutboxRow]: ...
    async def snapshots(self, case: int) -> list[Snapshot]: ...
    async def copies(self, case: int) -> list[Copy]: ...
    async def copy_at(self, chat: ChatRef, message_id: str) -> Copy | None: ...
    async def get_copy(self, id: int) -> Copy | None: ...
    async def all_learned(self, kind: str) -> dict[str, Mapping[str, Any]]: ...

    # inbox
    async def take_in(self, incoming: Incoming, now: int) -> bool:
        """Store what came in; False if it was there already."""
        ...

    async def waiting_incoming(self, limit: int) -> list[InboxRow]: ...
    async def fail_incoming(self, row: int, error: str, dead: bool) -> None: ...

    # outbox
    async def claim(
        self,
        now: int,
        lease: int,
        limit: int,
        *,
        kinds: Collection[str],
        busy: Collection[str] = (),
    ) -> list[OutboxRow]:
        """Rows of these kinds that are due, first in their stream, now leased until `now + lease`.

        Targets that are `busy` get nothing but emergencies.
        """
        ...

    async def renew(self, ids: Collection[int], until: int) -> None:
        """Rows that are still being worked on stay leased until then."""
        ...

    async def release(self, row: OutboxRow, due: int) -> None:
        """Give a claimed row back untried; it is due again at `due`."""
        ...

    async def next_due(self, kinds: Collection[str]) -> int | None:
        """When the next row of these kinds can be claimed."""
        ...

    async def oldest_waiting(self) -> int | None:
        """When the oldest undelivered chat message was written; None: nothing waits."""
        ...

    async def sent_since(self, since: int, kinds: Collection[str]) -> list[tuple[str, int | None]]:
        """(target, finished_at) of what was, or may have been, delivered since; None: under way.

        The pacing is seeded from it.
        """
        ...

    # clocks
    async def due_timers(self, now: int, limit: int) -> list[Timer]: ...
    async def next_timer(self) -> int | None: ...
