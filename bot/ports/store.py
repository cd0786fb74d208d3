"""The database as the core sees it: looking at any time, changing inside one transaction.

A `Tx` is one database transaction: everything done through it becomes durable together or not at
all, and no network is touched while it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from bot.domain.case import Case, TimerKind
from bot.domain.message import ChatRef, Incoming
from bot.ports.rows import (
    AuditRow,
    CaseFilter,
    Checkpoint,
    Copy,
    Digest,
    Entry,
    InboxRow,
    KnownCommand,
    KnownReport,
    Learning,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Outgoing,
    Question,
    Snapshot,
    Timer,
    Undelivered,
    Waiting,
)
from bot.ports.share import ALL_PARTS


class Tx(Protocol):
    """One open transaction."""

    # cases
    async def next_number(self, counter: str) -> int: ...
    async def case(self, number: int) -> Case | None:
        """A case; until the transaction ends nobody else changes it."""
        ...

    async def case_holding(self, live_key: str) -> Case | None: ...
    async def latest_case_at(self, place_key: str) -> Case | None: ...
    async def live_cases(self, site: str, hazard: str) -> list[Case]:
        """Of a site; they are not locked."""
        ...

    async def add_case(self, case: Case) -> None: ...
    async def save_case(self, case: Case) -> None: ...
    async def add_entry(self, case: int, entry: Entry) -> None: ...
    async def take_checkpoint(self, now: int) -> Checkpoint | None:
        """Seal the chains of all cases as they stand; None where none has grown since the last."""
        ...

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
    async def finish_incoming(self, row: int, at: int, error: str | None = None) -> bool:
        """It is handled.  False: it was before, by somebody else."""
        ...

    # delivery
    async def send(self, *rows: Outgoing) -> None: ...
    async def was_sent(
        self, row: Outgoing, outcome: Mapping[str, Any], now: int, *, unsure: bool = False
    ) -> None:
        """The row left before it could be written: on record as done, and not sent again.

        `unsure`: nobody knows whether it left, so it waits, and will say so.  To be called before
        anything else writes a row with its `dedupe_key`; one that is there already stays.
        """
        ...

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

    async def note(self, row: OutboxRow, outcome: Mapping[str, Any]) -> bool:
        """What is known so far of a row that is under way.

        False: the claim is not ours any more.
        """
        ...

    async def let_go(self, now: int, *, case: int | None = None, target: str = "") -> int:
        """What a case, or anything, keeps switched on is due to go off; how many such holds.

        What is written in the same transaction is not among them.
        """
        ...

    async def announcements(self, case: int) -> list[OutboxRow]:
        """What was, or is to be, said aloud about a case, the oldest first."""
        ...

    async def add_copy(
        self,
        case: int,
        chat: ChatRef,
        message_id: str,
        has_picture: bool,
        shown: int,
        *,
        repeat: bool = False,
    ) -> Copy:
        """A message shows the case at version `shown`; known already: that one.

        `repeat`: it was sent once more, because nobody knows whether the first one arrived.
        """
        ...

    async def copy_shows(
        self, copy: int, shown: int, now: int, *, had_picture: bool | None = None
    ) -> None:
        """The copy shows `shown` now; if more is wanted meanwhile its edit is due again.

        An edit of words says whether the copy `had_picture` when it began: if that has changed
        meanwhile nobody knows which of the two came last, and it is edited once more.
        """
        ...

    async def copy_has_picture(self, copy: int, shown: int, now: int, *, since: int) -> None:
        """The copy shows its picture now, and the case at `shown`.

        It showed `since` when that began: words that were edited meanwhile may have come last.
        """
        ...

    async def lose_copy(self, copy: int) -> None:
        """The message is gone; it is not edited any more."""
        ...

    async def lose_copies(self, chat: ChatRef) -> list[int]:
        """Every message of a chat is gone; the numbers of the cases that were shown there."""
        ...

    async def revive_chat(self, chat: ChatRef, now: int) -> int:
        """Cards and pictures of live cases that the chat refused are due again; how many."""
        ...

    # digests
    async def waiting_rows(self, target: str, kind: OutboxKind, limit: int) -> list[OutboxRow]:
        """What waits for that chat and nobody is delivering, emergencies apart, oldest first.

        Nothing that may have arrived already: it is sent again as itself, and says so.
        """
        ...

    async def open_digest(self, target: str, since: int, room: int) -> Digest | None:
        """The chat's newest digest if it was joined since, and has fewer than `room` lines.

        Until the transaction ends nobody else changes it.
        """
        ...

    async def add_digest(self, target: str, private: bool, now: int) -> Digest: ...
    async def join_digest(self, digest: int, cases: Sequence[int], now: int) -> None:
        """The digest shows these cases too, in its message's next edit."""
        ...

    async def end_digest(self, digest: int) -> None:
        """No further case joins it."""
        ...

    async def merge(self, row: OutboxRow, outcome: Mapping[str, Any], now: int) -> bool:
        """Another message shows what the row was to show; one of its own may follow later.

        False: somebody is delivering it, or has.
        """
        ...

    async def add_digest_copy(
        self,
        digest: int,
        chat: ChatRef,
        message_id: str,
        has_picture: bool,
        shown: int,
        now: int,
        *,
        repeat: bool = False,
    ) -> None:
        """A message shows the digest at revision `shown`; if there is more it is edited."""
        ...

    async def places_showing(self, case: int) -> set[str]:
        """The chats (by key) in which a card or a digest shows the case."""
        ...

    # questions
    async def ask(self, question: Question) -> int:
        """Keep a question (its `id` is not looked at); the id it got."""
        ...

    async def question(self, id: int) -> Question | None:
        """A question; until the transaction ends nobody else answers it."""
        ...

    async def last_question(self, chat: str, member: str) -> Question | None: ...
    async def waiting_questions(self, chat: str, member: str, now: int) -> list[Question]:
        """What was put to the member in that chat and can still be answered."""
        ...

    async def answer(self, question: int, now: int) -> None: ...

    # clocks
    async def rebase(self, jump: int, now: int, true: Mapping[int, int]) -> None:
        """The clock jumps by `jump` ms to `now`: what waits and what runs moves along.

        But for the timers in `true` (id -> due), which were set by a clock that was right.
        """
        ...

    async def set_timer(self, case: int, kind: TimerKind, due: int) -> None: ...
    async def take_timers(self, timers: Collection[Timer]) -> list[Timer]:
        """Take clocks that ran out away, and lock their cases, in the order of their numbers.

        Those that were stopped or set anew meanwhile are missing.
        """
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
