"""The database as the core sees it: looking at any time, changing inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from bot.domain.case import Case
from bot.domain.message import ChatRef, Incoming
from bot.ports.rows import (
    AuditRow,
    CaseFilter,
    Checkpoint,
    Copy,
    Digest,
    InboxRow,
    KnownCommand,
    Learning,
    OutboxRow,
    Snapshot,
    Timer,
    Undelivered,
    Waiting,
)
from bot.ports.share import ALL_PARTS
from bot.ports.tx import Tx


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
    async def latest_checkpoint(self) -> Checkpoint | None: ...
    async def snapshots(self, case: int) -> list[Snapshot]: ...
    async def erased_at(self, picture: str) -> int | None:
        """When (ms) a picture or clip, by its SHA-256, went by rule; None where it did not."""
        ...

    async def holding(self, live_key: str) -> Case | None:
        """The case that holds a live key."""
        ...

    async def latest_at(self, place_key: str) -> Case | None:
        """The last case of a place."""
        ...

    async def copies(self, case: int) -> list[Copy]: ...
    async def copy_at(self, chat: ChatRef, message_id: str) -> Copy | None: ...
    async def get_cases(self, numbers: Collection[int]) -> list[Case]:
        """These cases, in the order of their numbers."""
        ...

    async def is_asked(self, chat: str, member: str, now: int) -> bool:
        """Whether a question put to the member in that chat waits for an answer."""
        ...

    async def get_digest(self, id: int) -> Digest | None: ...
    async def digest_copies(self, case: int) -> list[Copy]:
        """The messages of the digests that show the case."""
        ...

    async def get_copy(self, id: int) -> Copy | None: ...
    async def words_about(self, chat: ChatRef, message_id: str, since: int) -> int | None:
        """The one case that a sentence of ours in a chat, not older than `since`, was about."""
        ...

    def on_learned(self, listener: Callable[[Learning], None]) -> None:
        """Call it with what is learned here, once that is committed."""
        ...

    async def learned(self, kind: str, key: str) -> Mapping[str, Any] | None: ...

    async def all_learned(self, kind: str) -> dict[str, Mapping[str, Any]]: ...

    # inbox
    async def take_in(self, incoming: Incoming, now: int, queue: str = "") -> bool:
        """Store what came in, in its chat's queue or another; False if it was there already."""
        ...

    async def command_known(self, id: str) -> KnownCommand | None:
        """What a command was answered, if it was."""
        ...

    async def waiting_incoming(
        self, limit: int, parts: Collection[int] = ALL_PARTS, busy: Collection[str] = ()
    ) -> list[InboxRow]:
        """What waits in the chats of these parts, the oldest first, and not in a `busy` queue."""
        ...

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
        parts: Collection[int] = ALL_PARTS,
    ) -> list[OutboxRow]:
        """Rows of these kinds that are due, first in their stream, now leased until `now + lease`.

        Of these parts only: whoever has a part is the only one to claim from it.

        Targets that are `busy` get nothing but emergencies.
        """
        ...

    async def renew(self, ids: Collection[int], until: int) -> None:
        """Rows that are still being worked on stay leased until then."""
        ...

    async def take_over(self, now: int) -> int:
        """What was being delivered when the only process died need not wait for its lease.

        The number of such rows.
        """
        ...

    async def release(self, row: OutboxRow, due: int) -> None:
        """Give a claimed row back untried; it is due again at `due`."""
        ...

    async def held_on(self, target: str, now: int, *, but: int | None = None) -> bool:
        """Whether an actuator is to be on: a row is to switch it off later.

        With `but`, the row that is about to switch it off: another is to, and will do so later.
        """
        ...

    async def next_due(
        self, kinds: Collection[str], parts: Collection[int] = ALL_PARTS
    ) -> int | None:
        """When the next row of these kinds can be claimed."""
        ...

    async def waiting(self, now: int) -> list[Waiting]:
        """What should have gone out by now, counted by place, and the gravest apart."""
        ...

    async def inbox_waiting(self) -> tuple[int, int | None]:
        """How many messages nobody has handled yet, and since when the oldest waits."""
        ...

    async def undelivered(self, which: Undelivered | None = None) -> list[OutboxRow]:
        """Dead letters, uncertain sends, and what still waits, the oldest first."""
        ...

    async def retry(
        self, which: Undelivered, now: int, by: str = ""
    ) -> tuple[list[OutboxRow], list[OutboxRow]]:
        """Make what was given up, or is uncertain, due again; noted on its cases, with `by` whom.

        Second are those that are of no use any more, and stay as they are.
        """
        ...

    async def sent_since(
        self, since: int, kinds: Collection[str], parts: Collection[int] = ALL_PARTS
    ) -> list[tuple[str, int | None]]:
        """(target, finished_at) of what was, or may have been, delivered since; None: under way.

        The pacing is seeded from it.
        """
        ...

    async def said_since(self, since: int) -> list[tuple[str, int, str]]:
        """(speaker, when, lane) of the announcements that have sounded since, or may have.

        What was said once for several is there once. The limits an hour are seeded from it.
        """
        ...

    # clocks
    async def due_timers(self, now: int, limit: int) -> list[Timer]: ...
    async def next_timer(self) -> int | None: ...

    async def newest(self) -> int | None:
        """When the last thing was noted in any case's history."""
        ...

    async def pull_in(self, now: int, ahead: int) -> int:
        """What would be sent only in more than `ahead` ms is due now; how much that is."""
        ...
